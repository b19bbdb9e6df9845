"""What was sent from here, to be sent again: the newest last. Pure.

One may walk it, and what was typed before stands at its end; or search it. What is kept beyond the
program is handed to `keep`, and read by `load` when it is first asked for.
"""

from collections.abc import Callable, Iterable

ENTRIES = 500
"""Kept; a person finds nothing among more."""

KEPT_CHARS = 200_000
"""Of all of them together: what a program reads in a few milliseconds."""

ENTRY_CHARS = 50_000
"""What is longer is not kept: it was no message, and would drive out all others."""


class History:
    def __init__(
        self,
        load: Callable[[], Iterable[str]] = lambda: (),
        keep: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._load: Callable[[], Iterable[str]] | None = load
        self._keep = keep
        self._added: list[str] = []
        """In this program; all, once those of before have been read."""

    @property
    def entries(self) -> list[str]:
        if self._load is not None:
            # Else what is added now would be read as one of before, too.
            load, self._load = self._load, None
            self._added = bounded([*load(), *self._added])
        return self._added

    def add(self, text: str) -> None:
        """What shows nothing, and what was sent just before, is not kept again."""
        if text.strip() and len(text) <= ENTRY_CHARS and text != self.last():
            self._added = bounded([*self.entries, text])
            self._keep(text)

    def last(self) -> str:
        return self.entries[-1] if self.entries else ""

    def walk(self, typed: str) -> "Walk":
        return Walk(self.entries, typed)

    def find(self, words: str, before: int | None = None) -> int | None:
        """The place of the newest entry with these words, in any case, before a place."""
        wanted = words.casefold()
        places = range((len(self.entries) if before is None else before) - 1, -1, -1)
        return next((at for at in places if wanted in self.entries[at].casefold()), None)


class Walk:
    """Through the entries as they are now. What is changed on the way stays until it ends."""

    def __init__(self, entries: list[str], typed: str) -> None:
        self._entries = [*entries, typed]
        self._texts = list(self._entries)
        self._at = len(entries)

    @property
    def entry(self) -> str:
        """The one at which the walk is, as it was sent."""
        return self._entries[self._at]

    @property
    def typed(self) -> str:
        """Before the walk began: it stands behind the newest entry."""
        return self._texts[-1]

    @property
    def is_back(self) -> bool:
        """At what was typed."""
        return self._at == len(self._entries) - 1

    def step(self, by: int, text: str) -> str | None:
        """To an older one by -1, to a newer by 1; None if there is none.

        `text` is what has become of the one that is left.
        """
        return self.go(self._at + by, text)

    def go(self, at: int, text: str) -> str | None:
        if not 0 <= at < len(self._texts):
            return None
        self._texts[self._at] = text
        self._at = at
        return self._texts[at]

    def left_behind(self) -> list[str]:
        """What was written and stands elsewhere than where the walk is now."""
        last = len(self._texts) - 1
        return [
            text
            for at, text in enumerate(self._texts)
            if at != self._at and (at == last or text != self._entries[at])
        ]


def bounded(entries: list[str]) -> list[str]:
    """The newest that are within the bounds, in their order, none twice in a row."""
    kept: list[str] = []
    left = KEPT_CHARS
    for text in reversed(entries):
        if len(text) > ENTRY_CHARS or (kept and kept[-1] == text):
            continue
        left -= len(text)
        if left < 0 or len(kept) == ENTRIES:
            break
        kept.append(text)
    return kept[::-1]
