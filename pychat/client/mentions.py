"""Whether a text names somebody: the name as a whole word, with or without `@`, in any case."""

import unicodedata

from pychat.protocol import names


def mentions(text: str, name: str) -> bool:
    """`bob` is named in "@Bob: hi", "bob's" and "ask bob.", not in "bobby" nor in "bob-2"."""
    word = names.fold(name)
    if not word:
        return False
    folded = names.fold(text)
    begin = folded.find(word)
    while begin >= 0:
        end = begin + len(word)
        if not _goes_on(folded[max(0, begin - 2) : begin][::-1]) and not _goes_on(
            folded[end : end + 2]
        ):
            return True
        begin = folded.find(word, begin + 1)
    return False


def _goes_on(beside: str) -> bool:
    """Whether the word goes on there, read away from it: a letter, or `-` `_` `.` and a letter."""
    if beside[:1] in ("-", "_", "."):
        return _in_word(beside[1:2])
    return _in_word(beside[:1])


def _in_word(char: str) -> bool:
    return char != "" and unicodedata.category(char)[0] in "LMN"
