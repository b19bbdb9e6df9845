"""NO_COLOR is what the pictures take it for: the dark look without its colours."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.filter import Monochrome

from pychat.tui.settings.schema import Look, Settings
from tests.support.team import at_the_hall, talking, team_hall
from tests.support.tui import painted


async def test_no_color_takes_the_colours_away_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    coloured = await _seen(Settings(look=Look(theme="textual-dark")))
    monkeypatch.setenv("NO_COLOR", "1")
    # Another's: nothing is left of what the first has written.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    grey = await _seen(Settings(look=Look(theme="textual-dark")))

    assert _characters(grey) != _characters(coloured)
    assert _characters(grey) == _characters(
        Monochrome().apply(line, Color.parse("black")) for line in coloured
    )


async def _seen(settings: Settings) -> list[list[Segment]]:
    hall = team_hall()
    async with at_the_hall(hall, settings) as person:
        await talking(person, hall)
        await person.still()
        return [list(strip.discard_meta()) for strip in painted(person.app)]


def _characters(lines: Iterable[Iterable[Segment]]) -> list[list[tuple[str, str]]]:
    return [[(char, str(style)) for text, style, _ in line for char in text] for line in lines]
