"""Where one writes: lines, keys, limits, drafts, and that nothing typed is lost."""

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from pychat.client import Client
from pychat.protocol import limits
from pychat.tui.keys import teach_alt_keys
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


@pytest.mark.parametrize("key", ["ctrl+j", "alt+enter", "shift+enter"])
async def test_a_new_line_does_not_send(hall: RunningHall, key: str) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.press("a", key, "b")
        assert person.hall.composer.text == "a\nb"

        await person.press("enter")

        await person.until(lambda: _said(person, "dev") == ["a\nb"])
        assert person.hall.composer.text == ""


async def test_enter_in_a_burst_of_typing_sends_what_was_before_it_and_keeps_the_rest(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        for key in (*"first", "enter", *"second"):
            person.app.post_message(events.Key(key, "\r" if key == "enter" else key))

        await person.until(lambda: person.hall.composer.text == "second")
        await person.until(lambda: _said(person, "dev") == ["first"])


async def test_in_a_burst_of_typing_each_key_acts_on_what_was_before_it(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        keys = [*"wrong", "ctrl+u", *"a", *"bx", "backspace", *"d", "left", *"c", "end", *"e"]
        for key in keys:
            person.app.post_message(events.Key(key, key if len(key) == 1 else None))

        await person.until(lambda: person.hall.composer.text == "abcde")


async def test_a_mistake_comes_back_before_what_was_typed_since(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        for key in (*"/lsit", "enter", *"more"):
            person.app.post_message(events.Key("slash" if key == "/" else key, key[:1]))

        await person.until(lambda: person.hall.composer.text == "/lsit\nmore")


async def test_the_count_is_shown_near_the_limit(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("x" * 6_400)
        assert "characters" not in person.text
        await person.write("x" * 100)
        await person.sees("6,500 of 8,000 characters")

        await person.write("\n" * 170)

        await person.sees("6,670 of 8,000 characters")


async def test_what_is_too_long_is_not_sent_and_stays(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        long = "x" * (limits.TEXT_CHARS + 1)
        await person.enter(long)

        await person.sees("a message has at most 8000 characters, this one has 8001")
        assert person.hall.composer.text == long


async def test_blank_text_is_nothing_to_send(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("  \n ")

        assert person.hall.composer.text == "  \n "
        assert not person.complaint


async def test_escape_deletes_nothing(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("half a sentence")
        await person.press("escape", "escape")

        assert person.hall.composer.text == "half a sentence"


async def test_each_place_keeps_its_draft(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.write("for general")
        await person.press("alt+0")
        assert person.hall.composer.text == ""
        await person.sees("✎")
        await person.write("/join somewhere")

        await person.press("alt+1")
        assert person.hall.composer.text == "for general"
        await person.press("alt+0")

        assert person.hall.composer.text == "/join somewhere"


async def test_undo_does_not_bring_another_rooms_draft(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.write("for general")
        await person.press("alt+0", "ctrl+z", "ctrl+z")

        assert person.hall.composer.text == ""


async def test_undo_brings_back_what_was_sent(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.enter("again and again")
        await person.until(lambda: _said(person, "general"))
        assert person.hall.composer.text == ""
        await person.press("ctrl+z")

        assert person.hall.composer.text == "again and again"


async def test_a_letter_typed_in_another_pane_goes_to_the_composer(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        person.hall.rooms.focus()
        await person.press("h", "i")

        assert person.hall.composer.text == "hi"
        assert person.hall.focused is person.hall.composer


async def test_alt_with_a_letter_that_means_nothing_types_nothing(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        person.app.post_message(events.Key("alt+q", "q"))
        await person.pilot.pause()

        assert person.hall.composer.text == ""


async def test_at_on_a_member_mentions_them(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.sees("● ada")
        person.hall.members.focus()
        await person.press("end", "@")

        assert person.hall.composer.text == "@ada "


async def test_ctrl_c_copies_what_is_selected_and_says_so_if_nothing_is(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await person.press("ctrl+c")
        await person.sees("nothing is selected to copy; Ctrl+C again asks to quit")
        await person.write("copy me")
        await person.press("shift+home", "ctrl+c")

        assert person.app.clipboard == "copy me"
        assert person.hall.composer.text == "copy me"


async def test_ctrl_c_without_a_selection_clears_and_ctrl_z_brings_it_back(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await person.write("one\ntwo\nthree")
        await person.press("ctrl+c")
        await person.sees("cleared: Ctrl+Z or Up brings it back; Ctrl+C again asks to quit")
        assert person.hall.composer.text == ""

        await person.press("ctrl+z")
        assert person.hall.composer.text == "one\ntwo\nthree"


@pytest.mark.parametrize("lines", [1, 2, 7, 8, 9, 60, 1_000])
async def test_texts_of_any_length_come_and_go_and_come_back(hall: RunningHall, lines: int) -> None:
    """Textual fails where a text becomes shorter than the cursor's line at the wrong moment."""
    text = "\n".join(f"line {number}" for number in range(lines))
    async with seated(hall.address) as person:
        await person.write(text)
        for _ in range(2):
            await person.press("ctrl+c")
            assert person.hall.composer.text == ""
            await person.press("ctrl+z")
            assert person.hall.composer.text == text
            await person.press("ctrl+y")
            assert person.hall.composer.text == ""
            await person.press("ctrl+z")
        await person.press("ctrl+z")
        assert person.hall.composer.text == ""


async def test_a_paste_that_was_too_long_can_be_taken_back(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("\n".join(f"line {number}" for number in range(1_000)))
        await person.press("enter")
        await person.sees("a message has at most 8000 characters")
        await person.press("ctrl+z")

        assert person.hall.composer.text == ""


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b0", "alt+0"),
        ("\x1b1", "alt+1"),
        ("\x1b9", "alt+9"),
        ("\x1b\r", "alt+enter"),
        ("\r", "enter"),
        ("1", "1"),
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b[13;5u", "ctrl+enter"),
        ("\x1b[13;3u", "alt+enter"),
        ("\x1b[1;5A", "ctrl+up"),
        ("\x1b[114;5u", "ctrl+r"),
        ("\x12", "ctrl+r"),
    ],
)
def test_what_a_plain_terminal_sends_arrives_as_the_key_that_was_pressed(
    sent: str, key: str
) -> None:
    teach_alt_keys()

    arrived = [event for event in XTermParser().feed(sent) if isinstance(event, events.Key)]

    assert [event.key for event in arrived] == [key]


def test_keys_that_a_slow_link_brings_together_are_told_apart() -> None:
    teach_alt_keys()

    arrived = XTermParser().feed("\x1ba\x1bu\x1b1\x1b\r")

    assert [event.key for event in arrived if isinstance(event, events.Key)] == [
        *("alt+a", "alt+u", "alt+1", "alt+enter")
    ]


def _said(person: Person, room: str) -> list[str]:
    return [message.text for message in person.hall.client.mirror.rooms[room].messages]
