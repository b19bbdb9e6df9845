"""What was sent comes back: by Up and Down, by Ctrl+R, and after Ctrl+C."""

from pathlib import Path

from tests.support.hall import RunningHall
from tests.support.person import Person, seated


def said(person: Person, room: str = "dev") -> list[str]:
    return [message.text for message in person.hall.client.mirror.rooms[room].messages]


async def say(person: Person, *texts: str) -> None:
    for text in texts:
        await person.enter(text)
        await person.until(lambda text=text: said(person)[-1:] == [text])


async def test_up_and_down_walk_what_was_sent_and_come_back_to_what_is_typed(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        composer = person.hall.composer
        await person.join("dev")
        await say(person, "one", "two")
        await person.press(*"half", "up")
        assert composer.text == "two"
        await person.press("up")
        assert composer.text == "one"
        await person.press("down", "down")
        assert composer.text == "half"
        await person.press("down")
        assert composer.text == "half"


async def test_up_moves_the_cursor_before_it_walks(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        composer = person.hall.composer
        await person.join("dev")
        await say(person, "sent")
        await person.write("first\nsecond")
        await person.press("up")
        assert composer.text == "first\nsecond"
        await person.press("up")
        assert composer.text == "sent"
        await person.press("down")
        assert composer.text == "first\nsecond"


async def test_what_was_changed_on_the_way_is_still_there(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        composer = person.hall.composer
        await person.join("dev")
        await say(person, "one", "two")
        await person.press("x", "up", *"!", "up", "down")
        assert composer.text == "two!"
        await person.press("enter")
        await person.until(lambda: said(person)[-1] == "two!")

        await person.press("ctrl+up", "ctrl+up")
        assert composer.text == "x"


async def test_ctrl_up_walks_from_an_empty_composer_and_anywhere_in_it(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        composer = person.hall.composer
        await person.join("dev")
        await say(person, "one\nlines")
        await person.press("ctrl+up")
        assert composer.text == "one\nlines"
        await person.press("ctrl+up")
        assert composer.text == "/join dev"
        await person.press("ctrl+down", "ctrl+down")
        assert composer.text == ""


async def test_up_in_the_empty_composer_walks_where_there_is_nothing_to_edit(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "one")
        await person.press("alt+0", "up")
        await person.until(lambda: person.hall.composer.text == "one")


async def test_ctrl_r_searches_and_enter_takes(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        composer = person.hall.composer
        await person.join("dev")
        await say(person, "deploy one", "soup", "Deploy two")
        await person.press(*"half", "ctrl+r", *"dep")
        await person.sees("Search what you sent: dep▏ Deploy two")
        assert composer.text == "half"
        await person.press("ctrl+r")
        await person.sees("dep▏ deploy one")
        await person.press("ctrl+r")
        await person.sees("dep▏ deploy one")
        await person.press("enter")
        assert composer.text == "deploy one"
        assert said(person)[-1] == "Deploy two"

        await person.press("ctrl+down", "ctrl+down", "ctrl+down")
        assert composer.text == "half"


async def test_escape_ends_the_search_with_what_was_typed(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "deploy")
        await person.press(*"half", "ctrl+r", *"depx")
        await person.sees("nothing sent has this")
        await person.press("backspace")
        await person.sees("dep▏ deploy")
        await person.press("escape")

        assert person.hall.composer.text == "half"
        assert not person.hall.writing.recall_bar.display
        await person.press("!")
        assert person.hall.composer.text == "half!"


async def test_a_recalled_text_is_no_draft_and_what_was_typed_is(
    hall: RunningHall, state: Path
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "sent")
        await person.press(*"half", "up", "alt+0", "alt+1")
        assert person.hall.composer.text == "half"

        await person.press("up", "!", "alt+0", "alt+1")
        assert person.hall.composer.text == "sent!"
        await person.press("ctrl+up")
        assert person.hall.composer.text == "half"


async def test_the_next_program_remembers(hall: RunningHall) -> None:
    async with seated(hall.address) as first:
        await first.join("dev")
        await say(first, "one\nand two")
        await first.press("ctrl+q")
        await first.until(lambda: not first.app.is_running)

    async with seated(hall.address) as second:
        await second.press("ctrl+up")
        assert second.hall.composer.text == "one\nand two"


async def test_ctrl_c_clears_into_the_history(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        composer = person.hall.composer
        await person.join("dev")
        await person.press(*"half", "ctrl+c")
        assert composer.text == ""
        await person.press("up")
        assert composer.text == "half"

        await person.press("ctrl+c", "x", "ctrl+up")
        assert composer.text == "half"


async def test_ctrl_c_twice_asks_to_quit(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.press("x", "ctrl+c", "ctrl+c")
        await person.sees("Leave the Hall? Enter stays, Q leaves.")
        await person.press("enter")
        assert person.screen is person.hall
        assert person.hall.composer.text == ""

        await person.press("ctrl+c", "ctrl+c")
        await person.sees("Leave the Hall?")
        await person.press("q")
        await person.until(lambda: not person.app.is_running)


async def test_ctrl_c_much_later_is_no_second_one(hall: RunningHall) -> None:
    now = [0.0]
    async with seated(hall.address, clock=lambda: now[0]) as person:
        await person.press("ctrl+c")
        now[0] = 2.0
        await person.press("ctrl+c")
        assert person.screen is person.hall
        now[0] = 3.9
        await person.press("ctrl+c")
        await person.sees("Leave the Hall?")
