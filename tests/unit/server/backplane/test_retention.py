"""What the Ledger lets go of, and what of it stays, whatever the engine."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pychat.protocol import codec
from pychat.server.backplane import retention, rules, steady
from pychat.server.backplane.interface import Bearing, Ledger, Receipt, Retention
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledger_nodes import contract_ledger
from tests.support.ledgers import (
    ENGINES,
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


class SettableClock:
    """A wall clock that goes on as time passes, and that somebody sets."""

    def __init__(self) -> None:
        self.passed = 0
        self.set_by = 100 * DAY

    def __call__(self) -> int:
        return self.set_by + self.passed


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(params=[*ENGINES, "jetstream"])
async def keeping(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: SettableClock,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Keeping]:
    """Opens a ledger of each kind that keeps so much and prunes soon."""
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(steady, "monotonic", lambda: clock.passed / 1000)
    ledgers: list[Ledger] = []

    if request.param == "jetstream":
        # It looks when all is said, as `contract_ledger` says.
        monkeypatch.setattr(retention, "SWEEP_SECONDS", 3_600)
        nats, hall = map(request.getfixturevalue, ("engine", "hall_name"))

    stack = contextlib.AsyncExitStack()

    async def open_(keep: Retention) -> Ledger:
        if request.param == "jetstream":
            clustered = contract_ledger(nats, hall, tmp_path, clock, keep)
            ledgers.append(await stack.enter_async_context(clustered))
            await ledgers[-1].open(recorder)
            return ledgers[-1]
        engine = MemoryLedger if request.param == "memory" else SqliteLedger
        place = [] if engine is MemoryLedger else [tmp_path / "log.db"]
        ledgers.append(engine(*place, clock, keep))
        await ledgers[-1].open(recorder)
        return ledgers[-1]

    yield open_
    for ledger in ledgers:
        await ledger.close()
    await stack.aclose()


async def until_first_is(ledger: Ledger, seq: int | None, room: str = "lobby") -> None:
    """Wait until the pruning has come so far."""
    async with asyncio.timeout(50):
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
    clock.passed += 20 * DAY
    await append(ledger, recorder, said("young"))
    clock.passed += 20 * DAY
    await append(ledger, recorder, said("new"))

    await until_first_is(ledger, 2)

    assert [m.text for m in (await ledger.page(newest())).messages] == ["young", "new"]
    assert (await ledger.search(wanted("old"))).messages == []


async def test_a_room_whose_all_is_gone_goes_on_where_it_was(keeping, recorder, clock) -> None:
    ledger = await keeping(Retention(max_age=DAY))
    await append(ledger, recorder, topic("about"), said("a"), said("b"))
    clock.passed += 2 * DAY
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

    assert [(message.text, message.reactions) for message in page.messages] == [("b", None)]
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

    clock.passed += DAY - HOUR
    resent, other = await append(
        ledger, recorder, said("a", sender="ANN", nonce="n"), said("x", sender="ann", nonce="n")
    )

    assert resent == Receipt(before.seq, before.time, duplicate=True)
    assert other.reason == "nonce-reused"


async def test_a_nonce_of_what_is_gone_is_known_to_who_has_another_name_now(
    keeping, recorder
) -> None:
    ledger = await keeping(Retention(max_messages=1))
    await append(ledger, recorder, said("a", sender="ann", nonce="n"), said("b"))
    await until_first_is(ledger, 2)

    (resent,) = await append(
        ledger,
        recorder,
        said("a", sender="anna", nonce="n"),
        person=(Bearing("anna"), Bearing("ann")),
    )

    assert receipt(resent).duplicate


async def test_a_nonce_of_what_is_gone_is_forgotten_after_a_day(keeping, recorder, clock) -> None:
    ledger = await keeping(Retention(max_messages=1))
    await append(ledger, recorder, said("a", nonce="n"), said("b"))
    await until_first_is(ledger, 2)
    clock.passed += rules.NONCE_LIFE + HOUR

    async with asyncio.timeout(50):
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
    clock.passed += 10_000 * DAY
    await append(ledger, recorder, said())

    assert len((await ledger.delta(since(0))).events) == 51


# -- a clock that somebody sets -------------------------------------------------------------------


async def swept(ledger: Ledger, recorder: Recorder) -> None:
    """Until all that is over the number is gone twice in another room: what was over the age the
    first time is gone as well."""
    for _ in range(2):
        page = await ledger.page(newest("busy"))
        seq = page.messages[-1].seq if page.messages else 0
        await append(ledger, recorder, *(said(room="busy") for _ in range(4)))
        await until_first_is(ledger, seq + 2, "busy")


KEEP = Retention(max_age=30 * DAY, max_messages=3)


@pytest.mark.parametrize("jump", [31 * DAY, 50 * 365 * DAY])
async def test_a_clock_set_ahead_lets_go_of_nothing(keeping, recorder, clock, jump) -> None:
    ledger = await keeping(KEEP)
    await append(ledger, recorder, said("a"))

    clock.set_by += jump
    await append(ledger, recorder, said("b"))
    await swept(ledger, recorder)

    assert [m.text for m in (await ledger.page(newest())).messages] == ["a", "b"]


async def test_a_clock_that_is_ahead_at_the_start_lets_go_of_nothing(
    keeping, recorder, clock
) -> None:
    ledger = await keeping(KEEP)
    await append(ledger, recorder, said("a"))
    await ledger.close()

    clock.set_by += 365 * DAY
    await ledger.open(recorder)
    await swept(ledger, recorder)

    assert len((await ledger.page(newest())).messages) == 1


async def test_after_a_jump_ages_go_on_as_time_passes(keeping, recorder, clock) -> None:
    ledger = await keeping(KEEP)
    await append(ledger, recorder, said("a"))
    clock.set_by += 365 * DAY
    await swept(ledger, recorder)

    clock.passed += 30 * DAY - 1
    await swept(ledger, recorder)
    assert len((await ledger.page(newest())).messages) == 1
    clock.passed += 2
    await swept(ledger, recorder)

    assert (await ledger.page(newest())).messages == []


async def test_a_clock_set_back_makes_nothing_older_or_younger(keeping, recorder, clock) -> None:
    ledger = await keeping(KEEP)
    await append(ledger, recorder, said("a"))
    clock.set_by -= 10 * DAY
    clock.passed += 31 * DAY
    await swept(ledger, recorder)
    assert len((await ledger.page(newest())).messages) == 1

    clock.set_by += 10 * DAY
    await swept(ledger, recorder)

    assert (await ledger.page(newest())).messages == []


@pytest.mark.parametrize(("days", "kept"), [(9, True), (11, False)])
async def test_where_nobody_speaks_ages_outlast_restarts(
    path, recorder, clock, monkeypatch, days, kept
) -> None:
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(steady, "monotonic", lambda: clock.passed / 1000)
    ledger = SqliteLedger(path, clock, Retention(max_age=30 * DAY))
    await ledger.open(recorder)
    await append(ledger, recorder, said("a"))

    for _ in range(3):
        clock.passed += days * DAY
        await until_reckoned(path, clock())
        await ledger.close()
        await ledger.open(recorder)

    await until_first_is(ledger, 1 if kept else None)
    await ledger.close()


async def until_reckoned(path: Path, time: int) -> None:
    """Wait until the log knows that it is so late."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        async with asyncio.timeout(50):
            while db.execute("SELECT reckoned FROM meta").fetchone()[0] < time:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


async def test_a_clock_set_ahead_forgets_no_nonce(keeping, recorder, clock) -> None:
    ledger = await keeping(Retention(max_messages=1))
    (first,) = await append(ledger, recorder, said("a", nonce="n"))
    await append(ledger, recorder, said("b"))
    await until_first_is(ledger, 2)

    clock.set_by += 365 * DAY
    await append(ledger, recorder, said("c"))
    await until_first_is(ledger, 3)
    (again,) = await append(ledger, recorder, said("a", nonce="n"))

    assert receipt(again) == Receipt(receipt(first).seq, receipt(first).time, duplicate=True)
