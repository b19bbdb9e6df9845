"""Whether a message is for me: the Hall says that it names me, or it has a word of my choice."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

import msgspec

from pychat.protocol import names
from pychat.protocol.replies import Message

OWN_NAMES = 9
"""By which I am known: a Hall knows the present one and eight before it."""

LOOKED_AT = 1_000
"""Mentions of one message among which mine is looked for; no text has so many."""


class Me(msgspec.Struct, frozen=True):
    """What I am called."""

    names: tuple[str, ...] = ()
    """That I have, or had in this session, folded; the present one last."""
    words: tuple[str, ...] = ()
    """That count as my name."""

    def now_called(self, name: str) -> "Me":
        key = names.fold(name)
        known = (*(each for each in self.names if each != key), key)
        return Me(known[-OWN_NAMES:], self.words)

    def is_called(self, name: str) -> bool:
        return names.fold(name) in self.names

    def is_meant(self, message: Message) -> bool:
        return self.is_mentioned(message.mentions) or has_word(message.text, self.words)

    def is_mentioned(self, mentions: Iterable[str] | None) -> bool:
        """`mentions` are the Hall's."""
        return mentions is not None and any(
            names.fold(name) in self.names for name in islice(mentions, LOOKED_AT)
        )


def has_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words is in the text by itself; capitals do not matter."""
    return bool(words) and _any_of(words).search(text.casefold()) is not None


@lru_cache(4)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(word.casefold()) for word in words)})(?!\w)")
