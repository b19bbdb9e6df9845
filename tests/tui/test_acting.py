"""Something is done with a message that was chosen: by keys, by the mouse, by commands."""

import pytest
from textual.widgets import Input

from pychat.client import Client
from pychat.tui.screens.about import AboutScreen
from pychat.tui.screens.emoji import EmojiScreen
from pychat.tui.screens.hall import HallScreen
from pychat.tui.screens.links import LinksScreen
from tests.support.acting import choose, click_on, last, messages, say
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_a_digit_reacts_and_the_same_one_takes_it_back(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    said = await ada.send("dev", "nice?")
    await ada.react("dev", said.seq, ["🎉"])
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("🎉1")
        await choose(person, "+")
        await person.until(lambda: isinstance(person.screen, EmojiScreen))
        await person.press("1")
        await person.sees("🎉1 👍1")
        await person.press("+")
        await person.sees("yours: takes it back")
        await person.press("1")

        await person.sees_not("👍1")
        await person.sees("🎉1")


async def test_a_reaction_is_found_by_its_name(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "nice?")
        await choose(person, "+")
        await person.until(lambda: isinstance(person.screen, EmojiScreen))
        await person.press(*"qqq", "enter")
        assert isinstance(person.screen, EmojiScreen)
        assert person.screen.query_one(Input).value == "qqq"
        await person.press("escape")
        await person.until(lambda: isinstance(person.screen, HallScreen))

        await choose(person, "+")
        await person.until(lambda: isinstance(person.screen, EmojiScreen))
        await person.press(*"rocket", "enter")
        await person.sees("🚀1")


async def test_a_click_on_a_reaction_joins_in(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    said = await ada.send("dev", "nice?")
    await ada.react("dev", said.seq, ["ok"])
    async with seated(hall.address) as person:
        await person.join("dev")
        await click_on(person, "ok1")
        await person.sees("ok2")
        await click_on(person, "ok2")

        await person.sees("ok1")


# Copying, opening, quoting, info


async def test_copying_a_message_its_code_and_a_link(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "see https://wiki.lan/x")
        await say(person, "*so*:\n```python\nx = 1\n```")
        await choose(person, "c")
        assert person.app.clipboard == "*so*:\n```python\nx = 1\n```"
        await person.press("alt+c")
        assert person.app.clipboard == "x = 1"
        await person.press("escape")
        await person.enter("/copy link")
        await person.until(lambda: person.app.clipboard == "https://wiki.lan/x")
        await person.enter(f"/copy {messages(person)[0].seq}")

        await person.until(lambda: person.app.clipboard == "see https://wiki.lan/x")


async def test_a_link_is_shown_in_full_before_it_is_opened(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    async with seated(hall.address) as person:
        monkeypatch.setattr(person.app, "open_url", opened.append)
        await person.join("dev")
        await say(person, "[your bank](https://evil.example/login)")
        await choose(person, "o")
        await person.sees("Open in the browser?", "https://evil.example/login")
        await person.press("enter")
        assert not opened
        await person.press("o", "o")
        await person.until(lambda: opened == ["https://evil.example/login"])


async def test_of_several_links_one_is_chosen(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    async with seated(hall.address) as person:
        monkeypatch.setattr(person.app, "open_url", opened.append)
        await person.join("dev")
        await say(person, "https://one.example or https://two.example")
        await choose(person, "o")
        await person.until(lambda: isinstance(person.screen, LinksScreen))
        await person.press("down", "enter")

        await person.until(lambda: opened == ["https://two.example"])


async def test_quoting_puts_the_lines_before_what_is_written(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "one\ntwo")
        await person.write("indeed")
        await choose(person, "q")

        assert person.hall.composer.text == "> one\n> two\nindeed"


async def test_info_tells_who_when_and_the_number(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    said = await ada.send("dev", "hello")
    await ada.react("dev", said.seq, ["👍"])
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("👍1")
        await choose(person, "i")
        await person.until(lambda: isinstance(person.screen, AboutScreen))

        await person.sees(f"Message {said.seq}", "said by ada in #dev", "👍 by ada")


async def test_enter_opens_what_a_message_hides(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.send("dev", "it was ||the butler||")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("it was")
        await person.sees_not("butler")
        await choose(person, "enter")

        await person.sees("it was the butler")


# Commands


async def test_commands_do_the_same_by_number_or_with_the_last(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    first = await ada.send("dev", "first")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("first")
        await say(person, f"/reply {first.seq} an answer")
        assert last(person).reply_to == first.seq
        await person.enter("/edit a better answer")
        await person.sees("a better answer (edited)")
        await person.enter(f"/react {first.seq} tada")
        await person.sees("🎉1")
        await person.enter("/delete")
        await person.sees("message deleted")
        await person.enter("/delete 1")
        await person.sees("only one's own messages can be changed or deleted")
        await person.enter("/react 1 nonsense")

        await person.sees("no emoji is called 'nonsense'")


async def test_without_a_text_reply_and_edit_begin_in_the_composer(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    await ada.send("dev", "hers")
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "mine")
        await person.enter("/edit")
        await person.until(lambda: person.hall.composer.text == "mine")
        await person.press("escape")
        await person.enter("/reply")

        await person.sees("↩ replying to kim: mine")


async def test_me_say_and_shrug(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "/me waves")
        await person.sees("* kim waves")
        assert last(person).text == "/me waves"
        await say(person, "/say /me is a command")
        await say(person, "/shrug who knows")

        await person.sees(r"who knows ¯\_(ツ)_/¯")


async def test_goto_finds_a_message_and_a_day(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    for number in range(120):
        await ada.send("dev", f"said {number}")
    async with seated(hall.address, size=(80, 24)) as person:
        await person.join("dev")
        await person.sees("said 119")
        await person.enter("/goto 3")
        await person.sees("said 2 ", "◀ found")
        await person.press("escape")
        await person.sees("said 119")
        await person.enter("/goto 2020-01-01")
        await person.sees("said 0 ", "◀ found")
        await person.enter("/goto 2999-01-01")

        await person.sees("nothing was said here on 2999-01-01 or since")


async def test_two_people_see_each_others_changes(hall: RunningHall) -> None:
    async with seated(hall.address) as kim, seated(hall.address, "max") as max_:
        await kim.join("dev")
        await max_.join("dev")
        await say(kim, "from kim")
        await max_.sees("from kim")
        await choose(max_, "+")
        await max_.press("1")
        await kim.sees("👍1")
        await choose(kim, "e")
        await kim.press("!", "enter")
        await max_.sees("from kim! (edited)")
        await kim.press("alt+up", "d", "d")

        await max_.sees("message deleted")
