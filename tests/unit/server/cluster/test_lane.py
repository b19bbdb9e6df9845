import asyncio
from typing import cast

import msgspec
import pytest

from pychat.server.backplane.jetstream.hall_log import HallLog
from pychat.server.backplane.jetstream.publisher import Ack, Publisher, UnpublishedError
from pychat.server.cluster import entries, lane
from pychat.server.cluster.entries import Batch, Beat, Lost
from pychat.server.cluster.lane import Lane


class FakeLog:
    """Acknowledges when the test says so."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.ids: list[str] = []
        self.acks: asyncio.Queue[asyncio.Future[Ack]] = asyncio.Queue()

    def propose(
        self, publisher: object, body: bytes, message_id: str, patience: float
    ) -> asyncio.Future[Ack]:
        self.batches.append(entries.decode(body))
        self.ids.append(message_id)
        ack: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self.acks.put_nowait(ack)
        return ack


class Under:
    def __init__(self) -> None:
        self.log = FakeLog()
        self.given_up = asyncio.Event()
        self.lane = Lane(
            cast(HallLog, self.log),
            cast(Publisher, None),
            20.0,
            self.given_up.set,
        )
        self.lane.begin("one.a")
        self.lane.open()

    def numbers(self) -> list[list[int]]:
        return [[each.peer for each in batch.entries] for batch in self.log.batches]  # type: ignore[union-attr]


async def test_what_gathers_while_one_is_on_its_way_goes_together_after_it() -> None:
    under = Under()
    under.lane.put(Lost(peer=1))
    first = await under.log.acks.get()
    under.lane.put(Lost(peer=2))
    under.lane.put(Lost(peer=3))

    first.set_result(Ack(1, False))
    (await under.log.acks.get()).set_result(Ack(2, False))
    await under.lane.empty()

    assert under.numbers() == [[1], [2, 3]]
    assert under.log.ids == ["one.a/1", "one.a/2"]
    assert [batch.number for batch in under.log.batches] == [1, 2]
    await under.lane.close()


@pytest.mark.parametrize(("more", "batches"), [(-1, 1), (0, 1), (1, 2)])
async def test_a_message_has_entries_of_so_many_bytes(
    monkeypatch: pytest.MonkeyPatch, more: int, batches: int
) -> None:
    size = len(msgspec.json.encode(Beat()))
    monkeypatch.setattr(lane, "BATCH_BYTES", 3 * size)
    under = Under()
    for _ in range(3 + more):
        under.lane.put(Beat())
    for _ in range(batches):
        (await under.log.acks.get()).set_result(Ack(1, False))

    await under.lane.empty()

    assert len(under.log.batches) == batches
    await under.lane.close()


async def test_what_is_not_acknowledged_in_time_is_told() -> None:
    under = Under()
    under.lane.put(Beat())

    (await under.log.acks.get()).set_exception(UnpublishedError("no leader", never=False))
    await under.given_up.wait()

    await under.lane.close()


async def test_a_node_that_begins_anew_throws_away_what_it_had_not_said() -> None:
    under = Under()
    under.lane.put(Lost(peer=1))
    first = await under.log.acks.get()
    under.lane.put(Lost(peer=2))
    under.lane.begin("one.b")
    under.lane.put(Lost(peer=3))

    first.set_exception(UnpublishedError("no leader", never=False))
    (await under.log.acks.get()).set_result(Ack(2, False))
    await under.lane.empty()

    assert under.numbers() == [[1], [3]]
    assert under.log.ids == ["one.a/1", "one.b/1"]
    assert not under.given_up.is_set()
    await under.lane.close()
