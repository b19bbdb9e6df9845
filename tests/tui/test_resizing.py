"""A new size of the terminal."""

import pytest
from textual._compositor import Compositor

from tests.support.hall import RunningHall
from tests.support.person import seated
from tests.support.tui import until


@pytest.mark.usefixtures("painting")
async def test_a_resize_is_not_painted_while_updates_are_held_back(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual did, and threw it away: a third of what a resize cost."""
    wasted = 0
    render = Compositor.render_full_update

    async with seated(hall.address, size=(120, 40)) as person:
        await person.join("general")

        def counting(self: Compositor, *args: object, **more: object) -> object:
            nonlocal wasted
            wasted += person.app._batch_count > 0
            return render(self, *args, **more)

        monkeypatch.setattr(Compositor, "render_full_update", counting)
        await person.pilot.resize_terminal(60, 30)
        await until(person.pilot, lambda: not person.hall.rooms.display)

        assert person.hall.size == (60, 30)
        assert wasted == 0
