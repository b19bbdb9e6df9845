"""Parameters that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from pychat.cli import exits
from pychat.protocol import limits

if TYPE_CHECKING:
    from pychat.client import Address, Trust

HallAddress = Annotated[
    str,
    typer.Argument(
        metavar="HOST[:PORT]|INVITATION",
        show_default=False,
        help="Where the Hall is: chat.lan, [::1]:4000, or what `pychat invite` has printed.",
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
HallKey = Annotated[
    str | None,
    typer.Option(
        "--fingerprint",
        metavar="sha256:...",
        show_default=False,
        help="The Hall's key, as `pychat serve` prints it. Any other is refused.",
    ),
]
TrustNew = Annotated[
    bool,
    typer.Option("--trust", help="Trust a Hall that is seen for the first time, whoever it is."),
]
NoTls = Annotated[
    bool,
    typer.Option(
        "--no-tls", help="Go to a Hall without encryption: all on the way can read along."
    ),
]
RoomOfInvitation = Annotated[
    str | None,
    typer.Argument(
        metavar="ROOM",
        show_default=False,
        help="It comes to be if it is new. An invitation may say it.",
    ),
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


class Hall(NamedTuple):
    """Where to go, and what is known of it."""

    address: "Address"
    trust: "Trust"
    room: str | None = None


def hall_of(
    command: str,
    written: str,
    port: int | None,
    fingerprint: str | None = None,
    trust: bool = False,
    no_tls: bool = False,
) -> Hall:
    """What an address or an invitation and the options beside it say; ends the program if they make
    no sense."""
    from pychat.client import AddressError, Trust, parse_place
    from pychat.protocol.fingerprint import FingerprintError, parse

    try:
        place = parse_place(written)
        key = parse(fingerprint) if fingerprint is not None else None
    except (AddressError, FingerprintError) as fault:
        exits.fail(command, fault, exits.USAGE)
    if key is not None and place.key not in (None, key):
        exits.fail(command, "--fingerprint and the invitation differ; ask again", exits.USAGE)
    key = key or place.key
    if no_tls and (key is not None or trust):
        exits.fail(command, "--no-tls goes with no key: there is none to look at", exits.USAGE)
    known = Trust(key=key, new=trust, tls=False if no_tls else None, token=place.token)
    address = _with_port(command, written, place.address, port)
    return Hall(address, known, place.room)


def listed(written: str) -> list[str]:
    """What stands there with commas between."""
    return [each.strip() for each in written.split(",")]


def _with_port(command: str, written: str, address: "Address", port: int | None) -> "Address":
    """The address as given in one piece or two."""
    if port is None or port == address.port:
        return address
    if address.port != limits.DEFAULT_PORT:
        both = f"{written} and --port {port} name different ports; give one of them"
        exits.fail(command, both, exits.USAGE)
    return address._replace(port=port)
