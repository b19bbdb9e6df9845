"""`read`: up to where somebody has read."""

import pytest

from pychat.protocol import commands, replies
from pychat.server import limits
from tests.support.hall_shell import FakePeer
from tests.support.town import Town, code, welcome


@pytest.fixture
def town() -> Town:
    return Town()


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
    assert town.shell.hall.keep(9) == []


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
