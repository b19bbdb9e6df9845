"""What a unit of a cluster costs: what is counted, and how rounds are told."""

import pytest

from benchmarks.cluster_units import plane
from benchmarks.cluster_units.__main__ import merged, told
from benchmarks.cluster_units.people import Person
from pychat.protocol.framing import frame
from pychat.server.cluster import entries

MESSAGE = frame(b'{"type":"message","room":"r","text":"type message"}')
OTHER = frame(b'{"type":"ping"}')


@pytest.mark.parametrize("piece", [1, 3, 17, len(MESSAGE), 1_000])
async def test_a_listener_counts_messages_however_they_are_torn(piece: int) -> None:
    person = Person("ann")
    person.listen()
    said = (MESSAGE + OTHER) * 3 + MESSAGE

    for at in range(0, len(said), piece):
        person.data_received(said[at : at + piece])

    assert person.messages == 4
    await person.heard(4)


def test_what_is_measured_of_the_halls_log_happens() -> None:
    """Nothing of it is refused: a refusal costs less."""
    log = plane.Log(plane.fresh())
    log.carry_out(plane.hellos(range(100)), 7)
    plane.settle(log, range(100))
    hall, new = log.replica.hall, range(1_000_000, 1_000_000 + plane.EVENTS)

    for kind, what in plane.kinds(new):
        log.carry_out(what, plane.TOGETHER)
        assert (kind == "hello") == (not hall.register.by_key[f"person{new[0]}"].rooms), kind
    person = hall.register.by_key[f"person{new[0]}"]
    assert person.away
    assert person.read == {"room-900000": 1}
    assert min(person.rooms).startswith("@")

    rooms = [room for room in hall.rooms.values() if not room.name.startswith("room-90")]
    assert {len(room.members) for room in rooms} == {plane.ROOM_PEOPLE}
    assert len(rooms) == 100 * plane.ROOMS_OF_ONE / plane.ROOM_PEOPLE
    assert len(hall.register.sessions) == 100 + plane.EVENTS
    assert len(hall.lingering) == plane.EVENTS


def test_what_is_together_stands_in_one_message() -> None:
    log = plane.Log(plane.fresh())

    _, alone = log.carry_out(plane.hellos(range(4)), 1)
    _, four = log.carry_out(plane.hellos(range(4, 8)), 4)

    assert log.batches == 1 + 4 + 1
    envelope = len(entries.encode(entries.Batch(node="other", number=1, entries=[])))
    assert alone - four == pytest.approx(0.75 * envelope, abs=1)


def test_rounds_are_told_by_their_median_and_ends() -> None:
    rounds = [{"join": {"µs": value}} for value in (3.0, 9.0, 4.0)]

    assert merged(rounds) == {"join": {"µs": [3.0, 9.0, 4.0]}}
    title, line = told("plane", rounds)
    assert title == "plane, join"
    assert line.split() == ["µs", "4.0", "3.0", "to", "9.0"]
