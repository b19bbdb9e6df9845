"""Whose an event is, where names have changed: the same tests for each engine."""

import pytest

from pychat.server.backplane.interface import Bearing, Receipt
from tests.support.ledgers import (
    append,
    deleted,
    edited,
    reacted,
    reasons,
    receipt,
    said,
    topic,
)

WAS_ANN = (Bearing("anna"), Bearing("ann"))


async def test_a_resend_after_a_change_of_name_gets_the_first_receipt(ledger, recorder) -> None:
    (first,) = await append(ledger, recorder, said("a", sender="Ann", nonce="n"))

    (again,) = await append(ledger, recorder, said("a", sender="Anna", nonce="n"), person=WAS_ANN)

    assert again == Receipt(1, receipt(first).time, duplicate=True)
    assert len(recorder.events) == 1


async def test_a_resend_in_the_same_batch_is_one_too(ledger, recorder) -> None:
    outcomes = await append(
        ledger,
        recorder,
        said("a", sender="ann", nonce="n"),
        said("a", sender="anna", nonce="n"),
        person=WAS_ANN,
    )

    assert [receipt(outcome).duplicate for outcome in outcomes] == [False, True]


async def test_what_was_said_under_the_new_name_is_known_under_the_old_one_again(
    ledger, recorder
) -> None:
    await append(ledger, recorder, said("a", sender="anna", nonce="n"), person=WAS_ANN)

    (again,) = await append(
        ledger,
        recorder,
        said("a", sender="ann", nonce="n"),
        person=(Bearing("ann"), Bearing("anna")),
    )

    assert receipt(again).duplicate


async def test_a_nonce_of_an_earlier_name_is_used_up(ledger, recorder) -> None:
    await append(ledger, recorder, said("a", sender="ann", nonce="n"))

    outcomes = await append(
        ledger,
        recorder,
        said("b", sender="anna", nonce="n"),
        topic("a", sender="anna", nonce="n"),
        said("a", sender="anna", nonce="n", room="other"),
        person=WAS_ANN,
    )

    assert reasons(outcomes) == ["nonce-reused", "nonce-reused", "appended"]


async def test_a_nonce_of_another_who_had_my_name_is_neither_mine_nor_free(
    ledger, recorder, clock
) -> None:
    """Else I would get a `sent` for what I have not said."""
    await append(ledger, recorder, said("a", sender="ann", nonce="n"))
    clock.now += 10
    stranger = (Bearing("ann", since=clock.now),)

    outcomes = await append(
        ledger,
        recorder,
        said("a", sender="ann", nonce="n"),
        said("b", sender="ann", nonce="m"),
        person=stranger,
    )
    again = await append(ledger, recorder, said("b", sender="ann", nonce="m"), person=stranger)

    assert reasons(outcomes) == ["nonce-reused", "appended"]
    assert "another who had your name" in outcomes[0].text
    assert receipt(*again).duplicate


async def test_what_another_says_under_my_earlier_name_is_not_mine(ledger, recorder, clock) -> None:
    await append(ledger, recorder, said("mine", sender="ann", nonce="1"))
    clock.now += 10
    taken = clock.now
    stranger = (Bearing("ann", since=taken),)
    await append(ledger, recorder, said("a", sender="ann", nonce="n"), person=stranger)
    me = (Bearing("anna"), Bearing("ann", until=taken))

    outcomes = await append(
        ledger,
        recorder,
        said("a", sender="anna", nonce="n"),
        edited(2, "x", sender="anna"),
        deleted(2, sender="anna"),
        edited(1, "y", sender="anna"),
        person=me,
    )

    assert reasons(outcomes) == ["appended", "not-allowed", "not-allowed", "appended"]
    assert not receipt(outcomes[0]).duplicate


async def test_one_edits_and_deletes_what_one_said_under_an_earlier_name(ledger, recorder) -> None:
    await append(ledger, recorder, said(sender="ann"), said(sender="bob"))

    outcomes = await append(
        ledger,
        recorder,
        edited(1, "x", sender="anna"),
        edited(2, "x", sender="anna"),
        deleted(1, sender="anna"),
        person=WAS_ANN,
    )

    assert reasons(outcomes) == ["appended", "not-allowed", "appended"]


async def test_another_under_my_earlier_name_edits_nothing_of_mine(ledger, recorder, clock) -> None:
    await append(ledger, recorder, said(sender="ann"))
    clock.now += 10
    stranger = (Bearing("ann", since=clock.now),)

    outcomes = await append(
        ledger,
        recorder,
        edited(1, "x", sender="ann"),
        deleted(1, sender="ann"),
        reacted(1, "👍", sender="ann"),
        said(sender="ann"),
        edited(3, "y", sender="ann"),
        person=stranger,
    )

    assert reasons(outcomes) == ["not-allowed", "not-allowed", "appended", "appended", "appended"]


async def test_earlier_names_are_looked_up_after_opening_again(ledger, recorder) -> None:
    await append(ledger, recorder, said("a", sender="ann", nonce="n"))
    await ledger.close()
    await ledger.open(recorder)

    outcomes = await append(
        ledger,
        recorder,
        said("a", sender="anna", nonce="n"),
        edited(1, "b", sender="anna"),
        person=WAS_ANN,
    )

    assert [receipt(outcome).duplicate for outcome in outcomes] == [True, False]


@pytest.mark.parametrize(
    ("time", "covered"), [(9, False), (10, True), (19, True), (20, False), (21, False)]
)
def test_a_name_is_somebodys_from_taking_it_until_another_does(time: int, covered: bool) -> None:
    assert Bearing("ann", since=10, until=20).covers(time) == covered
    assert Bearing("ann").covers(time)
