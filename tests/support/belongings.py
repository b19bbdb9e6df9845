"""Whose the things are that people said, told without a look at names."""

from collections.abc import Collection, Hashable

from pychat.protocol import commands, replies
from pychat.protocol.codec import ServerMessage


class Belongings:
    """Holds answers to the rule that what somebody said is theirs as long as they are here."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, int], Hashable] = {}
        """Whose each event is, by room and `seq`."""
        self._sent: dict[tuple[Hashable, str, str], int] = {}
        """What each got for a nonce in a room."""

    def answered(
        self,
        person: Hashable,
        here: Collection[Hashable],
        room: str,
        asked: commands.Durable,
        answer: ServerMessage,
    ) -> None:
        """`here` are all who are in the Hall, and `room` is the name as the log has it."""
        target = None
        if isinstance(asked, commands.Edit | commands.Delete):
            target = self._said.get((room, asked.target))
        if isinstance(answer, replies.Sent):
            owner = self._said.setdefault((room, answer.seq), person)
            assert owner is person or owner not in here
            assert target is None or target is person or target not in here
            assert self._sent.setdefault((person, room, asked.nonce), answer.seq) == answer.seq
        elif isinstance(answer, replies.Error) and answer.code == "not-allowed":
            assert target is not person
