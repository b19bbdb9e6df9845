import asyncio

import pytest

from pychat.server.backplane.direct import DirectLedger
from pychat.server.backplane.interface import LedgerError, Outcome, Rejection, Retention, RoomRecord
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.cluster import following
from pychat.server.cluster.following import Following
from tests.support.ledgers import (
    FakeClock,
    Recorder,
    append,
    edited,
    newest,
    receipt,
    said,
    start,
    topic,
    wanted,
)


class Rooms(MemoryLedger):
    """Which are followed when the test says so."""

    def __init__(self) -> None:
        super().__init__(FakeClock())
        self.may_follow = asyncio.Event()
        self.fails = False
        self.left: list[str] = []
        self.followed: list[str] = []

    async def follow(self, room: str) -> None:
        self.followed.append(room)
        await self.may_follow.wait()
        if self.fails:
            raise LedgerError("the stream has no leader")

    def unfollow(self, room: str) -> None:
        self.left.append(room)


class Node:
    def __init__(self) -> None:
        self.rooms = Rooms()
        self.told: list[RoomRecord] = []
        self.direct = DirectLedger(FakeClock(), Retention())
        self.ledger = Following(self.rooms, lambda: self.direct, self.told.append)
        self.recorder = Recorder()


@pytest.fixture
async def node() -> Node:
    node = Node()
    await node.ledger.open(node.recorder)
    return node


async def test_what_is_said_before_the_room_is_followed_waits_and_keeps_its_order(
    node: Node,
) -> None:
    waiting = start(node.ledger, node.recorder, *(said(text) for text in "abc"))
    assert not any(each.done() for each in waiting)

    node.rooms.may_follow.set()
    settled = await asyncio.gather(*waiting)

    assert [receipt(each).seq for each in settled] == [1, 2, 3]
    assert node.ledger.record("lobby") == RoomRecord("lobby", 3, "")
    assert node.told == [RoomRecord("lobby", 0, "")]


@pytest.mark.parametrize(("known", "asked"), [(2, 1), (3, 1), (4, 2)])
async def test_a_node_that_is_behind_who_comes_in_looks_for_what_it_lacks(
    node: Node, known: int, asked: int
) -> None:
    node.rooms.may_follow.set()
    await asyncio.gather(*start(node.ledger, node.recorder, *(said(text) for text in "abc")))

    await node.ledger.follow("lobby", known)

    assert node.rooms.followed == ["lobby"] * asked


@pytest.mark.parametrize(("more", "refused"), [(-1, 0), (0, 0), (1, 1)])
async def test_so_many_wait_for_a_room_and_no_more(
    node: Node, monkeypatch: pytest.MonkeyPatch, more: int, refused: int
) -> None:
    monkeypatch.setattr(following, "WAITING", 3)
    waiting = start(node.ledger, node.recorder, *(said(str(at)) for at in range(3 + more)))
    node.rooms.may_follow.set()

    settled = await asyncio.gather(*waiting)

    assert list(map(_reason, settled)).count("unavailable") == refused


async def test_what_waited_for_a_room_that_cannot_be_followed_is_refused(node: Node) -> None:
    node.rooms.fails = True
    (waiting,) = start(node.ledger, node.recorder, said())
    node.rooms.may_follow.set()

    assert _reason(await waiting) == "unavailable"
    with pytest.raises(LedgerError):
        await node.ledger.page(newest())
    node.rooms.fails = False
    assert [_reason(each) for each in await append(node.ledger, node.recorder, said())] == [""]


async def test_a_question_waits_until_the_room_is_followed(node: Node) -> None:
    asking = asyncio.create_task(node.ledger.page(newest()))
    node.rooms.may_follow.set()

    assert (await asking).messages == []
    assert node.ledger.follows("lobby")
    node.ledger.unfollow("lobby")
    assert node.rooms.left == ["lobby"]
    assert not node.ledger.follows("lobby")


@pytest.mark.parametrize("fails", [False, True])
async def test_a_room_that_is_about_to_be_followed_is_not_let_go_of(
    node: Node, fails: bool
) -> None:
    node.rooms.fails = fails
    asking = asyncio.create_task(node.ledger.page(newest()))
    await asyncio.sleep(0)

    node.ledger.unfollow("lobby")
    node.rooms.may_follow.set()
    (answer,) = await asyncio.gather(asking, return_exceptions=True)

    assert isinstance(answer, LedgerError) == fails
    assert node.ledger.followed == ([] if fails else ["lobby"])
    assert node.rooms.left == []
    node.ledger.unfollow("lobby")
    assert node.rooms.left == ([] if fails else ["lobby"])


async def test_the_topic_is_known_by_what_was_said_last(node: Node) -> None:
    node.rooms.may_follow.set()

    await append(node.ledger, node.recorder, topic("tea"), said())

    assert node.ledger.record("lobby") == RoomRecord("lobby", 2, "tea")


async def test_what_was_said_before_a_room_is_followed_is_not_told_anew(node: Node) -> None:
    asking = asyncio.create_task(node.ledger.follow("lobby"))
    await asyncio.sleep(0)
    await append(node.rooms, node.recorder, topic("tea"), said("long ago"))
    assert node.recorder.events == []

    node.rooms.may_follow.set()
    await asking
    await append(node.ledger, node.recorder, said("now"))

    assert node.told == [RoomRecord("lobby", 2, "tea")]
    assert [each.seq for each in node.recorder.events] == [3]


async def test_a_room_of_two_is_no_business_of_the_rooms_logs(node: Node) -> None:
    node.direct.admit(said("psst", room="@ann,bob"), (), 1_000)

    page = await node.ledger.page(newest("@ann,bob"))

    assert [each.text for each in page.messages] == ["psst"]
    assert not node.ledger.follows("@ann,bob")


async def test_a_search_goes_by_time_through_rooms_of_two_as_well(node: Node) -> None:
    node.rooms.may_follow.set()
    for number, room in enumerate(["lobby", "@ann,bob,1", "@ann,eve,1", "lobby", "@ann,bob,1"]):
        event = said(f"tea {number}", room=room, sender="ann" if number % 2 else "bob")
        if room == "lobby":
            node.rooms._clock.now = 1_000 + number
            await append(node.ledger, node.recorder, event)
        else:
            node.direct.admit(event, (), 1_000 + number)
    node.direct.admit(edited(1, "coffee", room="@ann,eve,1", sender="ann"), (), 2_000)
    here = ("lobby", "@ann,bob,1", "@ann,bob,2")

    async def told(*rooms: str, **rest: object) -> list[str]:
        found = await node.ledger.search(wanted("te", *rooms, **rest))
        return [*(each.text for each in found.messages), *(["more"] if found.more else [])]

    assert await told(*here) == ["tea 4", "tea 3", "tea 1", "tea 0"]
    assert await told(*here, limit=2) == ["tea 4", "tea 3", "more"]
    assert await told(*here, before=1_003, limit=1) == ["tea 1", "more"]
    assert await told(*here, sender="Ann") == ["tea 3", "tea 1"]
    assert await told("@ann,bob,1") == ["tea 4", "tea 1"]
    assert await told("@ann,eve,1") == ["tea 2"]


async def test_a_room_that_is_made_anew_is_known_from_there(node: Node) -> None:
    node.rooms.may_follow.set()
    await append(node.ledger, node.recorder, topic("coffee"))

    node.rooms.begun(RoomRecord("lobby", 7, "tea"))

    assert node.ledger.record("lobby") == RoomRecord("lobby", 7, "tea")
    assert node.told[-1] == RoomRecord("lobby", 7, "tea")


async def test_nothing_is_left_waiting_when_the_node_stops(node: Node) -> None:
    waiting = start(node.ledger, node.recorder, said("one"), said("two"))

    await node.ledger.close()

    assert [_reason(each.result()) for each in waiting] == ["unavailable"] * 2
    assert all(task.done() for task in node.ledger._following.values())


def _reason(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, Rejection) else ""
