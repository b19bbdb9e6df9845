"""Nodes that let go of the same at the same place, streams that do, and nodes that begin later."""

import asyncio
import contextlib
import random
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import database, rules, steady
from pychat.server.backplane.interface import LedgerError, Retention, RoomRecord
from pychat.server.backplane.jetstream import beginnings, following, retaining, stored, streams
from pychat.server.backplane.jetstream.floors import Beginning
from pychat.server.backplane.jetstream.followed_room import FollowedRoom
from pychat.server.backplane.jetstream.link import Link
from pychat.server.backplane.jetstream.proposals import Layout, Place
from pychat.server.backplane.jetstream.publisher import Publisher, UnpublishedError
from tests.support.engines import Engine
from tests.support.ledger_nodes import Cluster, Node, linked, sweep
from tests.support.ledgers import (
    FakeClock,
    deleted,
    edited,
    newest,
    reacted,
    reasons,
    receipt,
    said,
    since,
    topic,
    wanted,
)

HOUR = 3_600_000
_NOTHING = zlib.compress(b"[]")
KEEP = Retention(max_messages=5)


class Town(Cluster):
    """Nodes that let go when a test says so. An hour passes with each message of their stream."""

    def __init__(self, engine: Engine, hall: str, folder: Path, clock: FakeClock) -> None:
        super().__init__([engine], hall, folder)
        self.clock = clock
        self.hall = hall
        self.folder = folder

    def keeping(
        self, name: str, *rooms: str, keep: Retention = KEEP
    ) -> contextlib.AbstractAsyncContextManager[Node]:
        return self.node(
            name,
            *rooms,
            retention=keep,
            clock=self.clock,
            time_of=lambda found: 1_000 * HOUR + found.sequence * HOUR,
        )

    async def say(self, node: Node, *said: LoggedEvent) -> list[str]:
        """One after the other, as reasons."""
        told = []
        for event in said:
            outcome = (await node.say(event))[0]
            self.clock.now += HOUR
            told += reasons([outcome])
        return told

    async def stored(self, node: Node) -> int:
        """How many messages the stream has."""
        return (await streams.info(node.link, f"{self.hall}-ROOMS-0")).messages

    async def state(self, node: Node, name: str) -> dict[str, list[Any]]:
        """What the node knows, but for how it numbers rows."""
        await node.ledger.search(wanted("x"))
        with contextlib.closing(sqlite3.connect(self.folder / name / "projection.db")) as db:
            return {select: db.execute(select).fetchall() for select in _STATE}

    def lose(self, name: str) -> None:
        for file in (self.folder / name).glob("projection.db*"):
            file.unlink()


_STATE = (
    "SELECT name, topic, floor, floor_messages, floor_time, head, last_time, messages "
    "FROM place JOIN room USING (id, name, topic, floor, floor_messages) WHERE name > '!'",
    "SELECT seq, time, sender_key, nonce, kind, messages, body FROM event "
    "JOIN room ON room.id = room WHERE name > '!' ORDER BY name, seq",
    "SELECT name, sender_key, nonce, seq, time, fingerprint FROM spent JOIN room ON room.id = room "
    "WHERE name > '!' ORDER BY name, sender_key, nonce",
    "SELECT name, sender_key, nonce FROM nonce JOIN room ON room.id = room "
    "WHERE name > '!' ORDER BY name, sender_key, nonce",
    "SELECT seq, c0 FROM words_content JOIN event USING (id) JOIN room ON room.id = room "
    "WHERE name > '!' ORDER BY name, seq",
    "SELECT room, sequence FROM applied ORDER BY room",
    "SELECT room, now, until FROM reckoned ORDER BY room",
)


@pytest.fixture
def town(
    engine: Engine,
    hall_name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Town:
    clock = FakeClock(1_000 * HOUR)
    monkeypatch.setattr(steady, "monotonic", lambda: clock.now / 1000)
    monkeypatch.setattr(retaining, "PURGE_SECONDS", 0.0)
    return Town(engine, hall_name, tmp_path, clock)


def some(count: int, start: int = 0) -> list[LoggedEvent]:
    return [said(f"x {number}") for number in range(start, start + count)]


async def test_three_nodes_let_go_of_the_same_and_answer_the_same(town: Town) -> None:
    async with (
        town.keeping("a", "lobby") as first,
        town.keeping("b", "lobby") as second,
        town.keeping("c", "lobby") as third,
    ):
        nodes = (first, second, third)
        await town.say(first, topic("tea"), *some(6), reacted(2, "👍"), deleted(6), *some(3, 6))
        for node in nodes:
            await node.ears.heard(12)

        await asyncio.gather(*(sweep(node.ledger) for node in nodes))

        for node in nodes:
            await node.ledger.follow("lobby")
        pages = [await node.ledger.page(newest()) for node in nodes]
        assert [m.text for m in pages[0].messages] == ["", "x 5", "x 6", "x 7", "x 8"]
        assert pages[1:] == pages[:-1]
        deltas = [await node.ledger.delta(since(3)) for node in nodes]
        assert (deltas[0].events, deltas[0].floor) == (None, 5)
        assert deltas[1:] == deltas[:-1]
        for node in nodes:
            again = await town.say(node, edited(2, "y"), said(reply_to=3), said("x 0", nonce="n"))
            assert again == ["no-such-message", "no-such-message", "appended"]
        states = [await town.state(node, name) for node, name in zip(nodes, "abc", strict=True)]
        assert states[1:] == states[:-1]


async def test_a_node_that_lost_its_file_makes_the_same_of_what_streams_still_have(
    town: Town,
) -> None:
    async with town.keeping("a", "lobby") as first:
        await town.say(first, topic("tea"), *some(40), reacted(3, "👍"), edited(4, "y"))
        await sweep(first.ledger)
        await town.say(first, reacted(3, "👎"), edited(40, "z"), *some(2, 40))
        await sweep(first.ledger)
        # A day of it stays, for the nonces, and what is kept.
        assert await town.stored(first) < 35
        before = await town.state(first, "a")
        page = await first.ledger.page(newest())
    town.lose("a")

    async with town.keeping("a") as again:
        told: list[RoomRecord] = []
        again.ledger.begun = told.append
        await again.ledger.follow("lobby")

        assert await again.ledger.page(newest()) == page
        assert await town.state(again, "a") == before
        assert [(record.name, record.topic) for record in told] == [("lobby", "tea")]
        assert again.ears.events[0].prev == told[0].head
        assert await town.say(again, said("after")) == ["appended"]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_was_said_another_node_makes_the_same_of_it(
    town: Town, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", 7)
    chance = random.Random(seed)
    keep = Retention(max_messages=6, max_age=40 * HOUR)
    async with town.keeping("a", "lobby", keep=keep) as first:
        for _ in range(12):
            await town.say(first, *(_anything(chance, len(first.ears.events)) for _ in range(12)))
            await sweep(first.ledger)
            if chance.random() < 0.3:
                town.clock.now += 30 * HOUR
        async with town.keeping("b", "lobby", keep=keep) as second:
            assert await town.state(second, "b") == await town.state(first, "a")
            later = [_anything(chance, len(first.ears.events)) for _ in range(20)]
            await town.say(second, *later)
            await sweep(second.ledger)
            await first.ledger.follow("lobby")
            assert await town.state(second, "b") == await town.state(first, "a")
        assert len(second.ears.events) < len(first.ears.events)


def _anything(chance: random.Random, head: int) -> LoggedEvent:
    who, target = chance.choice(("ann", "bob")), chance.randint(max(1, head - 15), head + 1)
    used: dict[str, str] = {}
    if chance.random() < 0.3:
        used = {"nonce": f"used {chance.randrange(6)}"}
    makes: list[Callable[[], LoggedEvent]] = [
        lambda: said("x", sender=who, **used),
        lambda: said("x", sender=who, reply_to=target, **used),
        lambda: edited(target, f"x {head}", sender=who, **used),
        lambda: deleted(target, sender=who),
        lambda: reacted(target, chance.choice("👍🎉"), sender=who, **used),
        lambda: topic(f"about {head}", sender=who, **used),
    ]
    return chance.choice(makes)()


@pytest.mark.parametrize("restarts", [True, False])
async def test_a_node_that_comes_late_begins_anew_and_has_no_hole(
    town: Town, restarts: bool
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(town.keeping("a", "lobby", "other"))
        late = await stack.enter_async_context(town.keeping("late", "lobby", "other"))
        await town.say(first, *some(3), said("old", room="other"))
        await late.ledger.follow("lobby")
        if restarts:
            await late.ledger.close()
        else:
            late.ledger.unfollow("lobby")
        await town.say(first, *some(60, 3))
        await sweep(first.ledger)
        await town.say(first, *some(2, 63))
        await sweep(first.ledger)

        if restarts:
            late = await stack.enter_async_context(town.keeping("late", "lobby", "other"))
        else:
            await late.ledger.follow("lobby")

        assert await late.texts() == await first.texts() == [f"x {at}" for at in range(60, 65)]
        seqs = [event.seq for event in late.ears.events if event.room == "lobby"]
        begin = seqs[0 if restarts else 3]
        assert begin > 4
        assert seqs[-(66 - begin) :] == list(range(begin, 66))
        assert await late.texts("other") == ["old"]
        assert (await town.state(late, "late"))[_STATE[1]][-1] == (
            (await town.state(first, "a"))[_STATE[1]][-1]
        )
        # What there was of the room before goes piece by piece.
        for _ in range(4):
            await sweep(late.ledger)
        with contextlib.closing(sqlite3.connect(town.folder / "late" / "projection.db")) as db:
            assert db.execute("SELECT count(*) FROM room").fetchone() == (2,)
            assert db.execute("SELECT count(*) FROM event").fetchone() == (6,)


async def test_a_room_that_takes_long_to_make_anew_goes_on_where_it_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", 3)
    async with town.keeping("a", "lobby") as first:
        await town.say(first, *some(40), *(edited(at, "y") for at in (1, 39)))
        await sweep(first.ledger)
        before = await town.state(first, "a")
        async with town.keeping("b") as second:
            monkeypatch.setattr(following, "FOLLOW_SECONDS", 0.0)
            with pytest.raises(LedgerError, match="cannot be caught up"):
                await second.ledger.follow("lobby")
            monkeypatch.setattr(following, "FOLLOW_SECONDS", 30.0)
            following_ = asyncio.create_task(second.ledger.follow("lobby"))
            await second.ears.heard(4)
            second.ledger.unfollow("lobby")
            with pytest.raises(LedgerError):
                await following_

            await second.ledger.follow("lobby")

            assert await town.state(second, "b") == before


async def test_what_was_made_anew_by_half_when_a_node_died_is_made_anew(town: Town) -> None:
    async with town.keeping("a", "lobby") as first:
        await town.say(first, *some(40))
        await sweep(first.ledger)
        before = await town.state(first, "a")
    with contextlib.closing(sqlite3.connect(town.folder / "a" / "projection.db")) as db, db:
        db.execute("UPDATE reckoned SET until = 99")

    async with town.keeping("a", "lobby") as again:
        assert await town.state(again, "a") == before


async def test_nonces_are_forgotten_after_a_day_by_all_nodes(town: Town) -> None:
    keep = Retention(max_messages=1)
    async with (
        town.keeping("a", "lobby", keep=keep) as first,
        town.keeping("b", "lobby", keep=keep) as second,
    ):
        (sent,) = await first.say(said("a", nonce="n"))
        await town.say(first, said("b"))
        await sweep(first.ledger)
        (again,) = await second.say(said("a", nonce="n"))
        assert receipt(again).seq == receipt(sent).seq

        town.clock.now += rules.NONCE_LIFE + HOUR
        await sweep(second.ledger)

        await first.ledger.follow("lobby")
        (fresh,) = await first.say(said("a", nonce="n"))
        assert not receipt(fresh).duplicate
        await second.ledger.follow("lobby")
        assert await town.state(first, "a") == await town.state(second, "b")


async def test_a_floor_that_the_disk_refuses_is_carried_out_later(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(following, "_REFUSED_SECONDS", 0.05)
    async with town.keeping("a", "lobby") as first, town.keeping("b", "lobby") as second:
        await town.say(first, *some(8))
        await second.ears.heard(8)
        with contextlib.closing(sqlite3.connect(town.folder / "b" / "projection.db")) as other:
            other.execute("BEGIN IMMEDIATE")

            await sweep(first.ledger)
            await town.say(first, said("after"))

            assert (await second.texts())[0] == "x 0"
            other.execute("ROLLBACK")
        await second.ledger.follow("lobby")
        assert await town.state(second, "b") == await town.state(first, "a")


async def test_what_a_disk_refuses_while_a_gap_is_read_is_read_as_well(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came behind it was taken, and it was passed over."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.3)
    monkeypatch.setattr(following, "_REFUSED_SECONDS", 0.05)
    read = stored.after

    async def slowly(*asked: Any) -> stored.Batch:
        batch = await read(*asked)
        if asked[3] == 1:
            await refused.wait()
        return batch

    refused = asyncio.Event()
    async with town.keeping("a", "lobby") as first, town.keeping("b", "lobby") as second:
        assert second.ledger._parts is not None
        follower = second.ledger._parts.follower
        again = follower._try_again

        def tries_again(room: FollowedRoom) -> None:
            again(room)
            refused.set()

        monkeypatch.setattr(follower, "_try_again", tries_again)
        monkeypatch.setattr(stored, "after", slowly)
        second.link.loses = lambda message: message.headers["Nats-Sequence"] == "2"
        with contextlib.closing(sqlite3.connect(town.folder / "b" / "projection.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            await town.say(first, *some(3))
            await refused.wait()
            other.execute("ROLLBACK")

        assert await second.ears.heard(3) == first.ears.events


async def test_a_later_beginning_is_never_replaced_by_an_earlier_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Layout(town.hall, 1).place("lobby")

    def start(sequence: int) -> Beginning:
        return Beginning(
            room="lobby",
            sequence=sequence,
            seq=sequence,
            time=0,
            messages=0,
            topic="",
            until=9,
            floor=sequence,
            now=0,
            refused=_NOTHING,
        )

    async with town.keeping("a", "lobby") as first, linked(*town._engines) as link:
        await town.say(first, *some(9))
        publisher = Publisher(link, "test")
        publisher.open()
        assert await beginnings.keep(link, publisher, place, start(5)) == 5
        assert await beginnings.keep(link, publisher, place, start(3)) == 5
        kept = await beginnings.find(link, place)
        assert kept is not None
        assert kept.beginning.sequence == 5
        # Two at once: neither saw the other's.
        find, both = beginnings.find, asyncio.Barrier(2)

        async def find_together(by: Link, where: Place) -> beginnings.Kept | None:
            found = await find(by, where)
            if by is link:
                await both.wait()
            return found

        monkeypatch.setattr(beginnings, "find", find_together)
        told = await asyncio.gather(
            *(beginnings.keep(link, publisher, place, start(at)) for at in (6, 7)),
            return_exceptions=True,
        )
        assert sum(isinstance(each, UnpublishedError) for each in told) == 1
        # Of the room, and of its beginning the last.
        assert await town.stored(first) == 1 + 9 - next(at for at in told if isinstance(at, int))
        await publisher.close()
