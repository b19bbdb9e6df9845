"""What becomes of an append, whatever the engine: the same tests for each."""

import pytest

from pychat.server.backplane import rules
from pychat.server.backplane.interface import Receipt, RoomRecord
from tests.support.ledgers import (
    append,
    deleted,
    edited,
    reacted,
    reasons,
    receipt,
    said,
    start,
    topic,
)


async def test_events_are_numbered_chained_and_timed(ledger, recorder, clock) -> None:
    outcomes = await append(ledger, recorder, said("a"), said("b"), said("x", room="other"))

    first, second, other = map(receipt, outcomes)
    assert [first, second] == [Receipt(1, clock.now), Receipt(2, clock.now + 1)]
    # An engine on one machine has no two events of the same time in all of its rooms.
    assert other in (Receipt(1, clock.now), Receipt(1, clock.now + 2))
    told = [(event.room, event.seq, event.prev, event.time) for event in recorder.events]
    assert sorted(told) == [
        ("lobby", 1, 0, clock.now),
        ("lobby", 2, 1, clock.now + 1),
        ("other", 1, 0, other.time),
    ]


async def test_nothing_is_settled_in_the_tick_of_the_append(ledger, recorder) -> None:
    (settled,) = start(ledger, recorder, said())

    assert not settled.done()
    await settled


async def test_time_does_not_go_back_with_the_clock(ledger, recorder, clock) -> None:
    await append(ledger, recorder, said())
    before = clock.now
    clock.now -= 5_000

    (outcome,) = await append(ledger, recorder, said())

    assert receipt(outcome).time == before


async def test_the_time_runs_ahead_of_the_clock_so_far_and_no_farther(
    ledger, recorder, clock, monkeypatch
) -> None:
    monkeypatch.setattr(rules, "AHEAD", 100)
    outcomes = await append(ledger, recorder, *(said() for _ in range(rules.AHEAD + 2)))

    times = [receipt(outcome).time - clock.now for outcome in outcomes]
    assert times == [*range(rules.AHEAD + 1), rules.AHEAD]


async def test_a_clock_that_was_set_back_does_not_stop_the_time_of_other_rooms(
    ledger, recorder, clock
) -> None:
    await append(ledger, recorder, said())
    clock.now -= 60_000

    first, second = await append(ledger, recorder, said(room="other"), said(room="other"))

    assert (receipt(first).time, receipt(second).time) == (clock.now, clock.now + 1)


async def test_a_resend_gets_the_first_receipt_and_no_event(ledger, recorder, clock) -> None:
    await append(ledger, recorder, said("a", sender="Ann", nonce="n"))
    before = clock.now
    clock.now += 60_000

    (outcome,) = await append(ledger, recorder, said("a", sender="ANN", nonce="n"))

    assert outcome == Receipt(1, before, duplicate=True)
    assert len(recorder.events) == 1


async def test_a_resend_in_the_same_batch_is_one_too(ledger, recorder) -> None:
    outcomes = await append(ledger, recorder, said("a", nonce="n"), said("a", nonce="n"))

    assert [receipt(outcome).duplicate for outcome in outcomes] == [False, True]
    assert len(recorder.events) == 1


async def test_very_many_resends_at_once_are_all_known(ledger, recorder, plenty) -> None:
    sent = [said(str(number), nonce=str(number)) for number in range(plenty)]
    first = await append(ledger, recorder, *sent)

    again = await append(ledger, recorder, *reversed(sent))

    assert [receipt(outcome).seq for outcome in first] == list(range(1, plenty + 1))
    assert [receipt(outcome).seq for outcome in again] == list(range(plenty, 0, -1))
    assert len(recorder.events) == plenty


async def test_a_nonce_belongs_to_one_sender_in_one_room(ledger, recorder) -> None:
    outcomes = await append(
        ledger,
        recorder,
        said("a", nonce="n"),
        said("b", nonce="n", sender="bob"),
        said("c", nonce="n", room="other"),
    )

    assert reasons(outcomes) == ["appended"] * 3


@pytest.mark.parametrize(
    "other",
    [
        said("b", nonce="n"),
        said("a", nonce="n", reply_to=1),
        edited(1, "a", nonce="n"),
        deleted(1, nonce="n"),
        reacted(1, "👍", nonce="n"),
        topic("a", nonce="n"),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_another_content_under_a_used_nonce_is_refused(ledger, recorder, other) -> None:
    outcomes = await append(ledger, recorder, said("first"), said("a", nonce="n"), other)

    assert reasons(outcomes) == ["appended", "appended", "nonce-reused"]
    assert "'n'" in outcomes[2].text


async def test_a_resend_is_known_before_its_target_is_looked_at(ledger, recorder) -> None:
    await append(ledger, recorder, said(), reacted(1, "👍", nonce="r"), deleted(1, nonce="d"))

    outcomes = await append(ledger, recorder, reacted(1, "👍", nonce="r"), deleted(1, nonce="d"))

    assert [receipt(outcome).duplicate for outcome in outcomes] == [True, True]


async def test_a_target_from_earlier_in_the_batch_counts(ledger, recorder) -> None:
    outcomes = await append(
        ledger,
        recorder,
        said("a"),
        edited(1, "b"),
        said("c", reply_to=1),
        deleted(1),
        edited(1, "d"),
    )

    assert reasons(outcomes) == ["appended"] * 4 + ["no-such-message"]


@pytest.mark.parametrize("seq", [0, 2, 3, 99, 2**53 - 1])
async def test_only_a_message_of_the_room_can_be_targeted(ledger, recorder, seq) -> None:
    await append(ledger, recorder, said(), topic("about"), said(room="other"))

    outcomes = await append(
        ledger, recorder, edited(seq, "x"), deleted(seq), reacted(seq, "👍"), said(reply_to=seq)
    )

    assert reasons(outcomes) == ["no-such-message"] * 4
    assert str(seq) in outcomes[0].text


async def test_a_deleted_message_can_be_answered_and_nothing_else(ledger, recorder) -> None:
    await append(ledger, recorder, said(), deleted(1))

    outcomes = await append(
        ledger, recorder, said(reply_to=1), edited(1, "x"), deleted(1), reacted(1, "👍")
    )

    assert reasons(outcomes) == ["appended"] + ["no-such-message"] * 3


async def test_only_the_sender_edits_and_deletes(ledger, recorder) -> None:
    await append(ledger, recorder, said(sender="Ann"))

    outcomes = await append(
        ledger,
        recorder,
        edited(1, "x", sender="bob"),
        deleted(1, sender="bob"),
        reacted(1, "👍", sender="bob"),
        edited(1, "y", sender="ann"),
    )

    assert reasons(outcomes) == ["not-allowed", "not-allowed", "appended", "appended"]


async def test_a_refused_first_event_makes_no_room(ledger, recorder, tmp_path) -> None:
    await append(ledger, recorder, edited(1, "x", room="ghost"))
    await append(ledger, recorder, said())
    await ledger.close()

    records = await ledger.open(recorder)

    assert [record.name for record in records] == ["lobby"]


async def test_opening_again_tells_heads_and_topics(ledger, recorder) -> None:
    await append(ledger, recorder, said(), topic("old"), topic("new"), said(room="Lobby"))
    epoch = ledger.epoch
    await ledger.close()

    records = await ledger.open(recorder)

    assert list(records) == [RoomRecord("lobby", 3, "new"), RoomRecord("Lobby", 1, "")]
    assert ledger.epoch == epoch != ""
    (outcome,) = await append(ledger, recorder, said())
    assert receipt(outcome).seq == 4


async def test_closing_settles_what_was_appended(ledger, recorder) -> None:
    settled = start(ledger, recorder, *(said() for _ in range(100)))

    await ledger.close()

    assert [receipt(future.result()).seq for future in settled] == list(range(1, 101))


async def test_an_append_after_closing_is_settled_too(ledger, recorder) -> None:
    await ledger.close()

    outcomes = await append(ledger, recorder, said())

    assert reasons(outcomes) == ["unavailable"]
