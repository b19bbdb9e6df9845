"""What was typed and not sent, place by place. Pure."""

from collections.abc import Mapping

import msgspec

Place = str | None
"""A room's name, or None for the Hall."""


class Meant(msgspec.Struct, frozen=True):
    """What a draft on disk is to become, for the next program."""

    epoch: str
    """Of the log in which `target` is."""
    target: int
    """The `seq` of what it answers, or changes."""
    changes: bool = False
    text: str = ""
    """Of a change, as far as it was written."""
    before: str = ""
    """What was being written when the change began; the draft has both."""


class Drafts:
    def __init__(self, texts: Mapping[Place, str]) -> None:
        self._texts = dict(texts)

    def keep(self, place: Place, text: str) -> None:
        if text.strip():
            if self._texts.get(place) != text:
                # The one that was written last stands last.
                self._texts.pop(place, None)
                self._texts[place] = text
        else:
            self._texts.pop(place, None)

    def of(self, place: Place) -> str:
        return self._texts.get(place, "")

    def places(self) -> list[Place]:
        return list(self._texts)

    def texts(self) -> dict[Place, str]:
        """By place, those written last at the end."""
        return dict(self._texts)
