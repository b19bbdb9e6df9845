"""What one connection was told, checked as it comes: replies, streams, and who is in which room."""

from collections.abc import Callable

from pychat.protocol import commands, events, replies
from pychat.protocol.codec import ServerMessage, decode_event
from tests.support.sync_ledger import SyncLedger


class Witness:
    """A client that trusts nothing: each message must be one that it may be told now."""

    def __init__(self, ledger: SyncLedger, meant: Callable[[str], str] = lambda room: room) -> None:
        """`meant` tells which room is meant by a name at that moment."""
        self._ledger = ledger
        self._meant = meant
        self._leaves: dict[int, str] = {}
        """Rooms that are left, by the command's id."""
        self._asked: dict[int, commands.AnyCommand] = {}
        """Carried out and not answered, in order."""
        self.heads: dict[str, int] = {}
        """By room: the last event heard, since `joined`. Only rooms that are heard."""
        self.members: dict[str, set[str]] = {}
        """By room: their names, as far as this connection knows."""

    def asks(self, command: commands.AnyCommand) -> None:
        self._asked[command.id] = command
        if isinstance(command, commands.Leave):
            self._leaves[command.id] = self._meant(command.room)

    @property
    def unanswered(self) -> list[commands.AnyCommand]:
        return list(self._asked.values())

    def hear(self, message: ServerMessage) -> None:
        if isinstance(message, events.Logged):
            self._follow(message)
        elif isinstance(message, events.Presence):
            self._meet(message)
        elif isinstance(message, events.Typing):
            assert message.room in self.heads
        elif isinstance(message, events.Direct):
            assert message.room not in self.heads
            log = self._ledger.logs[message.room]
            assert any(each.prev == message.after for each in log)
        elif isinstance(message, replies.Reply | replies.Error):
            assert message.id is not None
            self._answered(message.id, message)

    def _answered(self, command_id: int, message: ServerMessage) -> None:
        command = self._asked.pop(command_id)  # KeyError: a second reply, or one to nobody
        if not isinstance(command, commands.Durable):
            earlier = [each for each in self._asked.values() if each.id < command_id]
            assert all(isinstance(each, commands.Durable) for each in earlier), earlier
        match command, message:
            case commands.Join(), replies.Joined():
                self._joined(command, message)
            case commands.Leave(), replies.Ok():
                self._forget(self._leaves[command_id])
            case _, replies.Sent():
                log = self._ledger.logs[message.room]
                sent = next(each for each in log if each.seq == message.seq)
                assert (sent.nonce, sent.time) == (message.nonce, message.time)
            case _:
                pass

    def _joined(self, command: commands.Join, joined: replies.Joined) -> None:
        assert joined.room not in self.heads
        log = [each for each in self._ledger.logs.get(joined.room, ()) if each.seq <= joined.seq]
        assert joined.seq == (log[-1].seq if log else 0)
        if joined.recovered:
            assert command.after is not None
            assert joined.events is not None
            missed = [each for each in log if each.seq > command.after]
            assert [decode_event(raw) for raw in joined.events] == missed
        else:
            messages = self._ledger.messages(joined.room, joined.seq)
            assert joined.messages == messages[len(messages) - min(len(messages), command.limit) :]
        self.heads[joined.room] = joined.seq
        self.members[joined.room] = {each.name for each in joined.members}
        assert len(joined.members) == joined.count

    def _forget(self, room: str) -> None:
        for known in [each for each in self.heads if each.casefold() == room.casefold()]:
            del self.heads[known]
            del self.members[known]

    def _follow(self, event: events.Logged) -> None:
        """No gap and no overlap: each event is the one after the last."""
        assert event.prev == self.heads[event.room]
        self.heads[event.room] = event.seq
        log = self._ledger.logs[event.room]
        assert next(each for each in log if each.seq == event.seq) == event

    def _meet(self, presence: events.Presence) -> None:
        if any(each.reason.startswith("kicked by the Hall") for each in presence.left):
            # The one who is told this is out of the room.
            self.heads.pop(presence.room, None)
            self.members.pop(presence.room, None)
            return
        known = self.members[presence.room]
        known -= {each.name for each in presence.left}
        known -= {each.name for each in presence.changed}
        known |= {each.member.name for each in presence.changed}
        known |= {each.name for each in presence.joined}
