"""A message of mine is changed or deleted."""

from pychat.tui.screens.confirm import ConfirmScreen
from tests.support.acting import choose, last, say
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_up_in_the_empty_composer_changes_the_last_of_mine(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "teh *end*")
        await person.press("up")
        await person.sees("✎ editing", "Esc cancels")
        assert person.hall.composer.text == "teh *end*"
        person.hall.composer.text = "the *end*"
        await person.press("enter")

        await person.sees("the end (edited)")
        assert person.hall.composer.text == ""
        assert not person.hall.writing.intent_bar.display


async def test_what_was_said_under_an_earlier_name_is_still_mine(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "as kim")
        await person.enter("/name max")
        await person.sees("You are now called max.")
        await person.press("up")
        assert person.hall.composer.text == "as kim"
        await person.press("!", "enter")

        await person.sees("as kim! (edited)")


async def test_a_change_and_what_was_being_typed_are_both_kept(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.write("half a thought")
        await choose(person, "e")
        assert person.hall.composer.text == "said"
        await person.press("!")
        person.hall.speaking.save()
        assert person.hall.speaking._store.load()["dev"] == "half a thought\nsaid!"

        await person.press("escape")
        assert person.hall.composer.text == "half a thought"
        assert person.hall.speaking.history.last() == "said!"
        assert last(person).edited is None

        await choose(person, "e")
        await person.press("!", "enter")
        await person.sees("said! (edited)")
        assert person.hall.composer.text == "half a thought"


async def test_what_is_no_change_does_nothing_and_an_empty_one_asks_whether_to_delete(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.press("up", "enter")
        assert person.hall.composer.text == ""
        assert not person.hall.client.outbox.of("dev")
        assert not person.hall.writing.intent_bar.display

        await person.press("up", "ctrl+u")
        await person.enter("/quit")
        await person.sees("Esc first, then the command")
        assert person.hall.composer.text == "/quit"

        await person.press("ctrl+u", "enter")
        await person.until(lambda: isinstance(person.screen, ConfirmScreen))
        await person.press("d")
        await person.sees("message deleted")
        assert not person.hall.writing.intent_bar.display


# Deleting


async def test_delete_asks_once_more(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await choose(person, "d")
        await person.sees("delete this message? d again deletes")
        await person.press("escape")
        await person.sees("r reply")
        assert not last(person).deleted

        await person.press("d", "d")

        await person.sees("message deleted")
