"""A message is answered, and one looks at what it answers."""

import pytest

from pychat.client import Client
from tests.support.acting import choose, click_on, last
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_an_answer_stands_under_what_it_answers_and_leads_there(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    question = await ada.send("dev", "who has time?")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("who has time?")
        await choose(person, "r")
        await person.sees("↩ replying to ada: who has time? · Esc cancels")
        await person.enter("I have")
        await person.sees("⤷ ada: who has time?")
        assert last(person).reply_to == question.seq
        assert not person.hall.writing.intent_bar.display

        await choose(person, "j")

        await person.sees("◀ found")


async def test_escape_takes_the_answer_off_and_keeps_the_text(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    await ada.send("dev", "question")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("question")
        await choose(person, "r")
        await person.write("half")
        await person.press("escape")
        assert not person.hall.writing.intent_bar.display
        await person.press("enter")

        await person.until(lambda: last(person).text == "half")
        assert last(person).reply_to is None


async def test_what_one_is_answering_is_kept_for_each_room(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.send("dev", "question")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.join("dev")
        await person.sees("question")
        await choose(person, "r")
        await person.press("alt+1")
        await person.until(lambda: person.hall.here == "general")
        assert not person.hall.writing.intent_bar.display
        await person.press("alt+2")

        await person.sees("↩ replying to ada: question")


async def test_an_original_too_far_back_is_shown_by_itself(
    hall: RunningHall, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pychat.tui import jumping

    monkeypatch.setattr(jumping, "REACH", 10)
    await ada.join("dev")
    first = await ada.send("dev", "long ago")
    for number in range(100):
        await ada.send("dev", f"filler {number}")
    await ada.send("dev", "an answer", first.seq)
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("⤷ an earlier message", "an answer")
        await click_on(person, "⤷ an earlier")
        await person.sees("long ago", "as it was")
        await person.press("escape")

        await person.sees("an answer")


async def test_escape_after_a_jump_leads_back(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    first = await ada.send("dev", "long ago")
    for number in range(40):
        await ada.send("dev", f"filler {number}")
    await ada.send("dev", "an answer", first.seq)
    async with seated(hall.address, size=(80, 24)) as person:
        await person.join("dev")
        await click_on(person, "⤷ ada: long ago")
        await person.sees("◀ found")
        await person.press("escape")

        await person.sees("an answer")
        assert person.hall.message_log.follow
