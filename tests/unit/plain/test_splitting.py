"""A pipe's bytes as lines, however they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.plain.splitting import LINE_BYTES, Splitter
from pychat.tui.slash import Mistake


def split(*chunks: bytes) -> list[str | Mistake]:
    splitter = Splitter()
    return [line for chunk in chunks for line in splitter.feed(chunk)] + splitter.end()


def test_lines_are_lines_with_and_without_a_last_end() -> None:
    assert split(b"one\r\ntwo\n\nfour") == ["one", "two", "", "four"]
    assert split(b"one\n") == ["one"]
    assert split() == []


def test_what_is_not_utf_8_is_told_by_its_number_and_harms_no_other_line() -> None:
    first, bad, last = split(b"one\ncaf\xe9\nthree\n")

    assert (first, last) == ("one", "three")
    assert bad == Mistake("line 2 is not UTF-8 at byte 3; it was not said")


@pytest.mark.parametrize("count", [LINE_BYTES - 1, LINE_BYTES, LINE_BYTES + 1])
@pytest.mark.parametrize("cut", [1, 4_096, 10**6])
def test_a_line_has_a_bound_and_the_next_is_a_line_again(count: int, cut: int) -> None:
    raw = b"x" * count + b"\nnext"
    first, last = split(*(raw[at : at + cut] for at in range(0, len(raw), cut)))

    assert last == "next"
    if count <= LINE_BYTES:
        assert first == "x" * count
    else:
        assert isinstance(first, Mistake)
        assert first.text.startswith("line 1 has more than 65,536 bytes")


@given(st.lists(st.binary(max_size=6)))
def test_however_it_is_cut_the_lines_are_the_same(chunks: list[bytes]) -> None:
    assert split(*chunks) == split(b"".join(chunks))
