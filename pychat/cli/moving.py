"""What `pychat import` and `pychat export` do with a whole Hall."""

import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NoReturn

import typer

from pychat.cli import exits
from pychat.cli.parameters import listed

if TYPE_CHECKING:
    from pychat.server.backplane.jetstream.link import Link
    from pychat.server.moving.whole import WholeHall

Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="NATS,...",
        show_default=False,
        help="The Hall that these NATS servers have (nats://HOST:PORT), in place of a folder's.",
    ),
]
Streams = Annotated[
    str, typer.Option(metavar="NAME", help="With --cluster: what the Hall's streams begin with.")
]


def is_whole(source: BinaryIO) -> bool:
    """Whether a whole Hall comes there, and not a room. Nothing is read by that."""
    from pychat.server.moving.form import BEGINNING

    peek: Callable[[int], bytes] | None = getattr(source, "peek", None)
    return peek is not None and peek(len(BEGINNING)).startswith(BEGINNING)


def import_file(source: BinaryIO, name: str, folder: Path, cluster: str | None, to: str) -> None:
    """A whole Hall out of a file, into a new folder or a cluster."""
    from pychat.server.moving import form

    with _faults("import", f"nothing was imported from {name}\n"):
        hall = form.read(source)
        if cluster is not None:
            _into_cluster(hall, cluster, to)
        else:
            _into_folder(hall, folder)


def import_folder(data: Path, cluster: str, to: str) -> None:
    """The Hall of a folder into a cluster."""
    from pychat.server.moving import folder

    with _faults("import", ""), folder.opened(data) as hall:
        _into_cluster(hall, cluster, to)


def export(
    folder: Path, cluster: str | None, to: str, write: "Callable[[WholeHall], None]"
) -> None:
    """The Hall of a folder or of a cluster, given to `write`."""
    if cluster is None:
        from pychat.server.moving import folder as folders

        with _faults("export", ""), folders.opened(folder) as hall:
            write(hall)
            _tell_what_stays(hall)
        return

    async def out(link: "Link") -> None:
        from pychat.server.moving import out_of_cluster

        with tempfile.TemporaryDirectory(prefix="pychat-") as scratch:
            async with out_of_cluster.opened(link, to, Path(scratch)) as hall:
                write(hall)
                _tell_what_stays(hall)

    with _faults("export", ""):
        _linked("export", cluster, out)


def _into_folder(hall: "WholeHall", data: Path) -> None:
    from pychat.server.moving import folder

    count = folder.put(data, hall)
    typer.echo(f"{data}: {count:,} events in {len(hall.rooms):,} rooms, and who is known")


def _into_cluster(hall: "WholeHall", servers: str, to: str) -> None:
    async def put(link: "Link") -> None:
        from pychat.server.moving import into_cluster

        done = await into_cluster.put(link, to, hall)
        typer.echo(f"{to}: {done.events:,} events in {len(hall.rooms):,} rooms, and who is known")
        if done.left_out:
            text = f"left out: {done.left_out:,} older messages of rooms of two"
            typer.echo(f"{text}; a cluster keeps the newest of each")
        _tell_what_stays(hall)

    _linked("import", servers, put)


def _tell_what_stays(hall: "WholeHall") -> None:
    from pychat.protocol.text import clean_line

    for sentence in hall.stays:
        typer.echo(clean_line(f"stays: {sentence}"), err=True)


def _linked(
    command: str, servers: str, work: "Callable[[Link], Coroutine[Any, Any, None]]"
) -> None:
    import asyncio
    import logging

    try:
        from pychat.server.backplane.jetstream.link import Link
    except ModuleNotFoundError as fault:
        text = f"a cluster needs the package {fault.name}: install pychat[cluster]"
        exits.fail(command, text, exits.FAILED)
    # What the connection reports is told by the errors.
    logging.getLogger("pychat.cluster").addHandler(logging.NullHandler())

    async def run() -> None:
        async with _open(Link(listed(servers), f"pychat {command}")) as link:
            await work(link)

    asyncio.run(run())


@contextlib.asynccontextmanager
async def _open(link: "Link") -> "AsyncIterator[Link]":
    await link.open()
    try:
        yield link
    finally:
        await link.close()


@contextlib.contextmanager
def _faults(command: str, nothing: str) -> Iterator[None]:
    """End the program with a sentence. `nothing` is what has become of it."""
    from pychat.server.backplane.interface import LedgerError, RegistryError
    from pychat.server.moving.whole import MoveError

    def fail(fault: Exception, code: int) -> NoReturn:
        exits.fail(command, f"{nothing}{fault}", code)

    try:
        yield
    except MoveError as fault:
        fail(fault, exits.REFUSED)
    except (LedgerError, RegistryError) as fault:
        fail(fault, exits.FAILED)
    except BrokenPipeError:
        exits.forget_output()
    except Exception as fault:
        if not _is_link_error(fault):
            raise
        fail(fault, exits.FAILED)


def _is_link_error(fault: Exception) -> bool:
    """Without loading what knows of it."""
    linking = sys.modules.get("pychat.server.backplane.jetstream.link")
    return linking is not None and isinstance(fault, linking.LinkError)
