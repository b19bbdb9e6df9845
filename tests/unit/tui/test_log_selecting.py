"""Text of the message log is selected by the mouse, to be copied."""

import pytest
from textual.selection import Selection

from pychat.protocol.replies import Message
from tests.support.log_screen import Screen, chat, screen
from tests.support.tui import until
from tests.unit.tui.conftest import NOON


async def drag(s: Screen, start: tuple[int, int], end: tuple[int, int]) -> None:
    await s.pilot.mouse_down(s.log, offset=start)
    await s.pilot.hover(s.log, offset=end)
    await s.pilot.mouse_up(s.log, offset=end)


def line_of(s: Screen, text: str) -> int:
    return next(number for number, line in enumerate(s.lines()) if text in line)


@pytest.fixture
def three() -> list[Message]:
    texts = ["one little message", "another", "last of all"]
    return [
        Message(room="general", seq=seq, time=NOON, sender="ann", text=text)
        for seq, text in enumerate(texts, 1)
    ]


async def test_text_is_selected_by_the_mouse(three: list[Message]) -> None:
    async with screen() as s:
        s.log.show(three, key="general", more_before=False)
        await s.sees("last of all")
        y = line_of(s, "one little")
        x = s.lines()[y].index("little")

        await drag(s, (x, y), (x + 5, y))
        await until(s.pilot, s.app.screen.get_selected_text)

        assert s.app.screen.get_selected_text() == "little"
        [marked] = [piece for piece in s.log.render_line(y) if piece.text == "little"]
        [plain] = [piece for piece in s.log.render_line(y) if piece.text == "one "]
        assert marked.style.bgcolor != plain.style.bgcolor
        assert marked.style.color == plain.style.color


async def test_several_messages_are_copied_with_their_names(three: list[Message]) -> None:
    async with screen() as s:
        s.log.show(three, key="general", more_before=False)
        s.log.note("→ lee")
        s.log.append([Message(room="general", seq=4, time=NOON, sender="bob", text="ok?")])
        await s.sees("ok?")
        y = line_of(s, "one little")
        x = s.lines()[y].index("little")

        await drag(s, (x, y), (x + 2, line_of(s, "ok?") + 5))
        await until(s.pilot, s.app.screen.get_selected_text)

        assert s.app.screen.get_selected_text() == (
            "ann: little message\nann: another\nann: last of all\n→ lee\nbob: ok?"
        )


async def test_a_selection_outlives_older_messages_and_resizing(three: list[Message]) -> None:
    async with screen() as s:
        for message in three:
            message.seq += 100
        s.log.show(three, key="general", more_before=True)
        await s.sees("last of all")
        y = line_of(s, "another")
        x = s.lines()[y].index("another")
        await drag(s, (x, y), (x + 6, y))
        await until(s.pilot, s.app.screen.get_selected_text)

        s.log.prepend(chat(1, 100), False)
        await s.pilot.resize_terminal(50, 20)
        await until(s.pilot, lambda: s.log.size == (50, 20))

        assert s.app.screen.get_selected_text() == "another"


async def test_a_double_click_selects_the_message(three: list[Message]) -> None:
    async with screen() as s:
        s.log.show(three, key="general", more_before=False)
        await s.sees("last of all")

        await s.pilot.click(s.log, offset=(2, line_of(s, "another")), times=2)
        await until(s.pilot, s.app.screen.get_selected_text)

        assert s.app.screen.get_selected_text() == "another"


async def test_a_double_click_below_all_messages_selects_nothing(three: list[Message]) -> None:
    async with screen() as s:
        s.log.show(three, key="general", more_before=False)
        await s.sees("last of all")

        await s.pilot.click(s.log, offset=(2, 20), times=2)
        await s.pilot.pause()

        assert not s.app.screen.get_selected_text()
        assert s.log.message_at(20) is None


async def test_all_is_selected_with_the_whole_of_the_log(three: list[Message]) -> None:
    async with screen() as s:
        s.log.show(three, key="general", more_before=False)
        await s.sees("last of all")

        text, _ = s.log.get_selection(Selection(None, None)) or ("", "")

        assert text == "ann: one little message\nann: another\nann: last of all"
