"""What widgets ask of the screen that they are on."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class PlaceChosen(Message):
    """Somebody wants to look at a room, or, with None, at the Hall."""

    room: str | None


@dataclass
class LeaveWanted(Message):
    """Somebody is done with a room."""

    room: str


@dataclass
class MemberChosen(Message):
    """To say something to them alone."""

    name: str


@dataclass
class MentionWanted(Message):
    name: str


@dataclass
class MemberWanted(Message):
    """One of those for whom there is no room in the pane."""


@dataclass
class Submitted(Message):
    """Enter in the composer. The text stays there until the screen takes it."""

    text: str


@dataclass
class Pasted(Message):
    """To be said, one after the other, just as they are: none of them is a command."""

    parts: list[str]


@dataclass
class EditLast(Message):
    """Up in the empty composer: the last of mine is to be changed."""


@dataclass
class ScrollWanted(Message):
    """A key of the composer's that means the log: `action` is one of the log's."""

    action: str
