"""A message is chosen, by keys and by the mouse."""

import pytest

from pychat.client import Client
from tests.support.acting import choose, click_on, last, say
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_alt_up_and_down_choose_and_past_the_last_one_is_back_in_the_composer(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    for text in ("one", "two"):
        await ada.send("dev", text)
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("two")
        assert (await choose(person)).text == "two"
        await person.sees("▌two", "r reply", "Esc back")
        await person.press("alt+up")
        await person.sees("▌one")
        await person.press("alt+up")
        await person.sees("▌one")
        await person.press("alt+down", "alt+down")

        assert person.hall.acting.chosen is None
        assert person.hall.composer.has_focus
        await person.sees("F7 rooms")


async def test_only_ones_own_messages_offer_to_be_changed(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.send("dev", "hers")
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "mine")
        await choose(person)
        await person.sees("e edit", "d delete")
        await person.press("alt+up")
        await person.sees_not("e edit")

        await person.press("d")

        assert person.hall.acting.chosen is None
        assert person.hall.composer.text == "d"


async def test_another_letter_means_the_composer(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await choose(person)
        await person.press("x")

        assert person.hall.composer.text == "x"
        assert person.hall.acting.chosen is None
        assert person.hall.composer.has_focus


async def test_what_is_chosen_stays_so_whatever_comes(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.send("dev", "this one")
    async with seated(hall.address, size=(80, 24)) as person:
        await person.join("dev")
        await person.sees("this one")
        chosen = await choose(person)
        for number in range(30):
            await ada.send("dev", f"later {number}\nand more")
        await person.until(lambda: last(person).text.startswith("later 29"))
        await person.sees("▌this one")
        await ada.edit("dev", chosen.seq, "this one, edited")
        await person.sees("▌this one, edited (edited)")
        await person.pilot.resize_terminal(50, 20)
        await person.sees("▌ this one, edited (edited)")
        await ada.react("dev", chosen.seq, ["👍"])
        await person.sees("👍1")

        await ada.delete("dev", chosen.seq)

        await person.until(lambda: person.hall.acting.chosen is None)
        await person.sees("message deleted")
        await person.until(lambda: person.hall.composer.has_focus)


async def test_a_click_chooses_and_a_click_on_an_action_does_it(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    await ada.send("dev", "press me")
    async with seated(hall.address) as person:
        await person.join("dev")
        await click_on(person, "press me")
        await person.until(lambda: person.hall.acting.chosen is not None)

        await click_on(person, "r reply")

        await person.sees("↩ replying to ada: press me")


async def test_the_mouse_still_selects_text(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.send("dev", "select these words")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("select these")
        line = next(y for y, row in enumerate(person.text.split("\n")) if "select these" in row)
        column = person.text.split("\n")[line].index("select")
        await person.pilot.mouse_down(offset=(column, line))
        await person.pilot.hover(offset=(column + 5, line))
        await person.pilot.mouse_up(offset=(column + 5, line))
        await person.pilot.pause(0)

        assert person.hall.get_selected_text()
        assert person.hall.acting.chosen is None


@pytest.mark.parametrize(("width", "shown"), [(50, "Esc back"), (120, "i info")])
async def test_what_there_is_no_room_for_is_cut_by_importance(
    hall: RunningHall, width: int, shown: str
) -> None:
    async with seated(hall.address, size=(width, 20)) as person:
        await person.join("dev")
        await say(person, "mine")
        await choose(person)

        await person.sees("r reply", shown)
        assert len(person.text.split("\n")[-1]) <= width
