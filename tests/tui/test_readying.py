"""Boxes are made ready before the first key that opens one."""

import pytest
from textual.css.stylesheet import Stylesheet

from pychat.tui import readying
from pychat.tui.screens.layers import Box
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_the_first_opening_of_a_box_parses_no_styles_again(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the sheet of the box nor the styles that are the box's and its input line's own: it
    made Ctrl+K, F1 and Ctrl+F twice as dear as they were from then on."""
    monkeypatch.setattr(readying, "AFTER_SECONDS", 0)
    again: list[Stylesheet] = []
    parse = Stylesheet.parse

    def count(styles: Stylesheet) -> None:
        again.append(styles)
        parse(styles)

    async with seated(hall.address) as person:
        await person.join("general")
        await readying.get_ready(person.app)
        monkeypatch.setattr(Stylesheet, "parse", count)
        for key in ("f1", "ctrl+f", "ctrl+k"):
            await person.press(key)
            await person.until(lambda: isinstance(person.screen, Box))
            await person.press("escape")
            await person.until(lambda: not isinstance(person.screen, Box))

    assert again == []
