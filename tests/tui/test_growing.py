"""The composer grows with what is written in it, and the log gives way at its end."""

import pytest
from textual.geometry import Size
from textual.screen import Screen

from pychat.client import Client
from tests.support.hall import RunningHall
from tests.support.person import seated
from tests.support.tui import shown


@pytest.mark.parametrize(
    ("size", "most"), [((120, 40), 8), ((80, 24), 6), ((50, 20), 4), ((50, 11), 1), ((80, 60), 8)]
)
async def test_it_grows_to_eight_lines_and_a_third_of_the_screen(
    hall: RunningHall, size: tuple[int, int], most: int
) -> None:
    async with seated(hall.address, size=size) as person:
        composer = person.hall.composer
        assert composer.content_region.height == 1
        for lines in range(1, most + 3):
            await person.until(
                lambda lines=lines: composer.content_region.height == min(lines, most)
            )
            await person.press("ctrl+j")
        await person.press("ctrl+c")
        await person.until(lambda: composer.content_region.height == 1)


async def test_a_line_that_is_wrapped_counts_as_it_is_seen(hall: RunningHall) -> None:
    async with seated(hall.address, size=(50, 24)) as person:
        composer = person.hall.composer
        await person.press(*("x" * composer.content_region.width))
        await person.until(lambda: composer.content_region.height == 2)
        await person.write("y" * 2 * composer.content_region.width)
        await person.until(lambda: composer.content_region.height == 4)


async def test_the_newest_message_stays_in_sight(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    async with seated(hall.address, size=(80, 24)) as person:
        await person.join("dev")
        for number in range(40):
            ada.post("dev", f"message {number}")
        log = person.hall.message_log
        await person.until(lambda: "message 39" in "\n".join(shown(log)))
        await person.write("1\n2\n3\n4\n5")
        await person.until(lambda: person.hall.composer.content_region.height == 5)

        assert "message 39" in shown(log)[-1]
        assert log.follow
        await person.press("ctrl+c")
        await person.until(lambda: person.hall.composer.content_region.height == 1)
        assert "message 39" in shown(log)[-1]


async def test_a_key_that_does_not_change_its_height_lays_nothing_out(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("one\ntwo")
        await person.still()
        laid_out: list[Screen[object]] = []
        refresh = Screen._refresh_layout

        def counted(self: Screen[object], size: Size | None = None, scroll: bool = False) -> None:
            if not scroll:
                laid_out.append(self)
            refresh(self, size, scroll)

        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        await person.press(*"letters and more")
        await person.press("backspace", "left", "x", "up", "end")
        assert not laid_out

        await person.press("ctrl+j")
        await person.until(lambda: laid_out)
