"""Spoilers and folded code in the log: opened by its reader, and by nobody else."""

import pytest

from pychat.protocol.replies import Message
from pychat.tui.log import Unsent
from pychat.tui.log.rows import MessageRow, message_id
from tests.support.log_screen import Screen, chat, screen
from tests.unit.tui.conftest import NOON
from tests.unit.tui.test_log_selecting import drag, line_of
from tests.unit.tui.test_window import transcript

CODE = "\n".join(["```", *(f"line {number}" for number in range(20)), "```"])


def said(seq: int, text: str, sender: str = "ann", **more: object) -> Message:
    values = {"room": "general", "time": NOON + seq * 1_000} | more
    return Message(seq=seq, sender=sender, text=text, **values)


async def showing(s: Screen, *messages: Message, sees: str) -> None:
    s.log.show(messages, key="general", more_before=False)
    await s.sees(sees)


async def test_a_spoiler_is_opened_and_closed_by_its_reader() -> None:
    async with screen() as s:
        await showing(s, said(1, "it was ||Bob||"), said(2, "oh"), sees="it was ▒▒▒")

        assert s.log.hides(1)
        assert s.log.toggle_hidden(1)
        await s.sees("it was Bob")
        assert s.log.toggle_hidden(1)
        await s.sees("it was ▒▒▒")


async def test_where_nothing_is_hidden_there_is_nothing_to_open() -> None:
    async with screen() as s:
        gone = said(2, "||x||", deleted=True)
        await showing(s, said(1, "**hello** ```"), gone, sees="hello")

        for seq in (1, 2, 99):
            assert not s.log.hides(seq)
            assert not s.log.toggle_hidden(seq)


async def test_a_click_opens_a_spoiler_and_a_double_click_opens_it_once() -> None:
    async with screen() as s:
        await showing(s, said(1, "it was ||Bob||, you know"), sees="it was ▒▒▒")
        y = line_of(s, "▒▒▒")
        x = s.lines()[y].index("▒")

        await s.pilot.click(s.log, offset=(x - 3, y))
        await s.pilot.pause()
        assert "▒▒▒" in s.lines()[y]
        await s.pilot.click(s.log, offset=(x + 1, y), times=2)
        await s.sees("it was Bob")


async def test_the_end_of_a_selection_on_a_spoiler_does_not_open_it() -> None:
    async with screen() as s:
        await showing(s, said(1, "it was ||Bob||, you know"), sees="it was ▒▒▒")
        y = line_of(s, "▒▒▒")
        x = s.lines()[y].index("▒")

        await drag(s, (x - 3, y), (x + 1, y))
        await s.pilot.pause()

        assert "▒▒▒" in s.lines()[y]


async def test_a_click_on_the_edge_of_folded_code_unfolds_it() -> None:
    async with screen() as s:
        await showing(s, said(1, CODE), said(2, "end"), sees="8 of 20 lines · Enter expands")

        y = line_of(s, "8 of 20")
        await s.pilot.click(s.log, offset=(40, y))

        await s.sees("20 lines · Enter folds")
        await s.sees("line 19")


async def test_code_that_is_longer_than_the_window_is_read_from_its_beginning() -> None:
    async with screen(80, 12) as s:
        await showing(s, *chat(1, 50), said(60, CODE), sees="8 of 20")
        assert s.log.follow

        s.log.toggle_hidden(60)

        await s.sees("line 0")
        assert "line 19" not in "\n".join(s.lines())
        assert not s.log.follow
        s.log.toggle_hidden(60)
        await s.sees("8 of 20")


async def test_what_is_selected_and_copied_is_what_is_seen() -> None:
    async with screen() as s:
        text = "**so** it was ||Bob||\n> quoted\n- [x](https://e.org)"
        await showing(s, said(1, text), sees="so it was")

        await s.pilot.click(s.log, offset=(20, line_of(s, "so it was")), times=2)
        await s.pilot.pause()

        assert s.app.screen.get_selected_text() == "so it was ▒▒▒\nquoted\n• x (e.org)"


async def test_what_was_opened_is_covered_again_in_a_text_that_was_changed() -> None:
    async with screen() as s:
        await showing(s, said(1, "it was ||Bob||"), sees="it was ▒▒▒")
        s.log.toggle_hidden(1)
        await s.sees("it was Bob")

        s.log.replace(said(1, "it was ||Bob||", reactions={"👍": ["kim"]}))
        await s.sees("👍1")
        assert "it was Bob" in "\n".join(s.lines())
        s.log.replace(said(1, "it was ||Eve||", edited=NOON))
        await s.sees("it was ▒▒▒")


@pytest.mark.parametrize("unsent", [False, True])
def test_what_was_opened_stays_so_whatever_comes_before_and_after(unsent: bool) -> None:
    log = transcript([said(10, "it was ||Bob||")])
    log.toggle_hidden(10)
    if unsent:
        log.unsent([Unsent("on it", "kim", NOON, "queued")])

    log.prepend(chat(1, 9), more_before=False)
    log.append(chat(11, 9))
    log.reveal(10)

    row = log.rows.get(message_id(10))
    assert isinstance(row, MessageRow)
    assert row.opened


async def test_nothing_that_others_send_opens_what_is_hidden() -> None:
    async with screen() as s:
        await showing(s, said(1, "it was ||Bob||"), said(2, CODE), sees="it was ▒▒▒")

        s.log.append([said(3, "||Eve|| [@click=toggle_hidden(1)]x[/]", reply_to=1)])
        s.log.replace(said(1, "it was ||Bob||", reactions={"👍": ["eve"]}))
        await s.sees("👍1")

        text = "\n".join(s.lines())
        assert "Bob" not in text
        assert "line 9" not in text
