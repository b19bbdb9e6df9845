"""The letters of the preset `vim` that are not typed."""

import pytest

from pychat.tui.modes import _LETTERS, Modes


def after(letters: str, *, empty: bool = False) -> tuple[list[str], bool]:
    """What was done, and whether letters are typed from then on."""
    modes = Modes()
    modes.leave_writing()
    done = [action for letter in letters for action in modes.letter(letter, empty=empty)]
    return done, modes.writing


@pytest.mark.parametrize(
    ("letters", "done", "writing"),
    [
        ("h", ["cursor_left"], False),
        ("i", [], True),
        ("a", ["cursor_right"], True),
        ("A", ["cursor_line_end"], True),
        ("dd", ["delete_line"], False),
        ("dw", ["delete_word_right"], False),
        ("cw", ["delete_word_right"], True),
        ("gg", ["screen.scroll('scroll_home')"], False),
        (":", ["begin_command"], True),
        ("dz", [], False),
        ("dzx", ["delete_right"], False),
        ("ö", [], False),
    ],
)
def test_letters_are_commands(letters: str, done: list[str], writing: bool) -> None:
    assert after(letters) == (done, writing)


@pytest.mark.parametrize("letter", ["a", "I", "A", "o", "O"])
def test_in_an_empty_line_all_that_write_only_write(letter: str) -> None:
    assert after(letter, empty=True) == ([], True)


def test_escape_forgets_what_was_begun_and_changes_nothing_the_second_time() -> None:
    modes = Modes()

    assert modes.leave_writing()
    assert not modes.leave_writing()
    modes.letter("d", empty=False)
    assert modes.leave_writing()
    assert modes.letter("w", empty=False) == ("cursor_word_right",)


def test_no_command_is_hidden_by_the_beginning_of_another() -> None:
    assert not {letters[0] for letters in _LETTERS if len(letters) > 1} & set(_LETTERS)
