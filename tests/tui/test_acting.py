"""A message is chosen, and something is done with it: by keys, by the mouse, by commands."""

import pytest
from textual.widgets import Input

from pychat.client import Client
from pychat.protocol.replies import Message
from pychat.tui.screens.about import AboutScreen
from pychat.tui.screens.confirm import ConfirmScreen
from pychat.tui.screens.emoji import EmojiScreen
from pychat.tui.screens.hall import HallScreen
from pychat.tui.screens.links import LinksScreen
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


def messages(person: Person, room: str = "dev") -> list[Message]:
    return person.hall.client.mirror.rooms[room].messages


def last(person: Person) -> Message:
    return messages(person)[-1]


async def say(person: Person, text: str) -> None:
    count = len(messages(person))
    await person.enter(text)
    await person.until(lambda: len(messages(person)) == count + 1)
    await person.until(lambda: not person.hall.client.outbox.of("dev"))


async def choose(person: Person, *keys: str) -> Message:
    await person.press("alt+up")
    await person.until(lambda: person.hall.acting.chosen is not None)
    message = person.hall.acting.chosen
    assert message is not None
    await person.press(*keys)
    return message


async def click_on(person: Person, text: str) -> None:
    """The first place on the screen where this stands."""
    await person.sees(text)
    for y, line in enumerate(person.text.split("\n")):
        if text in line:
            await person.pilot.click(offset=(line.index(text), y))
            return


# Choosing


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
        assert person.hall.composer.has_focus


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


# Answering


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


# Changing


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


async def test_what_was_being_typed_comes_back_after_a_change(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.write("half a thought")
        await choose(person, "e")
        assert person.hall.composer.text == "said"
        await person.press("!", "enter")
        await person.sees("said! (edited)")

        assert person.hall.composer.text == "half a thought"


async def test_escape_cancels_a_change_and_its_text_is_in_the_history(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.write("half")
        await choose(person, "e")
        await person.press("!", "escape")
        assert person.hall.composer.text == "half"
        assert person.hall.speaking.history.last() == "said!"

        assert last(person).edited is None


async def test_while_a_message_is_changed_the_draft_on_disk_has_both(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.write("half")
        await choose(person, "e")
        await person.press("!")
        person.hall.speaking.save()

        assert person.hall.speaking._store.load()["dev"] == "half\nsaid!"


async def test_a_text_that_has_not_changed_does_nothing(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.press("up", "enter")

        assert person.hall.composer.text == ""
        assert not person.hall.client.outbox.of("dev")
        assert not person.hall.writing.intent_bar.display


async def test_an_empty_text_asks_whether_to_delete(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.press("up", "ctrl+u", "enter")
        await person.until(lambda: isinstance(person.screen, ConfirmScreen))
        await person.press("d")

        await person.sees("message deleted")
        assert not person.hall.writing.intent_bar.display


async def test_a_command_is_not_taken_for_a_change(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.press("up", "ctrl+u")
        await person.enter("/quit")

        await person.sees("Esc first, then the command")
        assert person.hall.composer.text == "/quit"


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


# Reacting


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


async def test_a_name_is_typed_into_the_emoji_box_until_it_fits_none(hall: RunningHall) -> None:
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
