"""`pychat tui`: the terminal program, on the full screen or in lines."""

from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import HallAddress, HallPort, address_of
from pychat.cli.terminal import can_draw


def tui(
    host: HallAddress,
    port: HallPort = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False, help="Be called this."),
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", help="In lines: for screen readers, scripts and terminals that cannot draw."
        ),
    ] = False,
    room: Annotated[
        str | None,
        typer.Option(metavar="ROOM", show_default=False, help="In lines: go into it at once."),
    ] = None,
) -> None:
    """Go into a Hall, on this terminal.

    Without a terminal, or on one that cannot draw, it is in lines.

    Example: pychat tui chat.lan --name ada
    """
    address = address_of("tui", host, port)
    if plain or not can_draw():
        from pychat.cli.plain import talk

        raise typer.Exit(talk(address, name, _room(room)))
    if room is not None:
        sentence = "--room is for --plain; on the full screen write /join ROOM"
        exits.fail("tui", sentence, exits.USAGE)

    from pychat.tui.start import run

    raise typer.Exit(run(address, name))


def _room(written: str | None) -> str | None:
    """Ends the program if no room can be called so."""
    from pychat.protocol import names
    from pychat.protocol.errors import Refused

    try:
        return names.check_room(written.removeprefix("#")) if written is not None else None
    except Refused as refusal:
        exits.fail("tui", refusal, exits.USAGE)
