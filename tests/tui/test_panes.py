"""Three layouts, and what F7 and F8 do in them."""

from pathlib import Path

import pytest

from pychat.client import Client
from pychat.tui.pane_store import keep_choices, kept_choices
from pychat.tui.panes import Panes, layout_of
from tests.support.hall import RunningHall
from tests.support.person import seated


@pytest.mark.parametrize(
    ("width", "layout"),
    [
        *[(29, "-tiny"), (30, "-narrow"), (69, "-narrow"), (70, "-medium"), (99, "-medium")],
        *[(100, "-wide"), (300, "-wide")],
    ],
)
def test_the_width_chooses_the_layout(width: int, layout: str) -> None:
    assert layout_of(width) == layout


def test_a_choice_by_hand_is_kept_for_its_layout_until_something_else_is_wanted(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state" / "panes.json"
    assert kept_choices(path) == {}
    panes = Panes(kept_choices(path))
    panes.want({"rooms": "auto", "members": "auto"})
    panes.toggle("members", 120)
    panes.toggle("rooms", 50)
    keep_choices(panes.kept, path)

    after = Panes(kept_choices(path))
    assert not after.want({"rooms": "auto", "members": "auto"})
    assert not after.shown("members", 120)
    # What lies over a narrow log is not to lie there at the next start.
    assert not after.shown("rooms", 50)
    assert after.want({"rooms": "auto", "members": "shown"})
    assert after.shown("members", 120)
    assert after.kept == {}


@pytest.mark.parametrize("content", ["", "[]", "{", '{"choices": 1}', "\x00" * 10_000])
def test_a_damaged_file_of_choices_is_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "panes.json"
    path.write_text(content)

    assert kept_choices(path) == {}
    assert Panes({("-odd", "rooms"): True, ("-wide", "other"): False}).kept == {}
    keep_choices({("-wide", "rooms"): False}, tmp_path / "panes.json" / "nowhere")


def test_a_choice_by_hand_holds_for_its_layout_alone() -> None:
    panes = Panes()
    panes.toggle("rooms", 80)

    assert not panes.shown("rooms", 75)
    assert panes.shown("rooms", 120)


@pytest.mark.parametrize(
    ("size", "rooms", "members"),
    [((120, 40), True, True), ((80, 24), True, False), ((50, 20), False, False)],
)
async def test_each_width_has_its_panes(
    hall: RunningHall, size: tuple[int, int], rooms: bool, members: bool
) -> None:
    async with seated(hall.address, size=size) as person:
        await person.join("general")

        assert person.hall.rooms.display is rooms
        assert person.hall.members.display is members
        # Writing is possible, and seen.
        await person.write("hello")
        await person.sees("hello")


async def test_f7_and_f8_hide_and_show(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.press("f7")
        assert not person.hall.rooms.display
        await person.press("f7", "f8")
        assert person.hall.rooms.display
        assert not person.hall.members.display

        assert person.hall.focused is person.hall.composer
    async with seated(hall.address) as person:
        # As it was left.
        await person.join("general")
        assert person.hall.rooms.display
        assert not person.hall.members.display


async def test_in_a_narrow_window_f7_lays_the_rooms_over_and_a_choice_closes_them(
    hall: RunningHall,
) -> None:
    async with seated(hall.address, size=(50, 20)) as person:
        await person.join("general")
        await person.join("dev")
        width = person.hall.message_log.size.width
        await person.press("f7")
        await person.sees("1 #general", "2▌#dev")
        await person.until(lambda: person.hall.rooms.has_focus)
        assert person.hall.message_log.size.width == width

        await person.press("up", "enter")

        await person.until(lambda: person.hall.here == "general")
        assert not person.hall.rooms.display
        assert person.hall.focused is person.hall.composer


async def test_escape_closes_what_lies_over(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with seated(hall.address, size=(50, 20)) as person:
        await person.join("general")
        await person.press("f8")
        await person.sees("MEMBERS 2", "● ada")

        await person.press("escape")

        await person.sees_not("MEMBERS 2")


async def test_a_narrow_header_tells_what_is_unread(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with seated(hall.address, size=(50, 20)) as person:
        await person.join("general")
        await person.join("dev")
        await ada.send("general", "kim: look")

        await person.sees("#dev · [1]@1 1")


async def test_resizing_changes_the_layout_and_keeps_the_text(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.write("half a sentence")
        await person.pilot.resize_terminal(50, 20)
        await person.until(lambda: not person.hall.rooms.display)
        await person.sees("half a sentence")
        await person.pilot.resize_terminal(120, 40)

        await person.until(lambda: person.hall.rooms.display and person.hall.members.display)


@pytest.mark.parametrize(
    ("height", "topic", "status"),
    [(16, True, True), (15, False, True), (12, False, True), (11, False, False), (8, False, False)],
)
async def test_a_low_terminal_leaves_out_the_topic_and_then_the_status(
    hall: RunningHall, height: int, topic: bool, status: bool
) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.pilot.resize_terminal(80, height)

        hall = person.hall
        await person.until(lambda: (hall.topic.display, hall.status.display) == (topic, status))
        await person.until(lambda: ("1 person" in person.text) is topic)
        await person.until(lambda: ("Ctrl+Q quit" in person.text) is status)


@pytest.mark.parametrize("size", [(29, 20), (25, 20), (120, 7)])
async def test_where_nothing_fits_it_says_so_and_stays_connected(
    hall: RunningHall, size: tuple[int, int]
) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.pilot.resize_terminal(*size)
        await person.until(lambda: person.text.strip() == "make the window larger")
        await person.pilot.resize_terminal(80, 24)

        await person.sees("#general")
        assert person.hall.client.state == "connected"
