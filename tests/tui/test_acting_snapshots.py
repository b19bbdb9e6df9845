"""Pictures of what is done with messages. `--snapshot-update` takes them anew."""

import pytest

from pychat.protocol import events
from tests.support.person import NOON, Person
from tests.support.scripted import ScriptedHall
from tests.tui.test_snapshots import SIZES, Compare, Scene, picture


def reacted(seq: int, sender: str, emojis: list[str]) -> events.Reacted:
    return events.Reacted(
        room="general",
        seq=seq,
        prev=seq - 1,
        time=NOON,
        sender=sender,
        nonce=f"{seq}",
        target=6,
        emojis=emojis,
    )


async def at_a_message(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    await person.sees("RoomFull")
    await person.press("alt+up", "alt+up")
    await person.sees("r reply", "e edit")


async def replying(person: Person, hall: ScriptedHall) -> None:
    await at_a_message(person, hall)
    await person.press("alt+up", "r")
    await person.sees("↩ replying to bob")
    await person.write("will do")


async def editing(person: Person, hall: ScriptedHall) -> None:
    await at_a_message(person, hall)
    await person.press("e")
    await person.sees("✎ editing 11:16 on it")


async def choosing_an_emoji(person: Person, hall: ScriptedHall) -> None:
    await at_a_message(person, hall)
    await person.press("+")
    await person.sees("React with", "8 🔥")


async def reacted_and_deleted(person: Person, hall: ScriptedHall) -> None:
    await at_a_message(person, hall)
    hall.tell(
        reacted(9, "ada", ["👍", "🎉"]),
        reacted(10, "kim", ["👍"]),
        events.Deleted(
            room="general", seq=11, prev=10, time=NOON, sender="bob", nonce="11", target=5
        ),
    )
    await person.sees("👍2 🎉1")
    await person.press("d")
    await person.sees("delete this message?")


SCENES = [at_a_message, replying, editing, choosing_an_emoji, reacted_and_deleted]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", SCENES)
def test_acts(snap_compare: Compare, size: tuple[int, int], scene: Scene) -> None:
    assert picture(snap_compare, scene, size)
