"""`pychat tui`: the terminal program, on the full screen or in lines."""

from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import HallKey, HallPort, NoTls, TrustNew, hall_of
from pychat.cli.terminal import can_draw

if TYPE_CHECKING:
    from pychat.client import Trust
    from pychat.tui.settings.destination import Destination
    from pychat.tui.settings.schema import Settings


def tui(
    host: Annotated[
        str | None,
        typer.Argument(
            metavar="[HOST[:PORT]|PROFILE|INVITATION]",
            show_default=False,
            help="Where the Hall is, a profile of config.toml, or what `pychat invite` prints; "
            "without it you are asked.",
        ),
    ] = None,
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
    ascii_only: Annotated[
        bool,
        typer.Option("--ascii", help="Draw frames and marks with ASCII characters alone."),
    ] = False,
    no_mouse: Annotated[
        bool, typer.Option("--no-mouse", help="Leave mouse clicks to the terminal.")
    ] = False,
    room: Annotated[
        str | None,
        typer.Option(metavar="ROOM", show_default=False, help="Go into it at once."),
    ] = None,
    fingerprint: HallKey = None,
    trust: TrustNew = False,
    no_tls: NoTls = False,
) -> None:
    """Go into a Hall, on this terminal.

    Without a terminal, or on one that cannot draw, it is in lines.

    Example: pychat tui chat.lan --name ada
    """
    from msgspec.structs import replace

    from pychat.tui.settings.reading import load

    loaded = load()
    where = None
    if host is not None:
        where = _destination(loaded.settings, host, name, port, fingerprint, trust, no_tls)
    if room is not None:
        if where is None:
            exits.fail("tui", "--room takes a Hall: pychat tui HOST[:PORT]", exits.USAGE)
        where = replace(where, rooms=(_room(room), *where.rooms))
    if plain or not can_draw():
        if where is None:
            exits.fail("tui", "in lines it takes a Hall: pychat tui HOST[:PORT]", exits.USAGE)
        from pychat.cli.plain import talk

        first = next(iter(where.rooms), None)
        raise typer.Exit(talk(where.address, where.name, first, loaded.settings, where.trust))
    from pychat.tui.start import run

    look = loaded.settings.look
    look = replace(look, ascii=look.ascii or ascii_only, mouse=look.mouse and not no_mouse)
    raise typer.Exit(run(where, replace(loaded, settings=replace(loaded.settings, look=look))))


def _destination(
    settings: "Settings",
    host: str,
    name: str | None,
    port: int | None,
    fingerprint: str | None,
    trust: bool,
    no_tls: bool,
) -> "Destination":
    """Ends the program if it is neither a profile, nor an address or an invitation."""
    from msgspec.structs import replace

    from pychat.tui.settings.destination import destination

    written = host
    if port is None and host in settings.profiles:
        written = str(destination(settings, host, name).address)
    hall = hall_of("tui", written, port, fingerprint, trust, no_tls)
    where = destination(settings, host if port is None else str(hall.address), name)
    rooms = (hall.room,) if hall.room is not None else where.rooms
    known = _of_both(hall.trust, where.trust) if where.profile else hall.trust
    return replace(where, address=hall.address, trust=known, rooms=rooms)


def _of_both(given: "Trust", profile: "Trust") -> "Trust":
    """What the command line and the profile say of one Hall; ends the program where they contradict
    each other, since one of them is wrong about whom to believe."""
    from msgspec.structs import replace

    if None not in (given.key, profile.key) and given.key != profile.key:
        exits.fail("tui", "--fingerprint and the profile's differ; ask again", exits.USAGE)
    if given.tls is False and (profile.key is not None or profile.tls):
        sentence = "--no-tls is not for this profile, which asks for a key or for encryption"
        exits.fail("tui", sentence, exits.USAGE)
    if profile.tls is False and (given.key is not None or given.new):
        sentence = 'the profile has tls = "off", so that there is no key to look at'
        exits.fail("tui", sentence, exits.USAGE)
    tls = profile.tls if given.tls is None else given.tls
    return replace(given, key=given.key or profile.key, tls=tls)


def _room(written: str) -> str:
    """Ends the program if no room can be called so."""
    from pychat.protocol import names
    from pychat.protocol.errors import Refused

    try:
        return names.check_room(written.removeprefix("#"))
    except Refused as refusal:
        exits.fail("tui", refusal, exits.USAGE)
