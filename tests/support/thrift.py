"""What tests of the screen need not pay for, a third of all that they did.

Without a terminal Textual throws away what it paints; whoever looks at a screen has it painted then
(`tui.painted`). And each app reads the same styles anew.
"""

from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

_paint = Screen._compositor_refresh
_read = Stylesheet._parse_rules
_rules: dict[tuple[object, ...], list[RuleSet]] = {}


def paint_only_what_is_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Screen, "_compositor_refresh", _put_off)


def read_styles_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Stylesheet, "_parse_rules", _read_once)


def _put_off(screen: Screen[Any]) -> None:
    if screen is not screen.app.screen:
        # It paints nothing, but tells the screen above it what shows through.
        _paint(screen)
        return
    screen._dirty_widgets.clear()
    screen._compositor._dirty_regions.clear()
    screen.app._update_mouse_over(screen)


def _read_once(sheet: Stylesheet, css: str, *where: Any, **more: Any) -> list[RuleSet]:
    key = css, frozenset(sheet._variables.items()), where, frozenset(more.items())
    if key not in _rules:
        _rules[key] = _read(sheet, css, *where, **more)
    return _rules[key]
