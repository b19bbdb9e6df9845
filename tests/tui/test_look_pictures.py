"""Pictures of what is seen without colours, with ASCII alone and on a light background."""

from datetime import UTC
from typing import Any

import pytest
from textual.pilot import Pilot

from pychat.client import Address
from pychat.tui.app import PychatApp
from pychat.tui.screens.hall import HallScreen
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.schema import Look, Settings
from tests.support.person import NOON, Person
from tests.support.scripted import ScriptedHall
from tests.support.tui import until
from tests.tui.test_snapshots import (
    MEDIUM,
    SIZES,
    Compare,
    Scene,
    coming_back,
    gone,
    message,
    talking,
    team_hall,
)


async def named(person: Person, hall: ScriptedHall) -> None:
    """By messages one after the other, and nothing calls."""
    await person.join("general")
    await person.enter("/focus 2h")
    for seq, text in ((9, "kim: look"), (10, "@kim, and here")):
        event = message("general", seq, "ada", text)
        event.mentions = ["kim"]
        hall.tell(event)
    await person.sees("and here", "focus")


def picture(compare: Compare, scene: Scene, size: tuple[int, int], look: Look) -> bool:
    hall = team_hall()
    app = PychatApp(
        Address("chat.lan", 22_222),
        name="kim",
        dial=hall.dial,
        now=lambda: NOON,
        clock=lambda: 0.0,
        tz=UTC,
        preferences=Preferences(Settings(look=look)),
    )

    async def act(pilot: Pilot[Any]) -> None:
        person = Person(app, pilot)
        await until(pilot, lambda: isinstance(person.screen, HallScreen))
        await person.sees("You are kim")
        await scene(person, hall)
        await person.still()

    return compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", SIZES)
def test_coming_back_without_colours(
    snap_compare: Compare, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(snap_compare, coming_back, size, Look())


def test_a_conversation_without_colours(
    snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(snap_compare, talking, MEDIUM, Look())


def test_being_named(snap_compare: Compare) -> None:
    assert picture(snap_compare, named, MEDIUM, Look(names="safe"))


def test_being_named_on_a_light_background(snap_compare: Compare) -> None:
    assert picture(snap_compare, named, MEDIUM, Look(theme="textual-light", names="safe"))


def test_a_lost_connection_on_a_light_background(snap_compare: Compare) -> None:
    assert picture(snap_compare, gone, MEDIUM, Look(theme="textual-light"))
