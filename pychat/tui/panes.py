"""Which of the side panes are seen in which width, and what F7 and F8 change about it. Pure."""

from collections.abc import Mapping
from typing import Literal

from pychat.tui.settings.schema import Shown

Pane = Literal["rooms", "members"]

BREAKPOINTS = [(0, "-tiny"), (30, "-narrow"), (70, "-medium"), (100, "-wide")]
HEIGHTS = [(0, "-flat"), (8, "-low"), (12, "-short"), (16, "-tall")]

_SHOWN: dict[str, tuple[Pane, ...]] = {"-medium": ("rooms",), "-wide": ("rooms", "members")}


Choices = Mapping[tuple[str, str], bool]
"""By class of widths and pane."""


class Panes:
    """A choice made by hand holds for its class of widths."""

    def __init__(self, kept: Choices | None = None) -> None:
        """`kept` is what was chosen in earlier programs."""
        self._wanted: Mapping[Pane, Shown] = {}
        self._chosen: dict[tuple[str, str], bool] = {
            (layout, pane): shown
            for (layout, pane), shown in (kept or {}).items()
            if _stays(layout, pane)
        }

    @property
    def kept(self) -> Choices:
        """What was chosen and is to be kept: not what lies over the log, and closes by itself."""
        return {each: shown for each, shown in self._chosen.items() if _stays(*each)}

    def want(self, wanted: Mapping[Pane, Shown]) -> bool:
        """At the start, where there is room beside the log. Who wants something else than before
        has chosen anew; True if that undoes a choice."""
        before, self._wanted = self._wanted, wanted
        changed = [pane for pane in wanted if before and before.get(pane) != wanted[pane]]
        undone = [each for each in self._chosen if each[1] in changed]
        for each in undone:
            del self._chosen[each]
        return bool(undone)

    def shown(self, pane: Pane, width: int) -> bool:
        layout = layout_of(width)
        return self._chosen.get((layout, pane), self._at_start(pane, layout))

    def _at_start(self, pane: Pane, layout: str) -> bool:
        wanted = self._wanted.get(pane, "auto")
        if wanted == "auto" or layout not in _SHOWN:
            return pane in _SHOWN.get(layout, ())
        return wanted == "shown"

    def toggle(self, pane: Pane, width: int) -> None:
        self._chosen[layout_of(width), pane] = not self.shown(pane, width)

    def close_overlays(self, width: int) -> bool:
        """What lies over the log is closed. False if nothing did."""
        layout = layout_of(width)
        panes: tuple[Pane, ...] = ("rooms", "members")
        chosen = [(layout, pane) for pane in panes if not self._at_start(pane, layout)]
        over = [each for each in chosen if self._chosen.get(each)]
        for each in over:
            del self._chosen[each]
        return bool(over)


def _stays(layout: str, pane: str) -> bool:
    return pane in _SHOWN.get(layout, ())


def layout_of(width: int) -> str:
    return _class(BREAKPOINTS, width)


def classes_of(width: int, height: int) -> tuple[str, str]:
    """Those that Textual gives the screen of such a terminal."""
    return _class(BREAKPOINTS, width), _class(HEIGHTS, height)


def _class(breakpoints: list[tuple[int, str]], size: int) -> str:
    return [name for least, name in breakpoints if size >= least][-1]
