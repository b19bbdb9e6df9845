"""The bytes of a terminal as keys, however they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.plain.keyboard import PASTED_CHARS, Key, Keyboard


def keys(*chunks: bytes) -> list[Key]:
    keyboard = Keyboard()
    return [key for chunk in chunks for key in keyboard.feed(chunk)]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (b"\r", "enter"),
        (b"\n", "ctrl+j"),
        (b"\t", "tab"),
        (b"\x7f", "backspace"),
        (b"\x08", "backspace"),
        (b"\x01", "ctrl+a"),
        (b"\x12", "ctrl+r"),
        (b"\x1b[A", "up"),
        (b"\x1bOA", "up"),
        (b"\x1b[D", "left"),
        (b"\x1b[H", "home"),
        (b"\x1b[1~", "home"),
        (b"\x1b[4~", "end"),
        (b"\x1b[3~", "delete"),
        (b"\x1b[1;5D", "alt+b"),
        (b"\x1bb", "alt+b"),
        (b"\x1bB", "alt+b"),
        (b"\x1b\r", "alt+enter"),
    ],
)
def test_a_key_is_recognised(typed: bytes, name: str) -> None:
    assert keys(typed) == [Key(name)]


@pytest.mark.parametrize("typed", [b"\x1b[15~", b"\x1b[99;99;99u", b"\x1b[?1;2c", b"\x1bOZ"])
def test_a_key_that_means_nothing_is_no_text(typed: bytes) -> None:
    assert keys(typed + b"x") == [Key("text", "x")]


def test_text_comes_as_it_is() -> None:
    assert keys("héllo 你好 👍".encode()) == [Key("text", "héllo 你好 👍")]


def test_a_key_that_is_cut_waits_for_its_rest() -> None:
    assert keys(b"\x1b", b"[", b"1;5", b"C") == [Key("alt+f")]
    assert keys(b"\xc3", b"\xa9") == [Key("text", "é")]


def test_a_sequence_that_never_ends_costs_no_more_than_itself() -> None:
    assert keys(b"\x1b[" + b"1" * 100 + b"\r")[-1] == Key("enter")


def test_a_paste_is_one_key_with_its_line_ends_and_whatever_it_has() -> None:
    pasted = b"\x1b[200~one\r\ntwo\rthree\x1b[A\x1b[201~\r"

    assert keys(pasted) == [Key("paste", "one\ntwo\nthree\x1b[A"), Key("enter")]


@pytest.mark.parametrize("count", [PASTED_CHARS - 1, PASTED_CHARS, PASTED_CHARS + 1])
def test_a_paste_has_a_bound(count: int) -> None:
    (paste,) = keys(b"\x1b[200~" + b"x" * count + b"\x1b[201~")

    assert len(paste.text) == min(count, PASTED_CHARS)


@given(st.lists(st.sampled_from([b"a", b"\x1b", b"[", b"200~", b"\x1b[201~", b"\r", b"\xc3"])))
def test_however_it_is_cut_it_is_the_same(parts: list[bytes]) -> None:
    def told(found: list[Key]) -> list[Key]:
        # Text is told as far as it has come.
        merged: list[Key] = []
        for key in found:
            if merged and key.name == merged[-1].name == "text":
                merged[-1] = Key("text", merged[-1].text + key.text)
            else:
                merged.append(key)
        return merged

    assert told(keys(*parts)) == told(keys(b"".join(parts)))
