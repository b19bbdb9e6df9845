"""A paste: a large one asks, nothing of it is sent without a key, and nothing of it is lost."""

from pathlib import Path

import pytest
from textual import events

from pychat.client import Client
from pychat.protocol import limits
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.schema import Keys, Settings
from tests.support.hall import RunningHall
from tests.support.person import Person, seated

CODE = "def f():\n\n    return 1\n\nf()"


def numbered(count: int) -> str:
    return "\n".join(f"line {number}" for number in range(count))


def said(person: Person, room: str = "dev") -> list[str]:
    return [message.text for message in person.hall.client.mirror.rooms[room].messages]


async def paste(person: Person, text: str) -> None:
    """As terminals send it."""
    person.app.post_message(events.Paste(text.replace("\n", "\r")))
    await person.pilot.pause()


async def test_three_lines_go_into_the_composer_and_four_ask(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("before ")
        await paste(person, numbered(3))
        assert person.hall.composer.text == f"before {numbered(3)}"

        await paste(person, numbered(4))
        await person.sees("Pasted 4 lines · Enter as code block · L lines · E edit · Esc cancel")
        assert person.hall.composer.text == f"before {numbered(3)}"
        assert not said(person)


async def test_a_long_line_asks_too(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await paste(person, "x" * 2_001)

        await person.sees("2,001 characters · Enter code · L lines · E edit · Esc")


async def test_enter_sends_it_as_one_code_block_and_what_was_typed_stays(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("my words")
        await paste(person, CODE)
        await person.press("enter")

        await person.until(lambda: said(person) == [f"```\n{CODE}\n```"])
        assert person.hall.composer.text == "my words"
        assert not person.hall.writing.paste_bar.display


async def test_l_sends_it_as_it_is_and_never_as_a_command(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await paste(person, "/quit\n/leave\n/name eve\n/join x")
        await person.press("l")

        await person.until(lambda: said(person) == ["/quit\n/leave\n/name eve\n/join x"])
        assert person.hall.here == "dev"


async def test_e_puts_it_where_the_cursor_is(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("ab")
        await person.press("left")
        await paste(person, CODE)
        await person.press("e")

        assert person.hall.composer.text == f"a{CODE}b"
        assert not said(person)


async def test_escape_drops_only_the_paste_and_ctrl_z_brings_it(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.press(*"typed ")
        await paste(person, CODE)
        await person.press("escape")
        assert person.hall.composer.text == "typed "
        assert not person.hall.writing.paste_bar.display

        await person.press(*"more", "ctrl+z")
        assert person.hall.composer.text == "typed "
        await person.press("ctrl+z")
        assert person.hall.composer.text == f"typed {CODE}"
        await person.press("ctrl+z")
        assert person.hall.composer.text == "typed "


async def test_other_letters_typed_meanwhile_go_into_the_composer(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await paste(person, CODE)
        await person.press("a", "b", "backspace", "c")

        assert person.hall.composer.text == "ac"
        assert person.hall.writing.paste_bar.text == CODE


async def test_what_is_too_much_for_one_message_is_split(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        text = numbered(limits.TEXT_LINES + 50)
        await paste(person, text)
        await person.sees("250 lines · Enter 2 code blocks · L 2 messages · E edit · Esc")
        await person.press("l")

        await person.until(lambda: len(said(person)) == 2)
        assert "\n".join(said(person)) == text


async def test_more_than_ten_messages_ask_once_more(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await paste(person, numbered(11 * limits.TEXT_LINES))
        await person.press("l")
        await person.sees("Pasted 2,200 lines: send 11 messages? · Enter yes · Esc cancel")
        assert not person.hall.client.outbox.of("dev")
        await person.press("enter")

        assert not person.hall.writing.paste_bar.display
        assert len(said(person)) + len(person.hall.client.outbox.of("dev")) == 11


@pytest.mark.parametrize(("messages", "asks"), [(9, False), (10, False), (11, True)])
async def test_ten_messages_go_without_another_question(
    hall: RunningHall, messages: int, asks: bool
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await paste(person, numbered(messages * limits.TEXT_LINES))
        await person.press("l")

        assert person.hall.writing.paste_bar.display is asks


@pytest.mark.parametrize(
    ("chars", "taken"), [(999_999, True), (1_000_000, True), (1_000_001, False)]
)
async def test_what_is_larger_than_all_drafts_is_not_taken(
    hall: RunningHall, chars: int, taken: bool
) -> None:
    async with seated(hall.address) as person:
        await person.write("mine")
        await paste(person, "x" * chars)
        await person.sees(
            "1,000,001 characters, more than" if not taken else f"{chars:,} characters"
        )
        await person.press("escape")
        assert person.hall.composer.text == "mine"
        await person.press("ctrl+z")

        assert (len(person.hall.composer.text) == 4 + chars) is taken


async def test_a_paste_in_pieces_is_one(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await paste(person, f"{CODE}\n")
        await paste(person, "and one more")
        await person.press("enter")

        await person.until(lambda: said(person) == [f"```\n{CODE}\nand one more\n```"])


async def test_outside_of_all_rooms_it_comes_into_the_composer(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await paste(person, CODE)
        await person.press("l")

        await person.sees("you are in no room here")
        assert person.hall.composer.text == CODE


async def test_what_is_refused_in_the_middle_comes_back_with_all_behind_it(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        post, client = person.hall.client.post, person.hall.client
        left = [client.post]

        def once(room: str, text: str, reply_to: int | None = None) -> object:
            if left:
                left.pop()
                return post(room, text, reply_to)
            return post(room, "", reply_to)

        monkeypatch.setattr(client, "post", once)
        await paste(person, numbered(2 * limits.TEXT_LINES + 1))
        await person.press("l")
        await person.until(lambda: person.hall.composer.text)

        lines = numbered(2 * limits.TEXT_LINES + 1).split("\n")
        assert person.hall.composer.text.split("\n") == lines[limits.TEXT_LINES :]


async def test_a_paste_while_another_pane_has_the_focus_is_the_composers(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        person.hall.rooms.focus()
        await paste(person, "hello")

        assert person.hall.composer.text == "hello"
        assert person.hall.focused is person.hall.composer


async def test_an_open_question_is_part_of_the_draft(
    hall: RunningHall, state: Path, ada: Client
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("ab")
        await person.press("left")
        await paste(person, CODE)
        await person.press("alt+0")
        assert person.hall.composer.text == ""
        assert not person.hall.writing.paste_bar.display
        await person.press("alt+1")
        assert person.hall.composer.text == f"a{CODE}b"

        await person.press("ctrl+c")
        await paste(person, CODE)
        await person.press("ctrl+q")
        await person.until(lambda: not person.app.is_running)

    async with seated(hall.address) as person:
        await person.join("dev")
        assert person.hall.composer.text == CODE


async def test_control_characters_of_a_paste_do_no_harm(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await paste(person, "a\x1b[31mb")
        await person.press("enter")

        await person.until(lambda: said(person) == ["a␛[31mb"])


async def test_the_keys_of_the_question_are_its_own_in_vims_normal_mode_too(
    hall: RunningHall,
) -> None:
    vim = Preferences(Settings(keys=Keys(preset="vim")))
    async with seated(hall.address, preferences=vim) as person:
        await person.join("dev")
        await person.press("escape")
        await paste(person, CODE)
        await person.press("e")

        assert person.hall.composer.text == CODE


async def test_into_an_answer_a_large_paste_goes_whole_and_is_sent_with_it(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    asked = await ada.send("dev", "how does it look?")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/reply")
        await person.sees("replying to ada")
        await person.write("so: ")
        await paste(person, numbered(4))
        await person.sees("Pasted 4 lines · Enter puts it in as code · L as lines · Esc cancel")
        await person.press("enter")
        assert person.hall.composer.text == f"so: ```\n{numbered(4)}\n```"
        await paste(person, numbered(2_000))
        await person.press("l")
        assert person.hall.composer.text.endswith("line 1999")
        assert said(person) == ["how does it look?"]
        await person.press("ctrl+z", "enter")

        await person.until(lambda: len(said(person)) == 2)
        answer = person.hall.client.mirror.rooms["dev"].messages[-1]
        assert (answer.reply_to, answer.text) == (asked.seq, f"so: ```\n{numbered(4)}\n```")
