"""Pictures of the ways to places and people. `--snapshot-update` takes them anew."""

import pytest

from pychat.protocol import events, replies
from tests.support.person import Person
from tests.support.scripted import ScriptedHall
from tests.tui.test_snapshots import SIZES, Compare, message, picture, said

DIRECT = "@ada,kim"
LUNCH = message("random", 1, "bob", "kim: lunch?")
LUNCH.mentions = ["kim"]


def _with_ada(hall: ScriptedHall) -> None:
    said_before = said(1, 60_000, "ada", "psst, kim: **look** at this", room=DIRECT)
    hall.client._joined[DIRECT] = lambda command_id: replies.Joined(
        id=command_id,
        room=DIRECT,
        topic="",
        members=[replies.Member(name="ada", away=True), replies.Member(name="kim")],
        count=2,
        seq=1,
        recovered=False,
        missed=0,
        more=False,
        messages=[said_before],
    )


async def with_ada(person: Person, hall: ScriptedHall) -> None:
    _with_ada(hall)
    await person.join("general")
    await hall.client.join(DIRECT)
    await person.press("alt+2")
    await person.sees("psst", "@ada")


async def switching(person: Person, hall: ScriptedHall) -> None:
    _with_ada(hall)
    await person.join("random")
    await person.join("general")
    await hall.client.join(DIRECT)
    hall.tell(LUNCH)
    await person.press("ctrl+k")
    await person.sees("Switch to", "@1 1 unread", "#dev", "@zoë")
    await person.still()


async def muting(person: Person, hall: ScriptedHall) -> None:
    for room in ("random", "dev", "general"):
        await person.join(room)
    await person.enter("/mute dev")
    await person.enter("/mute random")
    await person.press("f7")
    await person.press("f7")
    hall.tell(
        message("dev", 1, "ada", "build is red"),
        LUNCH,
    )
    await person.sees("#random is muted", "1 mention" if person.app.size.width > 60 else "@1")


async def among_members(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    hall.tell(
        events.Presence(room="general", joined=[replies.Member(name="max", role="operator")]),
        events.Typing(room="general", name="bob"),
    )
    if "MEMBERS" not in person.text:
        await person.press("f8")
    await person.sees("MEMBERS 6", "★", "☆", "AWAY 1")


@pytest.mark.parametrize("size", SIZES)
def test_a_room_for_two(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, with_ada, size=size)


@pytest.mark.parametrize("size", SIZES)
def test_the_switcher(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, switching, size=size)


@pytest.mark.parametrize("size", SIZES)
def test_muted_rooms(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, muting, size=size)


@pytest.mark.parametrize("size", SIZES)
def test_members_with_their_roles(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, among_members, size=size)
