"""The message log in an app."""

import unicodedata

import pytest
from textual.geometry import Region

from pychat.protocol.replies import Message
from pychat.tui.log import Unsent, message_log
from tests.support.hostile import HOSTILE
from tests.support.log_screen import LogApp, chat, screen
from tests.support.tui import until
from tests.unit.tui.conftest import NOON


async def test_the_log_follows_its_end_until_it_is_scrolled_up_and_again_at_the_end() -> None:
    async with screen() as s:
        s.log.show(chat(1, 100), key="general", more_before=False)
        await s.sees("100: ")
        s.log.append(chat(101, 1))
        await s.sees("101: ")
        assert s.log.follow
        assert s.log.below == 0

        s.scroll_up(5)
        before = s.lines()
        s.log.append(chat(102, 3))
        await s.settled()
        assert not s.log.follow
        assert s.log.below == 3
        assert s.lines() == before

        await s.pilot.press("end")
        await s.sees("104: ")
        assert s.log.follow
        assert s.log.below == 0


async def test_page_keys_move_by_a_page_at_once() -> None:
    async with screen() as s:
        s.log.show(chat(1, 300), key="general", more_before=False)
        await s.sees("300: ")
        last = s.lines()

        await s.pilot.press("pageup")
        assert s.lines()[-1] == last[0]
        await s.pilot.press("pagedown")
        assert s.lines() == last
        await s.pilot.press("home")
        assert "beginning of #general" in s.lines()[0]
        await s.pilot.press("down", "down", "up")
        assert s.log.scroll_y == 1


async def test_older_messages_do_not_move_what_is_read() -> None:
    async with screen() as s:
        s.log.show(chat(201, 100), key="general", more_before=True)
        await s.sees("300: ")
        s.scroll_up(60)
        before = s.lines()

        s.log.prepend(chat(101, 100), True)
        await s.settled()

        assert s.lines() == before
        await s.pilot.press("home")
        await s.sees("101: ")


async def test_scrolling_before_older_messages_are_painted_goes_on_from_what_is_seen() -> None:
    async with screen() as s:
        s.log.show(chat(201, 100), key="general", more_before=True)
        await s.sees("300: ")
        s.scroll_up(60)
        before = s.lines()

        s.log.append(chat(301, 1))
        s.log.prepend(chat(101, 100), True)
        s.scroll_up(1)

        assert s.lines()[1:] == before[:-1]


async def test_older_messages_are_asked_for_once_near_the_top() -> None:
    async with screen() as s:
        s.log.show(chat(201, 100), key="general", more_before=True)
        await s.sees("300: ")
        assert s.app.asked == 0

        await s.pilot.press("home", "down", "up")
        await until(s.pilot, lambda: s.app.asked)
        assert s.app.asked == 1

        s.log.prepend(chat(101, 100), True)
        await s.pilot.press("home", "down", "up")
        await until(s.pilot, lambda: s.app.asked == 2)

        s.log.prepend(chat(1, 100), False)
        await s.pilot.press("home", "down", "up")
        await s.sees("beginning of #general")
        assert s.app.asked == 2


async def test_a_page_that_could_not_be_had_is_asked_for_again_at_the_next_scrolling() -> None:
    async with screen() as s:
        s.log.show(chat(201, 100), key="general", more_before=True)
        await s.pilot.press("home")
        await until(s.pilot, lambda: s.app.asked == 1)

        s.log.prepend([], True)
        await s.pilot.pause()
        assert s.app.asked == 1
        await s.pilot.press("down")
        await until(s.pilot, lambda: s.app.asked == 2)


async def test_a_room_that_does_not_fill_the_window_asks_for_more() -> None:
    async with screen() as s:
        s.log.show(chat(201, 2), key="general", more_before=True)

        await until(s.pilot, lambda: s.app.asked == 1)


async def test_resizing_wraps_anew_and_keeps_the_place() -> None:
    async with screen() as s:
        s.log.show(chat(1, 300), key="general", more_before=False)
        await s.sees("300: ")
        s.scroll_up(150)
        top = s.log.message_at(0)
        assert top is not None

        for size in [(120, 40), (50, 20), (30, 10), (80, 24)]:
            await s.pilot.resize_terminal(*size)
            await until(s.pilot, lambda size=size: s.log.size == size)
            assert len(s.lines()) == size[1]
            assert s.log.message_at(0) == top
            assert s.log.virtual_size.height == s.log._transcript.rows.total


async def test_resizing_at_the_end_stays_at_the_end() -> None:
    async with screen() as s:
        s.log.show(chat(1, 300), key="general", more_before=False)
        for size in [(120, 40), (50, 20), (80, 24)]:
            await s.pilot.resize_terminal(*size)
            await until(s.pilot, lambda size=size: s.log.size == size)
            await s.sees("300: ")
            assert s.log.follow
            assert s.lines()[-1].endswith("end")


async def test_a_terminal_below_seventy_columns_has_names_on_lines_of_their_own() -> None:
    async with screen(69) as s:
        s.log.show(chat(1, 1), key="general", more_before=False)
        await s.sees("  1: ")
        assert "12:00 ann" in s.lines()

        await s.pilot.resize_terminal(70, 24)
        await s.sees("12:00 ann      1: ")


async def test_a_message_is_replaced_by_what_became_of_it() -> None:
    async with screen() as s:
        messages = chat(1, 3)
        s.log.show(messages, key="general", more_before=False)
        await s.sees("2: ")

        s.log.replace(
            Message(room="general", seq=2, time=NOON, sender="bob", text="", deleted=True)
        )
        await s.sees("message deleted")
        assert "2: " not in "\n".join(s.lines())
        s.log.replace(Message(room="general", seq=99, time=NOON, sender="bob", text="unknown"))
        await s.settled()
        assert "unknown" not in "\n".join(s.lines())


async def test_a_quote_changes_with_its_original() -> None:
    async with screen() as s:
        first, second = chat(1, 2)
        second.reply_to = 1
        s.log.show([first, second], key="general", more_before=False)
        await s.sees("⤷ ann: 1: ")

        s.log.replace(
            Message(room="general", seq=1, time=NOON, sender="ann", text="", deleted=True)
        )

        await s.sees("⤷ ann: message deleted")


async def test_notes_and_unsent_messages_stand_at_the_end() -> None:
    async with screen() as s:
        s.log.show(chat(1, 2), key="general", more_before=False)
        s.log.unsent([Unsent(text="on it", sender="kim", time=NOON, state="sending…")])
        s.log.note("→ lee joined")
        s.log.append(chat(3, 1))
        await s.sees("sending…")

        text = "\n".join(s.lines())
        assert text.index("2: ") < text.index("→ lee") < text.index("3: ") < text.index("on it")
        s.log.unsent([])
        await until(s.pilot, lambda: "on it" not in "\n".join(s.lines()))


async def test_each_room_is_come_back_to_where_it_was_left() -> None:
    async with screen() as s:
        s.log.show(chat(1, 200), key="general", more_before=False)
        await s.sees("200: ")
        s.scroll_up(100)
        before = s.lines()

        s.log.show(chat(1, 50), key="random", more_before=False)
        await s.sees("50: ")
        s.log.show(chat(1, 220), key="general", more_before=False, unread_after=200)
        assert s.lines() == before
        assert not s.log.follow

        s.log.forget("random")
        s.log.action_scroll_end()
        s.log.show(chat(1, 50), key="random", more_before=False)
        s.log.show(chat(1, 220), key="general", more_before=False)
        await s.sees("220: ")


async def test_many_unread_messages_are_read_from_the_first() -> None:
    async with screen() as s:
        s.log.show(chat(1, 300), key="general", more_before=False, unread_after=100)

        await s.sees("200 new")
        assert s.log.message_at(1) == chat(101, 1)[0]
        assert s.log.below == 200
        assert not s.log.follow


async def test_a_room_shown_before_the_log_has_a_size_opens_as_any_other() -> None:
    app = LogApp()
    app.log_view.show(chat(1, 300), key="general", more_before=True, unread_after=100)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.log_view.below == 200)
        assert app.log_view.message_at(1) == chat(101, 1)[0]


async def test_a_burst_is_painted_as_one() -> None:
    async with screen() as s:
        s.log.show(chat(1, 1), key="general", more_before=False)
        await s.sees("1: ")
        flushed = 0
        flush = s.log._flush

        def counting() -> None:
            nonlocal flushed
            flushed += 1
            flush()

        s.log._flush = counting
        for seq in range(2, 202):
            s.log.append(chat(seq, 1))
        await s.sees("201: ")

        assert flushed <= 2


async def test_the_scrollbar_moves_by_pages_too() -> None:
    async with screen() as s:
        s.log.show(chat(1, 300), key="general", more_before=False)
        await s.sees("300: ")
        last = s.lines()

        await s.pilot.click(offset=(79, 2))
        await until(s.pilot, lambda: s.lines()[-1] == last[0])
        s.log.scroll_page_down()
        assert s.lines() == last


async def test_when_nothing_older_comes_the_room_is_seen_to_begin_there() -> None:
    async with screen() as s:
        s.log.show(chat(1, 2), key="general", more_before=True)
        await s.sees("older messages")

        s.log.prepend([], False)

        await s.sees("beginning of #general")


async def test_a_part_of_the_log_is_painted_as_that_part_of_the_whole() -> None:
    async with screen() as s:
        s.log.show(chat(1, 50), key="general", more_before=False)
        await s.sees("50: ")
        whole = s.log.render_lines(s.log.size.region)

        part = s.log.render_lines(Region(20, 5, 30, 10))

        assert [strip.text for strip in part] == [strip.text[20:50] for strip in whole[5:15]]


async def test_the_places_of_a_bounded_number_of_rooms_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(message_log, "_PLACES", 2)
    async with screen() as s:
        for room in ("one", "two", "three"):
            s.log.show(chat(1, 100), key=room, more_before=False)
            await s.sees("100: ")
            await s.pilot.press("home")
        s.log.show(chat(1, 100), key="three", more_before=False)
        assert not s.log.follow
        s.log.show(chat(1, 100), key="one", more_before=False)
        assert s.log.follow


# Colours and hostile text


async def test_another_theme_is_painted_at_once() -> None:
    async with screen() as s:
        s.log.show(chat(1, 1), key="general", more_before=False)
        await s.sees("1: ")
        dark = s.log.render_line(3)

        s.app.theme = "textual-light"

        await until(s.pilot, lambda: s.log.render_line(3) != dark)
        assert s.log.render_line(3).text == dark.text


async def test_without_colour_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with screen() as s:
        s.log.show(chat(1, 5), key="general", more_before=False)
        await s.sees("5: ")

        for strip in s.log.render_lines(s.log.size.region):
            for segment in strip:
                for color in (segment.style.color, segment.style.bgcolor):
                    red, green, blue = color.get_truecolor()
                    assert red == green == blue


@pytest.mark.parametrize("columns", [30, 80])
async def test_hostile_text_and_names_reach_the_screen_without_escape_sequences(
    columns: int,
) -> None:
    async with screen(columns, 50) as s:
        s.log.show(
            [
                Message(room="x", seq=seq, time=NOON, sender=text[:40] or "?", text=text)
                for seq, text in enumerate(HOSTILE, 1)
            ],
            key="\x1b]0;room\x07",
            more_before=False,
        )
        for text in HOSTILE:
            s.log.note(text)
        await s.settled()
        await s.pilot.press("home")
        for _ in range(100):
            for strip in s.log.render_lines(s.log.size.region):
                for text, style, _ in strip:
                    painted = text + (style.link or "")
                    kinds = {unicodedata.category(char) for char in painted}
                    assert not kinds & {"Cc", "Cs", "Cn"}, text
            await s.pilot.press("pagedown")
            if s.log.follow:
                break
        assert s.log.follow
