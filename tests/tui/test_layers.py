"""What is seen through a box."""

from collections import Counter
from typing import Any

import pytest
from rich.style import Style
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.filter import Monochrome
from textual.screen import ModalScreen
from textual.strip import Strip

from pychat.tui.screens.confirm import ConfirmScreen
from pychat.tui.screens.guide import GuideScreen
from pychat.tui.screens.layers import Box
from tests.support.hall import RunningHall
from tests.support.person import Person, seated
from tests.support.tui import painted


@pytest.mark.usefixtures("painting")
async def test_what_is_behind_a_box_is_painted_once_and_then_what_changes(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual paints all of it up to five times while the box opens: half of what F1 cost."""
    async with seated(hall.address) as person:
        await person.join("general")
        await person.still()
        lines = _count_lines(person, monkeypatch)

        openings = []
        for _ in range(3):
            lines.clear()
            await person.press("f1")
            await person.until(lambda: isinstance(person.screen, GuideScreen))
            await person.still()
            openings.append(Counter(lines))
            await person.press("escape")
            await person.until(lambda: person.screen is person.hall)
            await person.still()
        # During one of them something else may have changed in the Hall, and been painted for it.
        assert Counter(range(person.hall.size.height)) in openings

        await person.press("f1")
        await person.until(lambda: isinstance(person.screen, GuideScreen))
        await person.still()
        lines.clear()
        await person.press("s", "e", "down")
        await person.still()
        assert not lines

        # What comes meanwhile is seen, at the price of its lines.
        person.hall.tell("the kettle boils")
        await person.until(lambda: "the kettle boils" in _kept(person.screen))
        await person.still()
        assert 0 < len(lines) < person.hall.size.height


async def test_it_looks_as_textual_has_it_in_all_themes_and_without_colours(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        person.hall.tell("see https://example.org and **this**")
        await person.press("f1")
        await person.until(lambda: isinstance(person.screen, GuideScreen))
        for theme in ("textual-dark", "textual-light", "ansi-dark"):
            person.app.theme = theme
            await person.still()
            assert _cells(_ours(person)) == _cells(_textuals(person))
        person.app._filters.append(Monochrome())
        assert _cells(_ours(person)) == _cells(_textuals(person))
        person.app._ascii.enabled = True
        assert _cells(_ours(person)) == _cells(_textuals(person))


async def test_a_change_is_seen_through_two_boxes_and_a_new_size_arranges_what_is_behind(
    hall: RunningHall,
) -> None:
    async with seated(hall.address, size=(120, 40)) as person:
        await person.join("general")
        await person.press("f1")
        await person.until(lambda: isinstance(person.screen, GuideScreen))
        await person.app.push_screen(ConfirmScreen("Really?", key="y"))
        await person.sees("Really?", "What would you like to do?")

        person.hall.complain("the cat is on the keyboard")
        await person.sees("✗ the cat is on the keyboard")

        # It was arranged only when it had something else to do.
        await person.pilot.resize_terminal(60, 30)
        await person.until(lambda: person.hall.composer.region.width == 60)
        await person.sees("Really?", "What would you like to do?")
        assert {strip.cell_length for strip in painted(person.app)} == {60}

        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, GuideScreen))
        await person.press("escape")
        await person.until(lambda: person.screen is person.hall)
        await person.sees("✗ the cat is on the keyboard")


def _count_lines(person: Person, patch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each line of the Hall's screen is painted for a box."""
    lines: Counter[int] = Counter()
    render = Compositor._render_chops

    def counting(self: Compositor, crop: Any, is_rendered: Any) -> Any:
        if self is person.hall._compositor and person.screen is not person.hall:
            lines.update(y for y in crop.line_range if is_rendered(y))
        return render(self, crop, is_rendered)

    patch.setattr(Compositor, "_render_chops", counting)
    return lines


def _kept(box: Any) -> str:
    return "\n".join(strip.text for strip in box._behind if strip is not None)


def _ours(person: Person) -> list[Strip]:
    return person.screen.render_lines(person.screen.size.region)


def _textuals(person: Person) -> list[Strip]:
    box = person.screen
    assert isinstance(box, Box)
    box._set_dirty()
    visible_screen_stack.set(person.app._background_screens)
    return ModalScreen.render_lines(box, box.size.region)


def _cells(strips: list[Strip]) -> list[list[tuple[str, Style | None]]]:
    return [[(char, style) for text, style, _ in strip for char in text] for strip in strips]
