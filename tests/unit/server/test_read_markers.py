"""`read`: up to where somebody has read."""

import pytest

from pychat.protocol import commands, events, replies
from pychat.server import limits
from pychat.server.markers import Markers
from pychat.server.owners import Owners
from tests.support.comers import Comers, told
from tests.support.hall_shell import FakePeer
from tests.support.town import Town, code, welcome


@pytest.fixture
def ada(town: Town) -> FakePeer:
    """In the lobby, where three things were said."""
    ada = town.enter("ada", "lobby")
    for text in ("one", "two", "three"):
        town.said(ada, "lobby", text)
    return ada


def resumed(town: Town, peer: FakePeer, room: str = "lobby") -> int | None:
    """The marker with which the user finds the room again."""
    if not peer.gone:
        town.shell.break_off(peer)
    back = town.enter(None, resume=welcome(peer).resume)
    joined = town.join(back, room)
    assert isinstance(joined, replies.Joined)
    return joined.read


@pytest.mark.parametrize(
    ("seqs", "marker"),
    [([2], 2), ([2, 1], 2), ([1, 3], 3), ([4], 3), ([2**53 - 1], 3), ([0], None), ([], None)],
)
def test_it_moves_forward_only_and_no_further_than_the_head(
    town: Town, ada: FakePeer, seqs: list[int], marker: int | None
) -> None:
    for seq in seqs:
        assert isinstance(town.ask(ada, commands.Read, room="Lobby", seq=seq), replies.Ok)

    assert resumed(town, ada) == marker


def test_nobody_reads_where_they_are_not(town: Town, ada: FakePeer) -> None:
    kim = town.enter("kim")

    assert code(town.ask(kim, commands.Read, room="lobby", seq=1)) == "not-in-room"
    assert code(town.ask(kim, commands.Read, room="nowhere", seq=1)) == "no-such-room"


def test_it_is_there_after_a_restart(town: Town, ada: FakePeer) -> None:
    town.ask(ada, commands.Read, room="lobby", seq=2)
    town.shell.tick(limits.READ_KEPT)

    town.shell.restart()

    assert resumed(town, ada) == 2


def test_markers_are_written_together_and_not_one_by_one(town: Town, ada: FakePeer) -> None:
    kim = town.enter("kim", "lobby")
    town.shell.tick(limits.READ_KEPT)
    before = dict(town.shell.sessions)
    for seq in (1, 2, 3):
        town.ask(ada, commands.Read, room="lobby", seq=seq)
    town.ask(kim, commands.Read, room="lobby", seq=1)
    town.shell.tick(0.25)
    first = {each.name: each.read for each in town.shell.sessions.values()}
    town.ask(ada, commands.Read, room="lobby", seq=3)
    town.shell.tick(limits.READ_KEPT)

    assert [each.read for each in before.values()] == [{}, {}]
    assert first == {"ada": {"lobby": 3}, "kim": {"lobby": 1}}
    assert town.shell.hall.keep() == []


def test_a_crowd_that_reads_is_written_in_turns(
    town: Town, ada: FakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "READ_KEPT_USERS", 1)
    kim = town.enter("kim", "lobby")
    for peer in (ada, kim):
        town.ask(peer, commands.Read, room="lobby", seq=1)

    counts = []
    for _ in range(2):
        town.shell.tick(limits.READ_KEPT)
        counts.append(sum(bool(each.read) for each in town.shell.sessions.values()))

    assert counts == [1, 2]


def test_who_leaves_a_room_has_read_nothing_of_it(town: Town, ada: FakePeer) -> None:
    town.ask(ada, commands.Read, room="lobby", seq=2)
    town.leave(ada, "lobby")

    joined = town.join(ada, "lobby")

    assert isinstance(joined, replies.Joined)
    assert joined.read is None


def test_a_direct_room_has_one_as_long_as_the_server_runs(town: Town, ada: FakePeer) -> None:
    kim = town.enter("kim")
    town.join(ada, "@kim")
    seq = town.said(ada, "@kim", "hi").seq
    town.ask(kim, commands.Read, room="@ada", seq=seq)
    town.shell.tick(limits.READ_KEPT)

    assert resumed(town, kim, "@ada,kim") == seq
    assert all("@ada,kim" not in each.read for each in town.shell.sessions.values())


# -- of those who own their names -----------------------------------------------------------------


@pytest.fixture
def desk(hall: Comers) -> FakePeer:
    """Of ann, in the lobby, where three things were said."""
    desk = hall.come("ann", "lobby", by=1)
    for text in ("one", "two", "three"):
        hall.said(desk, "lobby", text)
    return desk


def marker(hall: Comers, peer: FakePeer, room: str = "lobby") -> int | None:
    joined = hall.join(peer, room)
    assert isinstance(joined, replies.Joined)
    return joined.read


def test_an_owner_finds_it_after_quit_and_restart(hall: Comers, desk: FakePeer) -> None:
    hall.ask(desk, commands.Read, room="lobby", seq=2)
    hall.ask(desk, commands.Quit)
    phone = hall.come("ann", by=1)
    assert marker(hall, phone) == 2

    hall.ask(phone, commands.Quit)
    hall.shell.tick(limits.READ_KEPT_OWNERS)
    hall.restart()

    assert marker(hall, hall.come("ann", by=1)) == 2


def test_it_survives_that_the_room_is_left(hall: Comers, desk: FakePeer) -> None:
    hall.ask(desk, commands.Read, room="lobby", seq=2)
    hall.leave(desk, "lobby")

    assert marker(hall, desk) == 2


def test_ones_other_sessions_are_told_where_they_hear_the_room(
    hall: Comers, desk: FakePeer
) -> None:
    phone = hall.come("ANN", "lobby", by=1)
    elsewhere = hall.come("ann", "den", by=1)
    other = hall.come("bob", "lobby")

    for seq in (2, 1, 9):
        hall.ask(phone, commands.Read, room="lobby", seq=seq)

    assert [(each.room, each.seq) for each in told(desk, events.Read)] == [
        ("lobby", 2),
        ("lobby", 3),
    ]
    assert told(phone, events.Read) == told(elsewhere, events.Read) == []
    assert told(other, events.Read) == []
    assert marker(hall, elsewhere) == 3


def test_what_is_told_of_one_that_is_joining_is_in_its_joined(hall: Comers, desk: FakePeer) -> None:
    phone = hall.come("ann", by=1)
    hall.shell.send(phone, commands.Join(id=hall.id(), room="lobby"))

    hall.shell.send(desk, commands.Read(id=hall.id(), room="lobby", seq=2))
    hall.shell.settle()

    (joined,) = told(phone, replies.Joined)
    assert joined.read == 2
    assert told(phone, events.Read) == []


def test_an_owners_are_written_together_and_seldom(hall: Comers, desk: FakePeer) -> None:
    kim = hall.come("kim", "lobby", by=2)

    def on_disk() -> set[str]:
        return {key for bucket, key in hall.shell.facts if bucket == "read"}

    hall.ask(desk, commands.Read, room="lobby", seq=1)
    hall.shell.tick(0.25)
    assert on_disk() == {"ann"}
    hall.ask(kim, commands.Read, room="lobby", seq=1)
    hall.shell.tick(limits.READ_KEPT_OWNERS - 0.25)
    assert on_disk() == {"ann"}
    hall.shell.tick(0.25)
    assert on_disk() == {"ann", "kim"}
    assert hall.shell.hall.keep() == []


def test_when_the_hall_closes_all_are_kept(hall: Comers, desk: FakePeer) -> None:
    hall.shell.tick(limits.READ_KEPT_OWNERS)
    hall.ask(desk, commands.Read, room="lobby", seq=1)

    hall.shell.perform(hall.shell.hall.keep())
    hall.restart()

    assert marker(hall, hall.come("ann", by=1)) == 1


def test_what_a_guest_had_read_is_the_owners(hall: Comers) -> None:
    ann = hall.come("ann", "lobby")
    seq = hall.said(ann, "lobby", "one").seq
    hall.ask(ann, commands.Read, room="lobby", seq=seq)
    hall.shell.break_off(ann)
    hall.come("ann", by=1, resume=welcome(ann).resume)

    assert marker(hall, hall.come("ann", by=1)) == seq


@pytest.mark.parametrize("other", ["owner", "log"])
def test_another_owner_or_another_log_begins_anew(hall: Comers, desk: FakePeer, other: str) -> None:
    hall.ask(desk, commands.Read, room="lobby", seq=2)
    hall.shell.tick(limits.READ_KEPT_OWNERS)
    if other == "owner":
        del hall.shell.facts["owner", "ann"]
        hall.shell.tick(1)
        hall.restart()
        hall.shell.tick(61)
        assert marker(hall, hall.come("ann", by=2)) is None
        return
    facts = list(hall.shell.facts.values())
    owner = next(iter(Owners(facts)._by_key.values()))
    assert Markers(facts, Owners(facts), "epoch").of(owner.id) == {"lobby": 2}
    assert Markers(facts, Owners(facts), "another").of(owner.id) == {}


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_so_many_are_known_of_an_owner(extra: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "READ_MARKERS", 3)
    markers, ann = Markers([], Owners([]), "epoch"), ("ann", 1)
    for number in range(3 + extra):
        assert markers.move(ann, f"room-{number}", 1)
        # What is read on and on is not forgotten.
        assert markers.move(ann, "room-0", 2 + number)

    assert len(markers.of(ann)) == min(3, 3 + extra)
    assert markers.of(ann)["room-0"] == 4 + extra
    assert ("room-1" in markers.of(ann)) == (extra < 1)
