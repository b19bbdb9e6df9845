"""Any order of events in an outbox: what is sent of a room goes in its order, nothing is lost."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pychat.client import Outbox, Outgoing
from tests.unit.client.test_outbox import Clock, saying


class AnyOrderOfEvents(RuleBasedStateMachine):
    """Whatever happens: what is sent of a room goes in its order, and nothing is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.outbox = Outbox(self.clock)
        self.said: dict[str, list[Outgoing]] = {"lobby": [], "tea": []}
        self.on_its_way: dict[str, Outgoing] = {}
        self.arrived: dict[str, list[Outgoing]] = {"lobby": [], "tea": []}
        self.gone: set[str] = set()
        self.out_of_order: set[str] = set()
        """Failed, held or tried again by hand: these may be overtaken."""

    rooms = st.sampled_from(["lobby", "tea"])

    @rule(room=rooms)
    def say(self, room: str) -> None:
        self.said[room].append(self.outbox.add(saying("x", room)))

    @rule(room=rooms)
    def send(self, room: str) -> None:
        item = self.outbox.next(room)
        assert item is None or room not in self.on_its_way
        self.note_held()
        if item is not None:
            earlier = self.said[room][: self.said[room].index(item)]
            waiting = [each for each in earlier if each.nonce not in self.gone]
            assert all(each.state in ("failed", "held") for each in waiting)
            self.outbox.started(item, "ann")
            self.on_its_way[room] = item

    @rule(room=rooms)
    def confirm(self, room: str) -> None:
        item = self.on_its_way.pop(room, None)
        if item is not None:
            self.outbox.settle(item.nonce)
            self.arrived[room].append(item)
            self.gone.add(item.nonce)

    @rule(room=rooms, again=st.booleans())
    def refuse(self, room: str, again: bool) -> None:
        item = self.on_its_way.pop(room, None)
        if item is not None:
            self.outbox.refused(item, "no", again=again)
            if not again:
                self.out_of_order.add(item.nonce)

    @rule()
    def interrupt(self) -> None:
        self.outbox.interrupted()
        self.on_its_way.clear()

    @rule(minutes=st.integers(1, 8))
    def wait(self, minutes: int) -> None:
        self.clock.now += minutes * 60_000

    @rule()
    def come_back(self) -> None:
        self.outbox.hold_overdue()
        self.note_held()

    @rule()
    def release(self) -> None:
        self.outbox.release()
        assert self.outbox.held() == []

    @rule()
    def retry(self) -> None:
        self.outbox.retry()

    @precondition(lambda self: len(self.outbox))
    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(list(self.outbox)))
        if self.outbox.discard(item):
            self.gone.add(item.nonce)
        else:
            assert item.state == "sending"

    def note_held(self) -> None:
        self.out_of_order |= {item.nonce for item in self.outbox.held()}

    @invariant()
    def nothing_is_lost(self) -> None:
        for room, said in self.said.items():
            waiting = [item for item in said if item.nonce not in self.gone]
            assert self.outbox.of(room) == waiting
        assert len(self.outbox) == sum(len(self.outbox.of(room)) for room in self.said)

    @invariant()
    def what_arrived_is_in_order(self) -> None:
        for room, arrived in self.arrived.items():
            steady = [item for item in arrived if item.nonce not in self.out_of_order]
            assert steady == sorted(steady, key=self.said[room].index)


TestAnyOrderOfEvents = AnyOrderOfEvents.TestCase
