"""`pychat tui`: the terminal program."""

from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import HallAddress, HallPort, address_of
from pychat.cli.terminal import on_terminal

if TYPE_CHECKING:
    from pychat.client import Address


def tui(
    host: HallAddress,
    port: HallPort = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False, help="Be called this."),
    ] = None,
) -> None:
    """Go into a Hall, on this terminal.

    Example: pychat tui chat.lan --name ada
    """
    address = address_of("tui", host, port)
    if not on_terminal():
        # Who asks from a script whether the Hall is there is told that first.
        _knock(address)
        sentence = (
            "this is no terminal; `pychat send` and `pychat tail` work without one, "
            "see `pychat send --help`"
        )
        exits.fail("tui", sentence, exits.USAGE)

    from pychat.tui.start import run

    raise typer.Exit(run(address, name))


def _knock(address: "Address") -> None:
    """Ends the program if nobody is there."""
    import asyncio

    from pychat.client import Unreachable, dial

    async def knock() -> None:
        dialled = await dial(address)
        await dialled.close()

    try:
        asyncio.run(knock())
    except Unreachable as fault:
        exits.fail("tui", fault, exits.FAILED)
