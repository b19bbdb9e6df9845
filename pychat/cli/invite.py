"""`pychat invite`: one line that lets somebody in, and makes sure that it is this Hall."""

from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import DataFolder, data_folder

_DAY = 24 * 3600
"""Seconds."""


def invite(
    room: Annotated[
        str | None,
        typer.Argument(metavar="[ROOM]", show_default=False, help="To be gone into at once."),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="HOST[:PORT]",
            show_default=False,
            help="By which people reach this machine.  [default: the address that it has on its "
            "way to others]",
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            min=1, max=365, metavar="N", show_default=False, help="Good for so long, not for ever."
        ),
    ] = None,
    uses: Annotated[int, typer.Option(min=1, max=1_000, help="Good for so many people.")] = 1,
    data: DataFolder = None,
) -> None:
    """Print an address to be passed on, of the Hall that is open on this machine.

    It has the Hall's key, so that nobody can be in between, and where the Hall does not let
    everybody in what lets a stranger in: give it only to whom you mean.

    Example: pychat tui "$(ssh chat.lan pychat invite tea)"
    """
    from msgspec.structs import replace

    from pychat.cli.console import ask
    from pychat.client import AddressError, parse_address
    from pychat.protocol import limits, names
    from pychat.protocol.errors import Refused
    from pychat.server.inviting import NotServingError, find, invitation

    folder = data_folder(data)
    try:
        place = None if host is None else parse_address(host)
        checked = None if room is None else names.check_room(room.removeprefix("#"))
        hall = find(folder)
    except (AddressError, Refused) as fault:
        exits.fail("invite", fault, exits.USAGE)
    except NotServingError as fault:
        exits.fail("invite", fault, exits.UNREACHABLE)
    if place is not None:
        port = hall.port if place.port == limits.DEFAULT_PORT else place.port
        hall = replace(hall, host=place.host, port=port)
    seconds = days and days * _DAY
    made = ask(folder, "admit", command="invite", seconds=seconds, uses=uses, if_needed=True)
    typer.echo(invitation(hall)._replace(room=checked, token=made["token"]))
