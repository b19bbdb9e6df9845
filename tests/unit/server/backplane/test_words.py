"""What search takes for a word."""

import re
import string

from hypothesis import given
from hypothesis import strategies as st

from pychat.server.backplane.words import words


@given(st.text(st.characters(max_codepoint=127)))
def test_of_ascii_the_words_are_its_runs_of_letters_and_digits(text: str) -> None:
    assert words(text) == re.findall("[0-9a-z]+", text.lower())


def test_all_that_is_no_letter_or_digit_parts_words() -> None:
    assert words("It's 5 O'CLOCK_now\t[x-y]") == ["it", "s", "5", "o", "clock", "now", "x", "y"]
    assert words(string.punctuation + string.whitespace) == []
