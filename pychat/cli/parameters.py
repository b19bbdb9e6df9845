"""Parameters that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.protocol import limits

if TYPE_CHECKING:
    from pychat.client import Address

HallAddress = Annotated[
    str,
    typer.Argument(
        metavar="HOST[:PORT]", show_default=False, help="Where the Hall is: chat.lan, [::1]:4000."
    ),
]
HallPort = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=1,
        max=65_535,
        help=f"Instead of HOST:PORT.  [default: {limits.DEFAULT_PORT}]",
        show_default=False,
    ),
]
RoomName = Annotated[
    str, typer.Argument(metavar="ROOM", show_default=False, help="It comes to be if it is new.")
]
PersonName = Annotated[
    str | None,
    typer.Option(
        "--name",
        metavar="NAME",
        show_default=False,
        help="Be called this, or fail.  [default: your login name, numbered if it is taken]",
    ),
]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        show_default=False,
        help="The folder of the Hall's log.  [default: pychat's in your user data folder]",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line, for programs.")]


def data_folder(given: Path | None = None) -> Path:
    """The one given, or the user's own."""
    from platformdirs import user_data_path

    return given or user_data_path("pychat")


def address_of(command: str, host: str, port: int | None) -> "Address":
    """The address as given in one piece or two; ends the program if it is none."""
    from pychat.client import AddressError, parse_address

    try:
        address = parse_address(host)
    except AddressError as fault:
        exits.fail(command, fault, exits.USAGE)
    if port is None or port == address.port:
        return address
    if address.port != limits.DEFAULT_PORT:
        both = f"{host} and --port {port} name different ports; give one of them"
        exits.fail(command, both, exits.USAGE)
    return address._replace(port=port)
