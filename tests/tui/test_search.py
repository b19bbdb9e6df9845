"""Finding what was said, and going there."""

import pytest
from textual.widgets import Input, OptionList

from pychat.client import Client
from pychat.tui import jumping
from pychat.tui.screens.context import ContextScreen
from pychat.tui.screens.search import SearchScreen
from tests.support.hall import RunningHall
from tests.support.hostile import HOSTILE
from tests.support.person import Person, seated


async def look_for(person: Person, text: str) -> None:
    await person.enter(f"/search {text}")
    await person.until(lambda: isinstance(person.screen, SearchScreen))


def found(person: Person) -> list[str]:
    return [str(option.prompt) for option in person.screen.query_one(OptionList).options]


async def test_search_lists_what_was_said_here_newest_first(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    await ada.join("dev")
    for text in ("apple pie", "a pear", "Äpple cake"):
        await ada.send("general", text)
    await ada.send("dev", "apple elsewhere")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.join("general")
        await look_for(person, "apple")
        await person.sees("Search in #general", "2 messages")

        lines = found(person)

        assert [line.split()[-2:] for line in lines] == [["Äpple", "cake"], ["apple", "pie"]]
        assert all("ada" in line for line in lines)


@pytest.mark.parametrize("keys", ["ctrl+g", "/search -a apple"])
async def test_everywhere_is_all_rooms_that_i_am_in(
    hall: RunningHall, ada: Client, keys: str
) -> None:
    for room in ("general", "dev", "secret"):
        await ada.join(room)
        await ada.send(room, f"apple in {room}")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.join("general")
        if keys.startswith("/"):
            await person.enter(keys)
        else:
            await person.press(keys)
            await person.until(lambda: isinstance(person.screen, SearchScreen))
            await person.press(*"apple")

        await person.sees("Search in all your rooms", "#dev", "#general", "2 messages")
        assert "secret" not in person.text


async def test_it_searches_as_one_types_and_enter_goes_there(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    for number in range(150):
        await ada.send("general", f"number {number} {'pear' if number == 20 else ''}")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.write("half a sentence")
        assert person.hall.client.mirror.rooms["general"].message(22) is None
        await person.press("ctrl+f", *"pear")
        await person.sees("1 message")

        await person.press("enter")

        await person.until(lambda: person.screen is person.hall)
        await person.sees("number 20 pear", "◀ found", "number 21", "▼ back to now — Ctrl+End")
        assert person.hall.composer.text == "half a sentence"
        await person.press("ctrl+end")
        await person.sees("number 149")


async def test_a_hit_in_another_room_opens_it(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.send("dev", "apple pie")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.join("general")
        await person.enter("/search -a apple")
        await person.sees("1 message")
        await person.press("enter")

        await person.until(lambda: person.hall.here == "dev")
        await person.sees("apple pie", "◀ found")


async def test_a_hit_too_far_back_is_shown_by_itself_and_escape_leads_back(
    hall: RunningHall, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jumping, "REACH", 10)
    await ada.join("general")
    for number in range(200):
        await ada.send("general", f"number {number} {'pear' if number == 100 else ''}")
    async with seated(hall.address) as person:
        await person.join("general")
        await look_for(person, "pear")
        await person.sees("1 message")
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, ContextScreen))
        await person.sees("#general as it was", "number 100 pear", "◀ found", "number 101")
        await person.press("home")
        await person.until(lambda: "number 75" not in person.text)
        await person.press("home")
        await person.sees("this is the beginning of #general")
        for last in (150, 199):
            await person.press("end")
            await person.sees(f"number {last}")

        await person.press("escape")

        await person.until(lambda: isinstance(person.screen, SearchScreen))
        await person.sees("1 message")
        await person.press("escape")
        await person.until(lambda: person.screen is person.hall)


async def test_nothing_found_says_so_and_where_else_to_look(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await look_for(person, "soup")
        await person.sees("nothing for 'soup' in #general — Ctrl+G searches everywhere")
        await person.press("enter")
        await person.press("ctrl+g")

        await person.sees("nothing for 'soup' in your rooms")


async def test_more_come_when_the_end_of_the_list_is_reached(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    for number in range(120):
        await ada.send("general", f"apple {number}")
    async with seated(hall.address) as person:
        await person.join("general")
        await look_for(person, "apple")
        await person.sees("50 messages, and more below")
        for count in (100, 120):
            await person.press(*["pagedown"] * 10)
            await person.until(lambda count=count: len(found(person)) >= count)

        assert [line.split()[-1] for line in found(person)] == [str(n) for n in range(119, -1, -1)]


async def test_hostile_text_is_harmless_in_the_list(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    for text in HOSTILE:
        if text.strip() and len(text) < 8_000 and text.isprintable() | ("\x1b" in text):
            try:
                await ada.send("general", f"apple {text}")
            except Exception:  # noqa: BLE001, S112  # what the Hall refuses nobody can find
                continue
    async with seated(hall.address, size=(80, 24)) as person:
        await person.join("general")
        await look_for(person, "apple")
        await person.until(lambda: found(person))

        shown = "\n".join(found(person))

        assert not set(shown) & {chr(code) for code in range(32)} - {"\n"}
        assert "\x9b" not in shown
        assert "\u202e" not in shown
        await person.press(*["down"] * 5, "enter")
        await person.until(lambda: person.screen is person.hall)


async def test_a_search_that_the_hall_refuses_says_why(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.press("ctrl+f")
        await person.until(lambda: isinstance(person.screen, SearchScreen))
        person.screen.query_one(Input).value = "x" * 5_000

        await person.sees("✗ a search has at most")


async def test_escape_leaves_what_was_written(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.write("half a sentence")
        await person.press("ctrl+f", *"apple", "escape")

        await person.until(lambda: person.screen is person.hall)
        assert person.hall.composer.text == "half a sentence"
