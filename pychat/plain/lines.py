"""What happens, as lines for people and for programs that read aloud. Pure.

One event is one line, further lines of a message are indented. A name comes first; what one may
skip, as the number and the time of a message, comes last. The words of others are made harmless
here and nowhere else.
"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from pychat.client import Note, RoomView
from pychat.protocol import events, limits
from pychat.protocol.replies import Message, RoomInfo, Whois
from pychat.protocol.text import clean, clean_line
from pychat.tui import telling
from pychat.tui.clock import Hours, time_of_day
from pychat.tui.message_commands import ACTION

LINE_CHARS = 1_000
"""Above every limit of the protocol for what has one line; only a Hall that means harm sends it."""

NAME_CHARS = 100
"""Of a name of a person or a room, of which such a Hall could fill the screen."""

QUOTED_CHARS = 40
"""Of a message that is answered."""

REACTIONS = 8
"""Told with a message; more are counted."""

_INDENT = "\n  "
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
# A Hall may say anything; past these a zone's offset would leave the calendar.
_FIRST, _LAST = 86_400_000, 253_402_000_000_000


class Wording:
    """The lines, for one time zone and one way of writing times."""

    def __init__(self, zone: tzinfo, hours: Hours = "24h") -> None:
        self._zone = zone
        self.hours: Hours = hours

    def said(self, message: Message, *, where: str = "", answers: Message | None = None) -> str:
        """A message as it stands; with `where` it was said, if another place is open."""
        place = f" {where}" if where else ""
        if message.deleted:
            return f"{name(message.sender)}{place} deleted this ({self._about(message)})"
        first, *more = _body(message.text)
        if first.startswith(ACTION) and first[len(ACTION) :].strip():
            lead = f"{name(message.sender)}{place} {first[len(ACTION) :]}"
        else:
            lead = f"{name(message.sender)}{place}{_answer(message, answers)}: {first}"
        return _INDENT.join([f"{lead} ({self._about(message)})", *more])

    def changed(self, event: events.Edited | events.Deleted | events.Reacted) -> str:
        who, at = name(event.sender), self.clock(event.time)
        match event:
            case events.Edited():
                first, *more = _body(event.text)
                return _INDENT.join([f"{who} edited {event.target}: {first} ({at})", *more])
            case events.Deleted():
                return f"{who} deleted {event.target} ({at})"
            case events.Reacted() if event.emojis:
                emojis = telling.listed([name(each) for each in event.emojis], REACTIONS)
                return f"{who} reacted to {event.target} with {emojis} ({at})"
            case events.Reacted():
                return f"{who} took the reaction to {event.target} back ({at})"

    def person(self, whois: Whois) -> str:
        """Somebody in the Hall."""
        rooms = telling.listed([f"#{name(room)}" for room in whois.rooms])
        parts = [
            "away" if whois.away else "here",
            f"since {self.day(whois.entered).isoformat()} {self.clock(whois.entered)}",
            f"quiet for {telling.span(whois.idle)}",
            f"with you in {rooms}" if rooms else "in no room with you",
        ]
        role = f" ({label(whois.role)})" if whois.role != "member" else ""
        return f"{name(whois.name)}{role}: {', '.join(parts)}"

    def clock(self, time: int) -> str:
        return time_of_day(self._moment(time), self.hours)

    def day(self, time: int) -> date:
        return self._moment(time).date()

    def _about(self, message: Message) -> str:
        parts = [str(message.seq), self.clock(message.time)]
        if message.edited is not None and not message.deleted:
            parts.append("edited")
        reactions = list((message.reactions or {}).items())
        parts += [
            f"{name(emoji)} by {telling.listed([name(who) for who in names])}"
            for emoji, names in reactions[:REACTIONS]
        ]
        if len(reactions) > REACTIONS:
            parts.append(f"and {len(reactions) - REACTIONS} more")
        return ", ".join(parts)

    def _moment(self, time: int) -> datetime:
        return datetime.fromtimestamp(min(max(time, _FIRST), _LAST) / 1000, self._zone)


def day_line(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def happened(notes: Sequence[Note], members: int) -> str:
    """One line for what came in one batch; empty when nothing of it is worth telling."""
    parts: list[str] = []
    if members <= telling.CROWD:
        came = [note.name for note in notes if note.kind == "joined"]
        went = [note for note in notes if note.kind == "left"]
        if came:
            parts.append(f"{telling.listed(came)} joined")
        if len(went) == 1:
            parts.append(f"{went[0].name} left" + (f" ({went[0].text})" if went[0].text else ""))
        elif went:
            parts.append(f"{telling.listed([note.name for note in went])} left")
    parts += [f"{note.name} is now {note.text}" for note in notes if note.kind == "renamed"]
    topics = [note for note in notes if note.kind == "topic"]
    if topics:
        last = topics[-1]
        parts.append(
            f"{last.name} set the topic: {last.text}"
            if last.text
            else f"{last.name} took the topic away"
        )
    return label("; ".join(parts))


def listed_room(room: RoomInfo, *, mine: bool, unread: int) -> str:
    parts = [telling.people(room.members)]
    if mine:
        parts.append(f"you are in it, {unread} unread" if unread else "you are in it")
    topic = f": {label(room.topic)}" if room.topic else ""
    return f"#{name(room.name)} ({', '.join(parts)}){topic}"


def label(text: str) -> str:
    """A name, a topic or another's sentence, on one line."""
    return clean_line(_cut(text, LINE_CHARS))


def name(text: str) -> str:
    """Of a person, a room or an emoji."""
    return clean_line(_cut(text, NAME_CHARS))


def place(view: RoomView) -> str:
    """A room, or whom I talk to alone there."""
    return f"@{name(view.direct)}" if view.direct is not None else f"#{name(view.name)}"


def paragraphs(text: str) -> str:
    """A text of several lines as it is, harmless."""
    return clean(_cut(text, limits.SERVER_FRAME_BYTES)).expandtabs(4).rstrip("\n")


def excerpt(text: str, chars: int = QUOTED_CHARS) -> str:
    return _cut(" ".join(clean(_cut(text, limits.TEXT_CHARS)).split()), chars)


def _answer(message: Message, answers: Message | None) -> str:
    if message.reply_to is None:
        return ""
    if answers is None:
        return f" answers {message.reply_to}"
    words = "deleted" if answers.deleted else excerpt(answers.text)
    return f" answers {name(answers.sender)} ({answers.seq}: {words})"


def _body(text: str) -> list[str]:
    lines = clean(_cut(text, limits.TEXT_CHARS)).expandtabs(4).split("\n", limits.TEXT_LINES)
    if len(lines) > limits.TEXT_LINES:
        lines[-1] = "…"
    return lines


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else text[: chars - 1] + "…"
