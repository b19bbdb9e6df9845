"""On a real engine."""

import asyncio

import pytest

from pychat.server.backplane.jetstream import hall_log, stored, streams
from pychat.server.backplane.jetstream.hall_log import HallLog, HallLogError
from pychat.server.backplane.jetstream.link import Link, LinkError, Message
from pychat.server.backplane.jetstream.publisher import Publisher


class Reader:
    """One node's view of the log."""

    def __init__(self, link: Link, hall: str) -> None:
        self.seen: list[bytes] = []
        self.came = asyncio.Event()
        self.left_behind: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.loses = b""
        """What does not come live."""
        self.log = HallLog(link, hall, self._decided, self.left_behind.set_result)
        self._live = self.log._live
        self.log._live = self._hear  # type: ignore[method-assign]

    def _hear(self, message: Message) -> None:
        if message.body != self.loses:
            self._live(message)

    def _decided(self, sequence: int, time: int, body: bytes) -> None:
        assert time > 1_700_000_000_000
        self.seen.append(body)
        self.came.set()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.seen) < count:
                self.came.clear()
                await self.came.wait()


async def say(reader: Reader, publisher: Publisher, *words: bytes) -> None:
    for word in words:
        await reader.log.propose(publisher, word, publisher.next_id(), 15.0)


async def test_each_reader_gets_all_in_order_whenever_it_comes_and_whatever_is_lost(
    link: Link, publisher: Publisher, hall_name: str
) -> None:
    one, two = Reader(link, hall_name), Reader(link, hall_name)
    assert await one.log.open() is None
    await one.log.catch_up(0)
    await say(one, publisher, b"a", b"b")
    await one.wait_for(2)

    two.loses = b"c"
    await two.log.open()
    await two.log.catch_up(0)
    await say(one, publisher, b"c", b"d")
    await asyncio.gather(one.wait_for(4), two.wait_for(4))

    assert one.seen == two.seen == [b"a", b"b", b"c", b"d"]
    await one.log.close()
    await two.log.close()


async def test_the_log_is_let_go_of_up_to_the_last_snapshot_but_one(
    link: Link, publisher: Publisher, hall_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hall_log, "PART_BYTES", 4)
    one, two = Reader(link, hall_name), Reader(link, hall_name)
    await one.log.open()
    await one.log.catch_up(0)
    await say(one, publisher, *(b"x%d" % number for number in range(6)))
    await one.wait_for(6)

    await one.log.keep(publisher, 2, b"as of two")
    await one.log.keep(publisher, 5, b"as of five!!")

    assert await two.log.open() == (5, b"as of five!!")
    assert two.log.info.first == 3
    await two.log.catch_up(5)
    assert two.seen == [b"x5"]
    await one.log.close()
    await two.log.close()


@pytest.mark.parametrize("patience", [30.0, 0.0])
async def test_who_opens_the_log_waits_for_the_election_of_a_leader(
    link: Link, hall_name: str, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    ask, asked = stored.head, 0

    async def elect(*rest: str) -> int:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise LinkError("the stream has no leader")
        return await ask(link, *rest[1:])

    reader = Reader(link, hall_name)
    await reader.log.open()
    monkeypatch.setattr(stored, "head", elect)
    monkeypatch.setattr(streams, "READY_SECONDS", patience)
    monkeypatch.setattr(hall_log, "_PAUSE_SECONDS", 0.0)

    if patience:
        await reader.log.catch_up(0)
        await reader.log.close()
    else:
        with pytest.raises(LinkError, match="no leader"):
            await reader.log.catch_up(0)


async def test_a_log_without_its_beginning_and_without_a_snapshot_is_refused(
    link: Link, publisher: Publisher, hall_name: str
) -> None:
    one = Reader(link, hall_name)
    await one.log.open()
    await say(one, publisher, b"a", b"b")
    await streams.purge(link, f"{hall_name}-HALL", 2)

    with pytest.raises(HallLogError, match="begins at 2 and there is no snapshot"):
        await Reader(link, hall_name).log.open()


async def test_who_was_away_until_the_log_let_go_of_what_they_missed_is_told_and_given_nothing(
    link: Link, publisher: Publisher, hall_name: str
) -> None:
    one, two = Reader(link, hall_name), Reader(link, hall_name)
    await one.log.open()
    await two.log.open()
    await say(one, publisher, b"a", b"b", b"c", b"d")
    await one.log.catch_up(0)
    await streams.purge(link, f"{hall_name}-HALL", 3)

    with pytest.raises(HallLogError, match="begins at 3 by now, and this node knows it up to 0"):
        await two.log.catch_up(0)
    # As if it had been away.
    one.log._at, one.seen = 1, []
    one.log._wake.set()

    async with asyncio.timeout(30):
        assert "up to 1: start the node again" in await one.left_behind
    await say(two, publisher, b"e")
    await link.flush()
    assert one.seen == two.seen == []
    await one.log.close()


async def test_a_look_that_fails_is_told_of_and_is_not_the_last(
    link: Link,
    publisher: Publisher,
    hall_name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(hall_log, "LOOK_SECONDS", 0.05)
    reader, failed = Reader(link, hall_name), asyncio.Event()
    await reader.log.open()
    await reader.log.catch_up(0)
    head = stored.head

    async def fail_at_first(link: Link, stream: str, subject: str) -> int:
        if not failed.is_set():
            failed.set()
            raise ValueError("a defect")
        return await head(link, stream, subject)

    monkeypatch.setattr(stored, "head", fail_at_first)
    reader.loses = b"a"
    async with asyncio.timeout(30):
        await failed.wait()
    await say(reader, publisher, b"a")

    await reader.wait_for(1)
    assert "a defect" in caplog.text
    await reader.log.close()
