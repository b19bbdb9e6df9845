"""`pychat web`: the terminal program in a browser."""

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import Hall, HallAddress, HallKey, NoTls, TrustNew, hall_of

if TYPE_CHECKING:
    from pychat.client import Address

_PORT = 8_000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def web(
    host: HallAddress,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Of the page; 0: a free one.")
    ] = _PORT,
    bind: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where the page is: who reaches that may see it.")
    ] = _LOOPBACK[0],
    fingerprint: HallKey = None,
    trust: TrustNew = False,
    no_tls: NoTls = False,
) -> None:
    """Go into a Hall in a browser, until Ctrl+C.

    Each tab is a person of its own, who is asked for a name. Needs pychat with its extra `web`.

    Example: pychat web chat.lan
    """
    import asyncio

    hall = hall_of("web", host, None, fingerprint, trust, no_tls)
    address = hall.address
    try:
        from pychat.web.pages import Pages
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("textual_serve", "aiohttp"):
            raise
        exits.fail(
            "web", "what serves pages is not installed: pip install 'pychat[web]'", exits.USAGE
        )
    _knock(hall)

    def opened(url: str) -> None:
        typer.echo(f"The Hall at {address} is in browsers, one person a tab, at\n\n    {url}\n")
        typer.echo(_who_gets_in(bind))

    pages = Pages(_command(address, no_tls=no_tls), bind, port, f"pychat {address}")
    try:
        asyncio.run(pages.stay_open(opened))
    except OSError as fault:
        where = f"cannot listen on {bind} port {port}: {fault.strerror or fault}"
        exits.fail("web", f"{where}. Choose another with --port or --bind.", exits.FAILED)


def _command(address: "Address", *, no_tls: bool) -> str:
    """For a shell; nothing in it is anything but a word."""
    options = ["--no-tls"] if no_tls else []
    words = [sys.executable, "-m", "pychat", "tui", *options, "--", str(address)]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _who_gets_in(bind: str) -> str:
    if bind in _LOOPBACK:
        return (
            "Only this machine reaches it, since the page has no password and no encryption: who "
            "has the address acts as you here. --bind changes that. Ctrl+C ends it."
        )
    return (
        "Whoever reaches this machine and has that address gets in and acts as you here, and it is "
        "not encrypted: give it to nobody whom you would not lend this terminal. Ctrl+C ends it."
    )


def _knock(hall: Hall) -> None:
    """Ends the program if nobody is there. Its key is remembered then, for all the tabs."""
    import asyncio

    from pychat.client import Unreachable, dial

    async def knock() -> None:
        dialled = await dial(hall.address, trust=hall.trust)
        await dialled.close()

    try:
        asyncio.run(knock())
    except Unreachable as fault:
        exits.fail("web", fault, exits.FAILED)
