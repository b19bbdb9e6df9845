"""Which of the side panes are seen in which width, and what F7 and F8 change about it. Pure."""

from collections.abc import Mapping
from typing import Literal

from pychat.tui.settings.schema import Shown

Pane = Literal["rooms", "members"]

BREAKPOINTS = [(0, "-tiny"), (30, "-narrow"), (70, "-medium"), (100, "-wide")]
HEIGHTS = [(0, "-flat"), (8, "-low"), (12, "-short"), (16, "-tall")]

_SHOWN: dict[str, tuple[Pane, ...]] = {"-medium": ("rooms",), "-wide": ("rooms", "members")}


class Panes:
    """A choice made by hand holds for its class of widths, until the end of the session."""

    def __init__(self) -> None:
        self.wanted: Mapping[Pane, Shown] = {}
        """At the start, where there is room beside the log."""
        self._chosen: dict[tuple[str, Pane], bool] = {}

    def shown(self, pane: Pane, width: int) -> bool:
        layout = layout_of(width)
        return self._chosen.get((layout, pane), self._at_start(pane, layout))

    def _at_start(self, pane: Pane, layout: str) -> bool:
        wanted = self.wanted.get(pane, "auto")
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


def layout_of(width: int) -> str:
    return _class(BREAKPOINTS, width)


def classes_of(width: int, height: int) -> tuple[str, str]:
    """Those that Textual gives the screen of such a terminal."""
    return _class(BREAKPOINTS, width), _class(HEIGHTS, height)


def _class(breakpoints: list[tuple[int, str]], size: int) -> str:
    return [name for least, name in breakpoints if size >= least][-1]
