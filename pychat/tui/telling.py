"""What happens in a room besides messages, as one line; and who types. Pure.

The words of others are in here as they came: whoever shows a line cleans it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from pychat.client import Note
from pychat.protocol.replies import Member, RoomSettings
from pychat.tui.clock import Hours, time_of_day

CROWD = 50
"""Members of a room above which nobody is told who comes and goes."""

NAMES = 8
"""Named in one line; the others are counted."""

WHO_NAMES = 60
"""The same, where somebody asked who is there."""


def happened(notes: Sequence[Note], members: int) -> str | None:
    """One line for what came in one batch; None when nothing of it is worth telling."""
    parts: list[str] = []
    if members <= CROWD:
        came = [note.name for note in notes if note.kind == "joined"]
        went = [note for note in notes if note.kind == "left"]
        if came:
            parts.append(f"→ {listed(came)} joined")
        if went:
            parts.append(f"← {listed([_parting(note) for note in went])} left")
    parts += [f"{note.name} is now {note.text}" for note in notes if note.kind == "renamed"]
    parts += [f"{note.name} is {a_role(note.text)} now" for note in notes if note.kind == "role"]
    if any(note.kind == "settings" for note in notes):
        parts.append("the room's settings have changed: /room tells them")
    topics = [note for note in notes if note.kind == "topic"]
    if topics:
        parts.append(_topic(topics[-1]))
    return " · ".join(parts) or None


def a_role(role: str) -> str:
    return f"{'an' if role[:1] in 'aeiou' else 'a'} {role}"


def settings(room: RoomSettings) -> str:
    """How a room is set, in words."""
    words = [room.kind]
    if room.slow:
        words.append(f"one message of each member in {span(1000 * room.slow)}")
    if room.topic != "member":
        words.append(f"the topic is for {room.topic}s")
    if not room.history:
        words.append("newcomers read nothing of before")
    return ", ".join(words)


def listed(names: Sequence[str], most: int = NAMES) -> str:
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def places(places: Sequence[str | None]) -> str:
    """Rooms, and None for the Hall."""
    return listed(["the Hall" if room is None else room_title(room) for room in places])


def room_title(room: str) -> str:
    """One for two people has a sign of its own, and is called by both of their names."""
    return room if room.startswith("@") else f"#{room}"


def sentences(*texts: str) -> str:
    """Joined, each with its full stop: those of others come with and without."""
    return " ".join(text if text.endswith((".", "!", "?", "…")) else f"{text}." for text in texts)


def typing(names: Sequence[str]) -> str:
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]} is typing…"
    if len(names) <= 3:
        return f"{', '.join(names)} are typing…"
    return f"{len(names)} people are typing…"


def who(room: str, members: Iterable[Member], count: int) -> str:
    names = [_present(member) for member in members]
    shown = listed(names, WHO_NAMES)
    hidden = count - len(names)
    more = f" and {hidden} more" if hidden > 0 and len(names) <= WHO_NAMES else ""
    return f"{people(count)} in {room_title(room)}: {shown}{more}"


def _present(member: Member) -> str:
    about = [member.role] * (member.role != "member") + ["away"] * member.away
    return f"{member.name} ({', '.join(about)})" if about else member.name


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"


def was_offline(
    began: int, ended: int, missed: int, how: str, zone: tzinfo, hours: Hours = "24h"
) -> str:
    """From when to when, in milliseconds since the epoch, and what became of what was said."""
    came = datetime.fromtimestamp(ended / 1000, zone)
    went = datetime.fromtimestamp(began / 1000, zone)
    day = "" if went.date() == came.date() else f"{went:%Y-%m-%d} "
    since = day + time_of_day(went, hours)
    until = f"–{time_of_day(came, hours)}" if ended // 60_000 != began // 60_000 else ""
    fetched = f"{messages(missed)} {how}" if missed else "nothing missed"
    return f"offline {since}{until}, {fetched}"


def far_behind(missed: int) -> str:
    verb = "was" if missed == 1 else "were"
    return f"{messages(missed)} {verb} said while you were away; scroll up to read them."


def span(milliseconds: int) -> str:
    """How long something lasted, in the largest unit of which it was one at least."""
    seconds = max(0, milliseconds // 1_000)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def ordinal(number: int) -> str:
    teens = 10 < number % 100 < 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _parting(note: Note) -> str:
    return f"{note.name} ({note.text})" if note.text else note.name


def _topic(note: Note) -> str:
    if note.text:
        return f"{note.name} set the topic: {note.text}"
    return f"{note.name} took the topic away"
