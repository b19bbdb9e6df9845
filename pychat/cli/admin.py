"""`pychat admin`: what whoever runs a Hall may do, on the same machine, while it is open."""

import json
import re
from typing import Annotated, Any

import typer

from pychat.cli import exits
from pychat.cli.console import ask
from pychat.cli.parameters import AsJson, DataFolder, data_folder

admin = typer.Typer(
    help="Look after a Hall that is open on this machine, as the user who runs it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
InRoom = Annotated[
    str | None,
    typer.Option("--room", metavar="ROOM", show_default=False, help="There; else in the Hall."),
]
Reason = Annotated[
    str | None, typer.Option(metavar="TEXT", show_default=False, help="They and others read it.")
]
Lasting = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="TIME", show_default=False, help="As 30s, 10m, 2h, 7d; else for good."
    ),
]

_LEVELS = ("open", "no-newcomers", "owned-names", "operators")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@admin.command()
def who(room: InRoom = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """List who is in the Hall, or in a room.

    Example: pychat admin who --room tea
    """
    after, more = None, True
    while more:
        answer = ask(data_folder(data), "who", room=room, after=after)
        for person in answer["people"]:
            _line(person, _about(person), as_json=as_json)
            after = person["name"]
        more = answer["more"]


@admin.command()
def rooms(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List all rooms, also those that are unlisted or locked."""
    after, more = None, True
    while more:
        answer = ask(data_folder(data), "list", after=after, limit=500)
        for room in answer["rooms"]:
            topic = f"  {room['topic']}" if room["topic"] else ""
            _line(room, f"{room['name']}  {room['members']} in it{topic}", as_json=as_json)
            after = room["name"]
        more = answer["more"]


@admin.command()
def stats(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Tell what the server counts; since its start, where it is no state."""
    figures = ask(data_folder(data), "stats")["figures"]
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        typer.echo(f"{name.replace('_', ' '):<22} {value:>14,}")


@admin.command()
def kick(name: Name, room: InRoom = None, reason: Reason = None, data: DataFolder = None) -> None:
    """Send somebody out; they may come back.

    Example: pychat admin kick mallory --room tea --reason "no spam here"
    """
    ask(data_folder(data), "kick", name=name, room=room, reason=reason)


@admin.command()
def ban(
    name: Name,
    room: InRoom = None,
    lasting: Lasting = None,
    reason: Reason = None,
    data: DataFolder = None,
) -> None:
    """Send somebody out and keep them out, whether they are there or not.

    Example: pychat admin ban mallory --for 7d
    """
    seconds = _seconds(lasting)
    ask(data_folder(data), "ban", name=name, room=room, seconds=seconds, reason=reason)


@admin.command()
def unban(name: Name, room: InRoom = None, data: DataFolder = None) -> None:
    """Let somebody in again."""
    ask(data_folder(data), "unban", name=name, room=room)


@admin.command()
def mute(
    name: Name,
    room: InRoom = None,
    lasting: Lasting = None,
    reason: Reason = None,
    data: DataFolder = None,
) -> None:
    """Keep somebody from speaking, whether they are there or not."""
    seconds = _seconds(lasting)
    ask(data_folder(data), "mute", name=name, room=room, seconds=seconds, reason=reason)


@admin.command()
def unmute(name: Name, room: InRoom = None, data: DataFolder = None) -> None:
    """Let somebody speak again."""
    ask(data_folder(data), "unmute", name=name, room=room)


@admin.command()
def bans(room: InRoom = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """List who is banned and who is muted."""
    answer = ask(data_folder(data), "bans", room=room)
    for kind in ("bans", "mutes"):
        for each in answer.get(kind, []):
            lasts = "for good" if each.get("until") is None else f"until {_time(each['until'])}"
            reason = f": {each['reason']}" if each.get("reason") else ""
            text = f"{kind[:-1]}  {each['name']}  {lasts}, by {each['by']}{reason}"
            _line({"kind": kind[:-1], **each}, text, as_json=as_json)


@admin.command()
def notice(
    text: Annotated[str, typer.Argument(metavar="TEXT", show_default=False)],
    data: DataFolder = None,
) -> None:
    """Tell everybody in the Hall a line.

    Example: pychat admin notice "The Hall closes for a moment at six."
    """
    ask(data_folder(data), "notice", text=text)


@admin.command()
def lockdown(
    level: Annotated[
        str, typer.Argument(metavar="|".join(_LEVELS), show_default=False, help="Who may come in.")
    ],
    data: DataFolder = None,
) -> None:
    """Say who may come in from now on; who is in the Hall stays.

    Example: pychat admin lockdown no-newcomers
    """
    if level not in _LEVELS:
        exits.fail("admin", f"{level!r} is none of {', '.join(_LEVELS)}", exits.USAGE)
    ask(data_folder(data), "lockdown", level=_LEVELS.index(level))


@admin.command("reload")
def reload_(data: DataFolder = None) -> None:
    """Read the settings again, as SIGHUP does, and tell what changed. Ends with 3 where one is bad.

    Example: pychat admin reload --data /srv/chat
    """
    answer = ask(data_folder(data), "reload")
    typer.echo(f"changed: {', '.join(answer['changed']) or 'nothing'}")
    if answer["later"]:
        typer.echo(f"from the next start on: {', '.join(answer['later'])}")
    for fault in answer["faults"]:
        typer.echo(f"left as it was: {fault}", err=True)
    if answer["faults"]:
        raise typer.Exit(exits.REFUSED)


def _line(fields: dict[str, Any], text: str, *, as_json: bool) -> None:
    from pychat.protocol.text import clean_line

    typer.echo(json.dumps(fields) if as_json else clean_line(text))


def _about(person: dict[str, Any]) -> str:
    told = [person["name"]]
    if person["verified"]:
        told.append("verified")
    if person["away"]:
        told.append("away")
    if person["sessions"] > 1:
        told.append(f"{person['sessions']} sessions")
    if person["places"]:
        told.append(f"from {' '.join(person['places'])}")
    if person["rooms"]:
        told.append(f"in {' '.join(person['rooms'])}")
    return "  ".join(told)


def _seconds(text: str | None) -> int | None:
    """Ends the program if it is no time."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if found is None:
        exits.fail("admin", f"{text!r} is no time, such as 30s, 10m, 2h or 7d", exits.USAGE)
    return int(found[1]) * _UNITS[found[2]]


def _time(milliseconds: int) -> str:
    import datetime

    when = datetime.datetime.fromtimestamp(milliseconds / 1000).astimezone()
    return when.strftime("%Y-%m-%d %H:%M")
