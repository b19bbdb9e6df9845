"""The line in which one writes."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.plain import editor as editing
from pychat.plain.editor import CHARS, HISTORY, Editor, Ended, Entered, Full, Offered, cells
from pychat.plain.keyboard import Key

ROOMS = ["/join ", "/reply ", "/retry "]


def an_editor(text: str = "") -> Editor:
    editor = Editor(lambda before: (0, [each for each in ROOMS if each.startswith(before)]))
    editor.put(text)
    return editor


def press(editor: Editor, *names: str) -> object:
    outcome: object = None
    for name in names:
        outcome = editor.press(Key(name) if len(name) > 1 else Key("text", name))
    return outcome


def row(editor: Editor, columns: int) -> tuple[str, int]:
    """What a terminal makes of it, and where its cursor is."""
    screen = pyte.Screen(columns, 3)
    pyte.Stream(screen).feed(f"left over{editor.paint(columns)}")
    assert [line.strip() for line in screen.display[1:]] == ["", ""]
    return screen.display[0].rstrip(), screen.cursor.x


@pytest.mark.parametrize(
    ("names", "text", "at"),
    [
        (["left", "x"], "one twxo", 7),
        (["home", "x"], "xone two", 1),
        (["ctrl+a", "right", "delete"], "oe two", 1),
        (["ctrl+a", "ctrl+d"], "ne two", 0),
        (["backspace"], "one tw", 6),
        (["alt+b", "ctrl+k"], "one ", 4),
        (["ctrl+w"], "one ", 4),
        (["ctrl+w", "ctrl+a", "ctrl+y"], "twoone ", 3),
        (["ctrl+u"], "", 0),
        (["ctrl+a", "alt+f", "alt+d"], "one", 3),
        (["ctrl+j", "x"], "one two\nx", 9),
        (["ctrl+a", "left", "backspace"], "one two", 0),
        (["ctrl+e", "right", "delete"], "one two", 7),
        (["f13"], "one two", 7),
    ],
)
def test_keys_change_the_line(names: list[str], text: str, at: int) -> None:
    editor = an_editor("one two")

    press(editor, *names)

    assert (editor.text, editor.at) == (text, at)


def test_enter_gives_the_line_and_begins_another() -> None:
    editor = an_editor("hello")

    assert press(editor, "enter") == Entered("hello")
    assert (editor.text, editor.at) == ("", 0)


def test_ctrl_d_ends_it_only_where_nothing_is_written() -> None:
    assert press(an_editor(), "ctrl+d") == Ended()
    assert press(an_editor("x"), "ctrl+d") is None


def test_up_and_down_walk_through_what_was_entered_and_come_back_to_what_is_written() -> None:
    editor = an_editor()
    for text in ("one", "two"):
        editor.put(text)
        press(editor, "enter")
    editor.put("thr")

    walked = []
    for name in ("up", "up", "up", "down", "down", "down"):
        press(editor, name)
        walked.append(editor.text)

    assert walked == ["two", "one", "one", "two", "thr", "thr"]


def test_ctrl_r_finds_what_has_the_words_written_in_it() -> None:
    editor = an_editor()
    for text in ("green tea", "coffee", "black tea"):
        editor.put(text)
        press(editor, "enter")
    editor.put("tea")

    found = []
    for _ in range(3):
        press(editor, "ctrl+r")
        found.append(editor.text)

    assert found == ["black tea", "green tea", "green tea"]


@pytest.mark.parametrize("count", [HISTORY - 1, HISTORY, HISTORY + 1])
def test_the_history_has_a_bound(count: int) -> None:
    editor = an_editor()
    for number in range(count):
        editor.put(str(number))
        press(editor, "enter")

    press(editor, *["up"] * (count + 1))

    assert editor.text == str(max(0, count - HISTORY))


@pytest.mark.parametrize(("more", "fits"), [(CHARS - 2, True), (CHARS - 1, False)])
def test_what_would_be_too_long_is_not_put_in_at_all(more: int, fits: bool) -> None:
    editor = an_editor("x")

    outcome = editor.press(Key("paste", "y" * (more + 1)))

    assert outcome == (None if fits else Full())
    assert len(editor.text) == (more + 2 if fits else 1)


def test_what_is_pasted_has_no_control_characters_but_keeps_emoji_whole() -> None:
    editor = an_editor()

    editor.press(Key("paste", "a\x1b[2Jb\x00\tc\n👩\u200d🚀"))

    assert editor.text == "a[2Jb\tc\n👩\u200d🚀"


def test_tab_completes_what_is_sure_and_offers_what_is_not() -> None:
    editor = an_editor("/j")
    assert press(editor, "tab") is None
    assert editor.text == "/join "

    editor.put("/r")
    assert press(editor, "tab") is None
    assert editor.text == "/re"
    assert press(editor, "tab") == Offered(["/reply ", "/retry "])
    assert editor.text == "/re"


def test_tab_where_nothing_fits_does_nothing() -> None:
    editor = an_editor("hello")

    assert press(editor, "tab") is None
    assert editor.text == "hello"


@pytest.mark.parametrize(
    ("text", "at", "seen", "cursor"),
    [
        ("hello", 5, "#tea> hello", 11),
        ("hello", 0, "#tea> hello", 6),
        ("a\nb", 3, "#tea> a␤b", 9),
        ("你好", 2, "#tea> 你好", 10),
        ("e\u0301x", 3, "#tea> éx", 8),
        ("x" * 18 + "END", 21, "#tea> xxxxxxxxxxEND", 19),
        ("START" + "x" * 30, 0, "#tea> STARTxxxxxxxx", 6),
    ],
)
def test_the_line_takes_one_row_with_the_cursor_in_sight(
    text: str, at: int, seen: str, cursor: int
) -> None:
    editor = an_editor(text)
    editor.prompt = "#tea> "
    editor.at = at

    shown, x = row(editor, 20)

    assert shown.replace(" ", "") == seen.replace(" ", "")
    assert x == cursor


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.integers(1, 30))
def test_whatever_is_written_takes_no_more_than_its_row(text: str, columns: int) -> None:
    editor = an_editor()
    editor.prompt = "#tea> "
    editor.press(Key("paste", text))

    painted = editor.paint(columns)

    visible = painted.removeprefix(editing.ERASE).partition("\r")[0]
    assert cells(visible) < max(columns, 2)
    assert "\n" not in painted
