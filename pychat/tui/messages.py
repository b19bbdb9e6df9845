"""What widgets ask of the screen that they are on."""

from textual.message import Message

# No dataclasses: to make nine of them is a hundredth of what it takes to start.


class PlaceChosen(Message):
    """Somebody wants to look at a room, or, with None, at the Hall."""

    def __init__(self, room: str | None) -> None:
        super().__init__()
        self.room = room


class LeaveWanted(Message):
    """Somebody is done with a room."""

    def __init__(self, room: str) -> None:
        super().__init__()
        self.room = room


class MemberChosen(Message):
    """To say something to them alone."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class MentionWanted(Message):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class MemberWanted(Message):
    """One of those for whom there is no room in the pane."""


class Submitted(Message):
    """Enter in the composer. The text stays there until the screen takes it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Pasted(Message):
    """To be said, one after the other, just as they are: none of them is a command."""

    def __init__(self, parts: list[str]) -> None:
        super().__init__()
        self.parts = parts


class EditLast(Message):
    """Up in the empty composer: the last of mine is to be changed."""


class ScrollWanted(Message):
    """A key of the composer's that means the log: `action` is one of the log's."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
