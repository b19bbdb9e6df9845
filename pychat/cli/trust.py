"""`pychat trust`: the keys by which Halls are known on this machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import Hall, HallKey, HallPort, hall_of

if TYPE_CHECKING:
    from pychat.client import Pins


def trust(
    host: Annotated[
        str | None,
        typer.Argument(
            metavar="[HOST[:PORT]|INVITATION]",
            show_default=False,
            help="The Hall; without it all that are known are listed.",
        ),
    ] = None,
    port: HallPort = None,
    fingerprint: HallKey = None,
    forget: Annotated[
        bool,
        typer.Option("--forget", help="Let go of what is known of it: it is asked about anew."),
    ] = False,
) -> None:
    """Trust a Hall by its key before going there, forget it, or list those that are known.

    The keys are in known_hosts in the user's state folder.

    Example: pychat trust chat.lan --fingerprint sha256:4f0c...
    """
    from pychat.client import Pins, Untrusted
    from pychat.client.pins import written

    pins = Pins()
    try:
        if host is None:
            for pin in pins.all():
                typer.echo(f"{pin.place} {written(pin.key)} {pin.since}".rstrip())
            return
        hall = hall_of("trust", host, port, fingerprint)
        if forget:
            if not pins.forget(hall.address):
                exits.fail("trust", f"nothing is known of {hall.address}", exits.REFUSED)
            return
        typer.echo(written(_trusted(pins, hall)))
    except Untrusted as fault:
        exits.fail("trust", fault, exits.FAILED)


def _trusted(pins: "Pins", hall: Hall) -> bytes:
    """The key by which it is known from now on; ends the program where that would be another."""
    from pychat.client.pins import written

    known, key = pins.find(hall.address), hall.trust.key
    if known is not None:
        if key in (None, known):
            return known
        sentence = f"{hall.address} is known by {written(known)}; first --forget that"
        exits.fail("trust", sentence, exits.REFUSED)
    if key is None:
        sentence = f"{hall.address} is not known; give its key with --fingerprint"
        exits.fail("trust", sentence, exits.REFUSED)
    pins.remember(hall.address, key)
    return key
