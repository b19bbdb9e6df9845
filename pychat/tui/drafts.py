"""What was typed and not sent, place by place. Pure."""

Place = str | None
"""A room's name, or None for the Hall."""


class Drafts:
    def __init__(self) -> None:
        self._texts: dict[Place, str] = {}

    def keep(self, place: Place, text: str) -> None:
        self._texts.pop(place, None)
        if text.strip():
            self._texts[place] = text

    def of(self, place: Place) -> str:
        return self._texts.get(place, "")

    def places(self) -> list[Place]:
        return list(self._texts)
