"""What the Ledger lets go of, and what of it stays, whatever the engine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pychat.protocol import codec
from pychat.server.backplane import retention, rules
from pychat.server.backplane.interface import Ledger, Receipt, Retention
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledgers import (
    ENGINES,
    FakeClock,
    Recorder,
    append,
    deleted,
    edited,
    newest,
    reacted,
    reasons,
    receipt,
    said,
    since,
    start,
    topic,
    wanted,
)

HOUR = 3_600_000
DAY = 24 * HOUR

Keeping = Callable[[Retention], Ledger]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(100 * DAY)


@pytest.fixture(params=ENGINES)
async def keeping(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: FakeClock,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Keeping]:
    """Opens a ledger of each kind that keeps so much and prunes soon."""
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.02)
    ledgers: list[Ledger] = []

    async def open_(keep: Retention) -> Ledger:
        engine = MemoryLedger if request.param == "memory" else SqliteLedger
        place = [] if engine is MemoryLedger else [tmp_path / "log.db"]
        ledgers.append(engine(*place, clock, keep))
        await ledgers[-1].open(recorder)
        return ledgers[-1]

    yield open_
    for ledger in ledgers:
        await ledger.close()


async def until_first_is(ledger: Ledger, seq: int | None, room: str = "lobby") -> None:
    """Wait until the pruning has come so far."""
    async with asyncio.timeout(10):
        while True:
            page = await ledger.page(newest(room, limit=10_000))
            if (page.messages[0].seq if page.messages else None) == seq:
                return
            await asyncio.sleep(0.005)


async def test_only_so_many_messages_of_a_room_are_kept(keeping, recorder) -> None:
    ledger = await keeping(Retention(max_messages=3))
    await append(ledger, recorder, *(said(str(n)) for n in range(5)), said(room="other"))

    await until_first_is(ledger, 3)

    page = await ledger.page(newest())
    assert [message.seq for message in page.messages] == [3, 4, 5]
    assert (page.more_before, page.more_after) == (False, False)
    assert len((await ledger.page(newest("other"))).messages) == 1


async def test_what_is_older_goes_and_what_is_younger_stays(keeping, recorder, clock) -> None:
    ledger = await keeping(Retention(max_age=30 * DAY))
    await append(ledger, recorder, said("old"))
    clock.now += 20 * DAY
    await append(ledger, recorder, said("young"))
    clock.now += 20 * DAY
    await append(ledger, recorder, said("new"))

    await until_first_is(ledger, 2)

    assert [m.text for m in (await ledger.page(newest())).messages] == ["young", "new"]
    assert (await ledger.search(wanted("old"))).messages == []


async def test_a_room_whose_all_is_gone_goes_on_where_it_was(keeping, recorder, clock) -> None:
    ledger = await keeping(Retention(max_age=DAY))
    await append(ledger, recorder, topic("about"), said("a"), said("b"))
    clock.now += 2 * DAY
    await append(ledger, recorder, said(room="other"))
    await until_first_is(ledger, None)
    await ledger.close()

    (record, _) = await ledger.open(recorder)
    (outcome,) = await append(ledger, recorder, said("c"))

    assert (record.head, record.topic) == (3, "about")
    assert receipt(outcome).seq == 4
    assert (recorder.events[-1].seq, recorder.events[-1].prev) == (4, 3)


async def test_a_delta_from_below_what_is_kept_cannot_be_told(keeping, recorder) -> None:
    ledger = await keeping(Retention(max_messages=2))
    await append(ledger, recorder, *(said(str(n)) for n in range(6)))
    await until_first_is(ledger, 5)

    below, at = await ledger.delta(since(3)), await ledger.delta(since(4))

    assert (below.events, below.missed, below.floor) == (None, 2, 4)
    assert (at.missed, at.floor) == (2, 4)
    assert [codec.decode_event(raw).prev for raw in at.events] == [4, 5]
    assert (await ledger.delta(since(5))).missed == 1


async def test_what_is_gone_can_be_neither_changed_nor_answered(keeping, recorder) -> None:
    ledger = await keeping(Retention(max_messages=2))
    await append(ledger, recorder, *(said(str(n)) for n in range(4)))
    await until_first_is(ledger, 3)

    outcomes = await append(
        ledger, recorder, edited(1, "x"), deleted(2), reacted(2, "👍"), said(reply_to=1)
    )

    assert reasons(outcomes) == ["no-such-message"] * 4


async def test_later_events_about_what_is_gone_harm_nothing(keeping, recorder) -> None:
    ledger = await keeping(Retention(max_messages=1))
    await append(ledger, recorder, said("a"), said("b"), reacted(1, "👍"), edited(1, "c"))
    await until_first_is(ledger, 2)

    page = await ledger.page(newest())
    (outcome,) = await append(ledger, recorder, reacted(2, "🎉"))

    assert [(message.text, message.reactions) for message in page.messages] == [("b", {})]
    assert receipt(outcome).seq == 5
    assert len((await ledger.delta(since(1))).events) == 4


async def test_a_nonce_is_known_for_a_day_though_its_event_is_gone(
    keeping, recorder, clock
) -> None:
    ledger = await keeping(Retention(max_messages=1))
    first = said("a", sender="Ann", nonce="n")
    (outcome,) = await append(ledger, recorder, first)
    before = receipt(outcome)
    await append(ledger, recorder, said("b"))
    await until_first_is(ledger, 2)

    clock.now += DAY - HOUR
    resent, other = await append(
        ledger, recorder, said("a", sender="ANN", nonce="n"), said("x", sender="ann", nonce="n")
    )

    assert resent == Receipt(before.seq, before.time, duplicate=True)
    assert other.reason == "nonce-reused"


async def test_a_nonce_of_what_is_gone_is_forgotten_after_a_day(keeping, recorder, clock) -> None:
    ledger = await keeping(Retention(max_messages=1))
    await append(ledger, recorder, said("a", nonce="n"), said("b"))
    await until_first_is(ledger, 2)
    clock.now += rules.NONCE_LIFE + HOUR

    async with asyncio.timeout(10):
        while True:
            (outcome,) = await append(ledger, recorder, said("a", nonce="n"))
            if not receipt(outcome).duplicate:
                break

    assert recorder.events[-1].text == "a"


async def test_pruning_goes_on_between_appends_in_small_steps(
    keeping, recorder, monkeypatch
) -> None:
    monkeypatch.setattr(retention, "STEP_ROWS", 7)
    ledger = await keeping(Retention(max_messages=10))
    settled = []
    for number in range(60):
        settled += start(ledger, recorder, *(said(f"{number}") for _ in range(5)))
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*settled)

    await until_first_is(ledger, 291)

    assert [receipt(outcome).seq for outcome in outcomes] == list(range(1, 301))
    assert [event.prev for event in recorder.events] == list(range(300))


async def test_without_bounds_everything_stays(keeping, recorder, clock) -> None:
    ledger = await keeping(Retention())
    await append(ledger, recorder, *(said(str(n)) for n in range(50)))
    clock.now += 10_000 * DAY
    await append(ledger, recorder, said())

    assert len((await ledger.delta(since(0))).events) == 51
