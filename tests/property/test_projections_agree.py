"""Whatever a room's stream has, and however it comes to them: all nodes make the same of it."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import database
from pychat.server.backplane.disk import DiskSpeed
from pychat.server.backplane.interface import Bearing, Outcome, Person, Receipt
from pychat.server.backplane.jetstream import projection, proposals
from pychat.server.backplane.jetstream.projection import Projection, Step
from pychat.server.backplane.jetstream.proposals import Layout, UnreadableError
from pychat.server.backplane.reader import Reader
from tests.property.wire_values import logged_events
from tests.support.ledgers import deleted, edited, newest, reacted, said, since, topic

_numbers = itertools.count()


class Node(NamedTuple):
    projection: Projection
    reader: Reader


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    made = []
    for name in ("first", "second"):
        path = tmp_path_factory.mktemp(name) / "projection.db"
        db = projection.open_file(path, "epoch")
        db.execute("PRAGMA synchronous = OFF")
        made.append(Node(Projection(db, DiskSpeed(0.0)), Reader(database.open_reader(path))))
    yield made
    for node in made:
        node.reader.close()
        node.projection.close()


people = st.sampled_from(["ann", "Ann", "bob", "cat"])
seqs = st.integers(0, 10)
common = {"sender": people, "nonce": st.sampled_from([None, None, "n1", "n2"])}
entry = st.one_of(
    st.builds(said, st.sampled_from("xy"), **common),
    st.builds(said, st.sampled_from("xy"), reply_to=seqs, **common),
    st.builds(edited, seqs, st.sampled_from("xy"), **common),
    st.builds(deleted, seqs, **common),
    st.builds(lambda target, **rest: reacted(target, "👍", **rest), seqs, **common),
    st.builds(topic, st.sampled_from("xy"), **common),
)
bearings = st.builds(Bearing, st.sampled_from(["ann", "bob", "cat", "*"]), since=st.integers(0, 3))
persons = st.just(()) | st.lists(bearings, min_size=1, max_size=3).map(tuple)


class Proposed(NamedTuple):
    event: LoggedEvent
    person: Person
    at: int
    """When the stream had it; its clock may go back with another leader."""
    room: int
    batches: tuple[bool, bool]
    """Whether it begins a new commit, at each node."""


proposed = st.builds(
    Proposed,
    entry,
    persons,
    st.integers(1, 5),
    st.integers(0, 1),
    st.tuples(st.booleans(), st.booleans()),
)


def _apply(
    node: Node, index: int, rooms: list[str], stream: list[Proposed], *, twice: bool
) -> tuple[list[Outcome], list[LoggedEvent]]:
    """The outcomes in the order of the stream, and the events as they were told."""
    last = dict.fromkeys(rooms, 0)
    batches: list[list[tuple[LoggedEvent, object, Person]]] = [[]]
    for sequence, each in enumerate(stream, start=1):
        room = rooms[each.room]
        # As it comes over the wire: each node has its own.
        body = proposals.encode(_placed(each.event, room), each.person)
        found = proposals.decode(body, room)
        found.event.time = each.at
        if each.batches[index]:
            batches.append([])
        step = Step(room, sequence, last[room], str(sequence))
        batches[-1].append((found.event, step, found.person))
        last[room] = sequence
    outcomes: dict[str, Outcome] = {}
    events: list[LoggedEvent] = []
    for batch in filter(None, batches):
        new, told = node.projection.settle(batch, patient=True)
        events += new
        outcomes |= {ticket.origin: outcome for ticket, outcome in told}
        if twice:
            assert node.projection.settle(batch, patient=True)[0] == []
    return list(outcomes.values()), events


def _placed(event: LoggedEvent, room: str) -> LoggedEvent:
    event.room = room
    return event


@settings(max_examples=80)
@given(stream=st.lists(proposed, max_size=20), twice=st.booleans())
def test_nodes_agree_on_outcomes_events_and_answers(nodes, stream, twice) -> None:
    number = next(_numbers)
    rooms = [f"a{number}", f"b{number}"]

    first = _apply(nodes[0], 0, rooms, stream, twice=twice)
    second = _apply(nodes[1], 1, rooms, stream, twice=False)

    assert first == second
    for room in rooms:
        told = [event for event in first[1] if event.room == room]
        assert [(event.seq, event.prev) for event in told] == [
            (at + 1, at) for at in range(len(told))
        ]
        times = [event.time for event in told]
        assert times == sorted(set(times))
        pages = [node.reader.page(newest(room)) for node in nodes]
        assert pages[0] == pages[1]
        deltas = [node.reader.delta(since(0, room=room)) for node in nodes]
        assert deltas[0] == deltas[1]
    receipts = [each for each in first[0] if isinstance(each, Receipt) and not each.duplicate]
    assert len(receipts) == len(first[1])


def test_what_does_not_follow_the_last_one_is_not_applied(nodes) -> None:
    node, room = nodes[0], f"gap{next(_numbers)}"

    def settle(sequence: int, before: int) -> str:
        event = said("x", room=room)
        event.time = 1
        step = Step(room, sequence, before, "")
        ((_, outcome),) = node.projection.settle([(event, step, ())], patient=True)[1]
        return "applied" if isinstance(outcome, Receipt) else outcome.reason

    assert settle(5, 3) == "unavailable"
    assert settle(3, 0) == "applied"
    assert settle(5, 3) == "applied"
    assert settle(9, 3) == "unavailable"
    assert settle(9, 5) == "applied"


def test_how_far_a_room_has_come_is_committed_with_what_came_of_it(tmp_path) -> None:
    path = tmp_path / "projection.db"
    db = projection.open_file(path, "epoch")
    kept = Projection(db, DiskSpeed(0.0))
    event = edited(7, "x")
    event.time = 1
    kept.settle([(event, Step("lobby", 4, 0, ""), ())], patient=True)
    kept.close()

    again = projection.open_file(path, "epoch")

    assert projection.cursors(again) == {"lobby": 4}
    assert again.execute("SELECT count(*) FROM event").fetchone() == (0,)
    again.close()


names = st.text(min_size=1, max_size=20)


@given(first=names, second=names)
def test_rooms_have_subjects_of_their_own(first, second) -> None:
    layout = Layout("hall", 3)
    places = layout.place(first), layout.place(second)

    assert (places[0] == places[1]) == (first == second)
    for place in places:
        head, _, token = place.subject.rpartition(".")
        assert head in {f"hall.room.{shard}" for shard in range(3)}
        assert token.isascii()
        assert token.isalnum()
        assert place.live == place.subject.replace(".room.", ".live.")


@given(event=logged_events, person=persons)
def test_a_proposal_comes_as_it_was_sent(event, person) -> None:
    found = proposals.decode(proposals.encode(event, person), event.room)

    assert (found.event, found.person) == (event, person)


@given(body=st.binary(max_size=60))
def test_what_is_no_proposal_is_told(body) -> None:
    with pytest.raises(UnreadableError):
        proposals.decode(body, "lobby")
