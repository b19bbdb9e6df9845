import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from pychat.server.backplane.interface import LedgerError, RoomRecord
from pychat.server.backplane.jetstream.link import Link
from pychat.server.cluster import housekeeping
from pychat.server.cluster.entries import AnyEntry, Beat, Gone
from pychat.server.cluster.housekeeping import Housekeeping
from pychat.server.cluster.lane import Lane
from pychat.server.cluster.node_server import NodeServer
from pychat.server.cluster.replica import Node
from tests.support.nodes import World

LEASE = 20.0


class Kept:
    """A node of three whose housekeeping does what the test asks for, and what comes of it."""

    def __init__(self) -> None:
        world = World()
        self.nodes = [world.start() for _ in range(3)]
        world.catch_up()
        self.replica = self.nodes[1].replica
        self.heads: dict[str, int] = {}
        self.entries: list[AnyEntry] = []
        self.unfollowed: list[str] = []
        self.cut_off: list[float] = []
        self.now = 0.0
        self.asked: list[str] = []
        self.no_leader = True
        following = SimpleNamespace(
            followed=self.heads,
            record=lambda name: RoomRecord(name, self.heads[name], ""),
            unfollow=self.unfollowed.append,
            follow=self.follow,
            follows=self.heads.__contains__,
        )
        self.server = SimpleNamespace(
            now=lambda: self.now,
            cut_off=lambda: self.cut_off.append(self.now),
            replica=self.replica,
            hall=self.replica.hall,
            following=following,
            connections=[],
            joining={},
        )
        self.link = SimpleNamespace(watch=lambda listener: None, connected=True)
        self.keeping = Housekeeping(
            cast(NodeServer, self.server),
            cast(Lane, SimpleNamespace(put=self.entries.append)),
            cast(Link, self.link),
            LEASE,
        )

    async def follow(self, room: str) -> None:
        self.asked.append(room)
        if self.no_leader:
            raise LedgerError("the stream has no leader")

    async def beat(self, number: int = 0) -> list[str]:
        """The rooms that the next sign of life tells of."""
        await self.keeping._look(number * housekeeping.BEAT)
        (beat,) = [each for each in self.entries if isinstance(each, Beat)]
        self.entries.clear()
        self.news = beat.rooms
        return [each.name for each in beat.rooms]

    def silent(self, **seconds: float) -> None:
        for name, since in seconds.items():
            node = self.replica.nodes[name.replace("_", "-")]
            self.replica.nodes[name.replace("_", "-")] = Node(node.number, -int(since * 1000))


@pytest.mark.parametrize(("seconds", "gone"), [(19.9, 0), (20.0, 1), (20.1, 1)])
async def test_a_node_is_missed_that_was_silent_for_a_lease(seconds: float, gone: int) -> None:
    kept = Kept()
    kept.silent(node_0=seconds)

    await kept.keeping._look(housekeeping.SETTLED)

    missed = [each for each in kept.entries if isinstance(each, Gone)]
    assert missed == [Gone(node="node-0", heard=-int(seconds * 1000))] * gone


async def test_the_oldest_of_those_who_are_heard_does_the_missing() -> None:
    kept = Kept()
    kept.silent(node_2=30)

    await kept.keeping._look(housekeeping.SETTLED)

    assert [type(each) for each in kept.entries] == [Beat]


@pytest.mark.parametrize(("now", "connected"), [(housekeeping.SETTLED - 0.1, True), (60.0, False)])
async def test_who_was_cut_off_a_moment_ago_misses_nobody(now: float, connected: bool) -> None:
    kept = Kept()
    kept.link.connected = connected
    kept.silent(node_0=30)

    await kept.keeping._look(now)

    assert [type(each) for each in kept.entries] == [Beat]


async def test_a_node_that_has_no_engine_for_too_long_sends_its_people_to_others_once() -> None:
    kept = Kept()
    lost = 10.0
    kept.now = lost
    kept.keeping._connected(False)

    looks = [lost + seconds for seconds in (2.9, 3.0, 3.1, 60.0)]
    for kept.now in looks:
        await kept.keeping._look(kept.now)

    assert kept.cut_off == [lost + housekeeping.ALONE]


async def test_a_node_that_is_back_at_an_engine_soon_keeps_its_people() -> None:
    kept = Kept()
    kept.keeping._connected(False)
    kept.keeping._connected(True)

    await kept.keeping._look(housekeeping.ALONE)

    assert kept.cut_off == []


@pytest.mark.parametrize(("more", "told"), [(-1, [2, 0]), (0, [3, 0]), (1, [3, 1])])
async def test_one_sign_of_life_tells_of_so_many_rooms(
    monkeypatch: pytest.MonkeyPatch, more: int, told: list[int]
) -> None:
    monkeypatch.setattr(housekeeping, "NEWS", 3)
    kept = Kept()
    kept.heads.update({f"room-{number}": 1 for number in range(3 + more)})

    for number, count in enumerate(told):
        assert len(await kept.beat(number)) == count
        kept.keeping.told(kept.news)


async def test_news_that_did_not_come_to_the_log_are_told_again() -> None:
    kept = Kept()
    kept.heads["lobby"] = 1
    assert await kept.beat(0) == await kept.beat(1) == ["lobby"]

    kept.keeping.told(kept.news)

    assert await kept.beat(2) == []


async def test_of_more_rooms_than_a_sign_tells_of_each_has_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(housekeeping, "NEWS", 2)
    kept = Kept()
    turns = []

    for number in range(6):
        kept.heads.update(dict.fromkeys(("a", "b", "c"), number + 1))
        turns += await kept.beat(number)
        kept.keeping.told(kept.news)

    assert turns == ["a", "b", "c"] * 4


async def test_a_room_that_was_left_before_the_log_had_its_news_is_told_of_anew() -> None:
    kept = Kept()
    kept.heads["lobby"] = 1
    await kept.beat(0)
    del kept.heads["lobby"]
    kept.keeping.told(kept.news)
    kept.heads["lobby"] = 1

    assert await kept.beat(1) == ["lobby"]


async def test_a_room_that_is_waited_for_delays_no_sign_of_life(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = Kept()
    waiting, beaten = asyncio.Event(), asyncio.Event()

    async def wait(now: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async def beat(now: float) -> None:
        if waiting.is_set():
            beaten.set()

    for constant in ("LOOK", "LET_GO"):
        monkeypatch.setattr(housekeeping, constant, 0.0)
    monkeypatch.setattr(kept.keeping, "_look", beat)
    monkeypatch.setattr(kept.keeping, "_look_for_unused", wait)
    monkeypatch.setattr(type(kept.replica), "is_oldest", True)

    kept.keeping.open()

    async with asyncio.timeout(30):
        await beaten.wait()
    kept.keeping.close()


async def test_where_one_unused_room_cannot_be_looked_at_the_others_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = Kept()
    monkeypatch.setattr(type(kept.replica), "is_oldest", True)
    for name in ("a", "b"):
        kept.server.hall.open_room(name)

    for now in (0.0, housekeeping.UNUSED):
        await kept.keeping._look_at_rooms(now)

    assert kept.asked == ["a"]
    assert kept.entries == []


async def test_a_room_that_nobody_is_in_at_two_looks_is_let_go_of() -> None:
    kept = Kept()
    kept.heads["lobby"] = 1

    for look in range(2):
        assert kept.unfollowed == []
        await kept.keeping._look_at_rooms(look * housekeeping.LET_GO)

    assert kept.unfollowed == ["lobby"]


async def test_a_room_that_somebody_is_about_to_come_into_is_followed_on() -> None:
    kept = Kept()
    kept.heads["lobby"] = 1
    kept.server.joining[object()] = "lobby"

    for look in range(3):
        await kept.keeping._look_at_rooms(look * housekeeping.LET_GO)

    assert kept.unfollowed == []


async def test_rooms_that_nobody_follows_have_their_turn_to_let_go_of_what_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(housekeeping, "OLD_ROOMS", 2)
    kept = Kept()
    hall = kept.replica.hall
    hall.record_of = lambda name: RoomRecord(name, 7, "")
    for name in ("a", "b", "c"):
        hall.open_room(name)

    for now, asked in (
        (0.0, ["a"]),
        (30.0, ["c"]),
        (60.0, []),
        (housekeeping.OLD - 1, []),
        (housekeeping.OLD, ["a", "b"]),
        (housekeeping.OLD + 30, ["c"]),
    ):
        kept.no_leader = not now
        kept.asked.clear()
        await kept.keeping._look_for_old(now)
        assert kept.asked == asked
