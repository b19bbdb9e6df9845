"""`pychat key`: the key of this machine, and what leads to one's name in a Hall."""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import (
    AsJson,
    Hall,
    HallAddress,
    HallKey,
    HallPort,
    TrustNew,
    hall_of,
)

if TYPE_CHECKING:
    from pychat.client import Client

key = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The key by which Halls know you, and the ways to your name.",
)

OwnName = Annotated[
    str | None,
    typer.Option(
        "--name", metavar="NAME", show_default=False, help="Yours.  [default: your login name]"
    ),
]
ByPassphrase = Annotated[
    bool,
    typer.Option(
        "--passphrase",
        help="Come by the name's passphrase, since the Hall does not know this machine's key yet. "
        "It is asked for, or the first line of standard input.",
    ),
]
SomeKey = Annotated[
    str, typer.Argument(metavar="KEY", show_default=False, help="As `pychat key show` prints it.")
]


@key.command()
def show() -> None:
    """Print the public key of this machine; it is made if there is none.

    Its private half never leaves this machine.
    """
    from pychat.client import Identity, IdentityError

    try:
        typer.echo(Identity().key)
    except IdentityError as fault:
        exits.fail("key show", fault, exits.FAILED)


@key.command("list")
def list_(
    host: HallAddress,
    port: HallPort = None,
    name: OwnName = None,
    passphrase: ByPassphrase = False,
    fingerprint: HallKey = None,
    trust: TrustNew = False,
    as_json: AsJson = False,
) -> None:
    """List the keys that lead to your name in that Hall: key, label, since when, last used."""

    async def do(client: "Client") -> None:
        import msgspec

        from pychat.cli import output
        from pychat.protocol.text import clean_line

        found = await client.keys.list()
        for each in found.keys:
            if as_json:
                output.write(msgspec.json.encode(each).decode())
                continue
            used = _day(each.used) if each.used else "never"
            words = f"{clean_line(each.key)}  {_day(each.added)}  {used}  {clean_line(each.label)}"
            output.write(words.rstrip())
        if found.passphrase and not as_json:
            output.write("and a passphrase")

    _as_owner("key list", hall_of("key list", host, port, fingerprint, trust), name, passphrase, do)


@key.command()
def add(
    host: HallAddress,
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]",
            show_default=False,
            help="As `pychat key show` prints it on the other machine; without it this one's, "
            "which takes --passphrase.",
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="TEXT", show_default=False, help="What it is called: the machine."),
    ] = None,
    port: HallPort = None,
    name: OwnName = None,
    passphrase: ByPassphrase = False,
    fingerprint: HallKey = None,
    trust: TrustNew = False,
) -> None:
    """Let another machine's key lead to your name in that Hall.

    Example: pychat key add chat.lan "$(ssh laptop pychat key show)" --label laptop
    """

    async def do(client: "Client") -> None:
        import platform

        from pychat.client import Identity

        own = platform.node() if new is None else ""
        await client.keys.add(new or Identity().key, own if label is None else label)

    _as_owner("key add", hall_of("key add", host, port, fingerprint, trust), name, passphrase, do)


@key.command()
def revoke(
    host: HallAddress,
    old: SomeKey,
    port: HallPort = None,
    name: OwnName = None,
    passphrase: ByPassphrase = False,
    fingerprint: HallKey = None,
    trust: TrustNew = False,
) -> None:
    """Let a key lead to your name no more; who is there by it has to go."""

    async def do(client: "Client") -> None:
        await client.keys.revoke(old)

    hall = hall_of("key revoke", host, port, fingerprint, trust)
    _as_owner("key revoke", hall, name, passphrase, do)


@key.command("passphrase")
def passphrase_(
    host: HallAddress,
    port: HallPort = None,
    name: OwnName = None,
    remove: Annotated[bool, typer.Option("--remove", help="Have none any more.")] = False,
    fingerprint: HallKey = None,
    trust: TrustNew = False,
) -> None:
    """Set a passphrase as another way to your name. It is asked for, or read from a pipe."""
    text = None if remove else _ask_twice()

    async def do(client: "Client") -> None:
        await client.keys.set_passphrase(text)

    hall = hall_of("key passphrase", host, port, fingerprint, trust)
    _as_owner("key passphrase", hall, name, False, do)


def _as_owner(
    command: str,
    hall: Hall,
    name: str | None,
    by_passphrase: bool,
    do: Callable[["Client"], Awaitable[None]],
) -> None:
    from pychat.cli.entering import carry_out, login_name
    from pychat.client import Identity, IdentityError, dial, known_password

    name = name or login_name()
    if name is None:
        exits.fail(command, "your login name cannot be a name there; give --name", exits.USAGE)
    text = _ask("Passphrase: ") if by_passphrase else None

    async def main() -> None:
        async with await dial(hall.address, trust=hall.trust) as dialled:
            client = await dialled.hello(
                name,
                password=known_password(),
                identity=Identity(),
                passphrase=text,
            )
        async with client:
            await do(client)

    try:
        carry_out(command, main())
    except IdentityError as fault:
        exits.fail(command, fault, exits.FAILED)


def _ask_twice() -> str:
    text = _ask("New passphrase: ")
    if sys.stdin.isatty() and _ask("Once more: ") != text:
        exits.fail("key passphrase", "these are two; nothing was changed", exits.USAGE)
    return text


def _ask(question: str) -> str:
    """Never as an argument: others on this machine see those."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    import getpass

    return getpass.getpass(question)


def _day(time: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(time / 1000, UTC).date().isoformat()
