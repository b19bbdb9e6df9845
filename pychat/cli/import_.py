"""`pychat import`: a room out of an export into the log of a Hall that is closed; or a whole Hall,
into a new folder or a cluster."""

import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from pychat.cli import exits, moving
from pychat.cli.parameters import DataFolder, data_folder


def import_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|DIR",
            show_default=False,
            help="An export, or - for input; with --cluster also the data folder of a Hall.",
        ),
    ],
    data: DataFolder = None,
    room: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", show_default=False, help="Into this room.  [default: as it was called]"
        ),
    ] = None,
    cluster: moving.Cluster = None,
    streams: moving.Streams = "pychat",
) -> None:
    """Add what `pychat export` wrote as JSON Lines to a log, or make a Hall of it. The Hall must be
    closed.

    What `pychat export --hall` wrote becomes a Hall of its own: in a new folder, or in a cluster
    that has none, as does the Hall of the data folder DIR.

    Example: pychat import tea.jsonl --data /srv/chat
    """
    if Path(file).is_dir():
        if cluster is None:
            text = f"{file} is a folder; a whole Hall moves from one into a cluster, with --cluster"
            exits.fail("import", text, exits.USAGE)
        moving.import_folder(Path(file), cluster, streams)
        return
    try:
        if file == "-":
            _import(sys.stdin.buffer, file, data, room, cluster, streams)
        else:
            with Path(file).open("rb") as source:
                _import(source, file, data, room, cluster, streams)
    except OSError as fault:
        exits.fail("import", f"{file} cannot be read: {fault.strerror or fault}", exits.FAILED)


def _import(
    source: BinaryIO,
    file: str,
    data: Path | None,
    room: str | None,
    cluster: str | None,
    streams: str,
) -> None:
    from pychat.server.backplane.importing import ImportRefusedError, import_room
    from pychat.server.backplane.interface import LedgerError

    if moving.is_whole(source):
        if room is not None:
            exits.fail("import", f"{file} is a whole Hall; --room goes with a room", exits.USAGE)
        moving.import_file(source, file, data_folder(data), cluster, streams)
        return
    if cluster is not None:
        text = f"{file} is no whole Hall, as `pychat export --hall` writes it; a cluster takes that"
        exits.fail("import", text, exits.REFUSED)
    try:
        done = import_room(data_folder(data) / "hall.db", source, room)
    except ImportRefusedError as refusal:
        exits.fail("import", f"nothing was imported from {file}\n{refusal}", exits.REFUSED)
    except LedgerError as fault:
        exits.fail("import", fault, exits.FAILED)
    told = f"{done.room}: {done.added:,} events added, {done.known:,} were there already"
    if done.left_out:
        told += f", {done.left_out:,} left out, as the messages that they change are gone"
    typer.echo(told)
