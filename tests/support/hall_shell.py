"""The pure Hall with a shell that acts out its effects one at a time, when the test says so."""

from collections import deque
from collections.abc import Callable, Iterator

from pychat.protocol import commands, names, replies
from pychat.protocol.codec import ServerMessage, decode_server, encode
from pychat.protocol.events import LoggedEvent, Unknown
from pychat.server.access import Access
from pychat.server.backplane.interface import AuditLine, Fact, Outcome, Rejection, Session
from pychat.server.commands import handle
from pychat.server.credentials import NOTHING
from pychat.server.effects import (
    Append,
    Audit,
    Broadcast,
    Close,
    Deliver,
    Drop,
    Effects,
    Enact,
    Forget,
    Noted,
    Peer,
    ReadDelta,
    ReadFound,
    ReadPage,
    Remember,
    Reply,
    Seal,
)
from pychat.server.hall import Clock, Hall, HallConfig
from tests.support.sync_ledger import SyncLedger


class FakePeer:
    """A connection that only remembers. Like a real one it is equal to nothing but itself."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.told: list[ServerMessage] = []
        self.bye: replies.Bye | None = None
        self.proved = NOTHING
        """What goes with its commands."""
        self.place = ""
        """Where it comes from."""
        self.unconfirmed = False
        """What it was told may not have arrived."""
        self.gone = False
        """Nothing reaches it any more; the Hall may or may not know."""
        self.reading: ReadPage | ReadDelta | ReadFound | None = None
        self.waiting: deque[commands.AnyCommand] = deque()
        """Commands behind the one that waits for a reading."""

    def __repr__(self) -> str:
        return self._name


def told(effect: Reply | Deliver | Broadcast) -> Iterator[tuple[Peer, ServerMessage]]:
    """Who is told what by it, in order."""
    match effect:
        case Reply(peer=peer, message=message):
            yield peer, message
        case Deliver(said=said):
            for room, events in said.items():
                yield from ((peer, event) for event in events for peer in list(room.audience))
        case Broadcast(room=room, event=event, skip=skip):
            yield from ((peer, event) for peer in list(room.audience) if peer is not skip)


class HallShell:
    """What `Server` is to the Hall, but commits and readings wait to be let through."""

    def __init__(self, linger: float = 60.0, access: Access | None = None) -> None:
        self.config = HallConfig(
            server="test/1", manual="# Manual", linger=linger, access=access or Access()
        )
        self.seconds = 1000.0
        self.tokens = 0
        self.ledger = SyncLedger()
        self.appends: list[Append] = []
        self.peers: list[FakePeer] = []
        self.notes: list[Noted] = []
        self.watch: Callable[[FakePeer, ServerMessage], None] = lambda peer, message: None
        self.before: Callable[[FakePeer, commands.AnyCommand], None] = lambda peer, command: None
        self.after: Callable[[FakePeer, commands.AnyCommand], None] = lambda peer, command: None
        self.logged: Callable[[list[LoggedEvent]], None] = lambda events: None
        self.sessions: dict[int, Session] = {}
        self.facts: dict[tuple[str, str], Fact] = {}
        self.audited: list[AuditLine] = []
        self.hall = self._open_hall()

    def _open_hall(self) -> Hall:
        return Hall(
            self.config,
            "epoch",
            self.ledger.rooms(),
            list(self.sessions.values()),
            [fact for fact in self.facts.values() if fact.body is not None],
            Clock(wall=lambda: int(self.seconds * 1000), monotonic=lambda: self.seconds),
            self._token,
            lambda peer: _fake(peer).unconfirmed,
            lambda peer: _fake(peer).place,
        )

    def restart(self) -> None:
        """All connections break, and what no disk had is lost."""
        for peer in self.peers:
            peer.gone = True
            peer.reading = None
        self.appends.clear()
        for room in [room for room in self.ledger.logs if not names.is_durable(room)]:
            self.ledger.drop(room)
        self.hall = self._open_hall()

    def _token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"

    # -- connections ------------------------------------------------------------------------------

    def connect(self) -> FakePeer:
        peer = FakePeer(f"peer-{len(self.peers)}")
        self.peers.append(peer)
        return peer

    def send(self, peer: FakePeer, command: commands.AnyCommand) -> None:
        peer.waiting.append(command)
        self._work(peer)

    def ask(self, peer: FakePeer, command: commands.AnyCommand) -> ServerMessage:
        """Send a command and let all readings and commits through; the last that came of it."""
        self.send(peer, command)
        self.settle()
        (reply,) = [each for each in peer.told if getattr(each, "id", None) == command.id]
        return reply

    def _work(self, peer: FakePeer) -> None:
        while peer.waiting and peer.reading is None and not peer.gone:
            command = peer.waiting.popleft()
            self.before(peer, command)
            self.perform(handle(self.hall, peer, command, peer.proved))
            self.after(peer, command)

    def break_off(self, peer: FakePeer) -> None:
        peer.gone = True
        peer.reading = None
        self.perform(self.hall.disconnected(peer))

    # -- what comes later -------------------------------------------------------------------------

    def commit(self, count: int) -> None:
        batch, self.appends = self.appends[:count], self.appends[count:]
        events, outcomes = self.ledger.commit(batch, int(self.seconds * 1000))
        self.logged(events)
        self.perform(self.hall.committed(events, outcomes))

    def fail_commit(self, count: int) -> None:
        """The disk refuses a batch."""
        batch, self.appends = self.appends[:count], self.appends[count:]
        full: Outcome = Rejection("unavailable", "the disk is full")
        self.perform(self.hall.committed([], [(append, full) for append in batch]))

    def read(self, peer: FakePeer) -> None:
        effects: Effects = []
        match peer.reading:
            case ReadPage(query=page_query, then=with_page):
                effects = with_page(self.ledger.page(page_query))
            case ReadDelta(query=delta_query, then=with_delta):
                effects = with_delta(self.ledger.delta(delta_query))
            case ReadFound(query=search_query, then=with_found):
                effects = with_found(self.ledger.search(search_query))
        peer.reading = None
        self.perform(effects)
        self._work(peer)

    def fail_read(self, peer: FakePeer) -> None:
        assert peer.reading is not None
        command_id, peer.reading = peer.reading.command_id, None
        self.hall.stop_holding(peer)
        self._tell(peer, replies.error("unavailable", "the log cannot be read", command_id))
        self._work(peer)

    def tick(self, seconds: float) -> None:
        self.seconds += seconds
        self.perform(self.hall.tick())

    def settle(self) -> None:
        """Until nothing waits."""
        while self.appends or any(peer.reading for peer in self.peers):
            self.commit(len(self.appends))
            for peer in self.peers:
                if peer.reading is not None:
                    self.read(peer)

    # -- effects ----------------------------------------------------------------------------------

    def perform(self, effects: Effects) -> None:
        closed: list[FakePeer] = []
        for effect in effects:
            match effect:
                case Reply() | Deliver() | Broadcast():
                    for peer, message in told(effect):
                        self._tell(peer, message)
                case Append():
                    self.appends.append(effect)
                case ReadPage(peer=peer) | ReadDelta(peer=peer) | ReadFound(peer=peer):
                    _fake(peer).reading = effect
                case Close(peer=peer, bye=bye):
                    _fake(peer).bye = bye
                    _fake(peer).gone = True
                    _fake(peer).reading = None
                    closed.append(_fake(peer))
                case Remember(session=session):
                    self.sessions[session.id] = session
                case Forget(session_id=session_id):
                    del self.sessions[session_id]
                case Seal(room=sealed, why=why):
                    self.ledger.sealed[sealed] = why
                case Drop(room=ended):
                    self.ledger.drop(ended)
                case Enact(facts=facts, then=then):
                    self.facts.update(((fact.bucket, fact.key), fact) for fact in facts)
                    self.perform(then)
                case Audit(line=line):
                    self.audited.append(line)
                case Noted():
                    self.notes.append(effect)
        for each in closed:
            self.perform(self.hall.disconnected(each))

    def _tell(self, peer: Peer, message: ServerMessage) -> None:
        fake = _fake(peer)
        if not fake.gone:
            # Through the codec, as it is now: what was told must not change with what comes later.
            told = decode_server(encode(message))
            assert not isinstance(told, Unknown)
            fake.told.append(told)
            self.watch(fake, told)


def _fake(peer: Peer) -> FakePeer:
    assert isinstance(peer, FakePeer)
    return peer
