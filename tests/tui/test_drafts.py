"""What is written and not sent outlives the program; the file itself: unit/tui/test_draft_store."""

from pathlib import Path

import pytest

from pychat.client import Client
from pychat.tui import speaking
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


def kept(state: Path) -> str:
    """What stands on the disk."""
    (file,) = [*state.rglob("*.drafts")] or [None]
    return file.read_text() if file is not None else ""


def damage(state: Path) -> None:
    (file,) = state.rglob("*.drafts")
    file.write_bytes(file.read_bytes()[:20])


async def leave(person: Person) -> None:
    await person.press("ctrl+q")
    await person.until(lambda: not person.app.is_running)


async def test_each_place_has_its_draft_again_at_the_next_start(hall: RunningHall) -> None:
    async with seated(hall.address) as first:
        await first.join("dev")
        await first.join("general")
        await first.write("half a sen")
        await first.press("alt+1")
        await first.write("two\nlines")
        await first.press("alt+0")
        await first.write("/join t")
        await leave(first)

    async with seated(hall.address) as second:
        await second.sees("What you wrote and did not send is still there: #general, #dev.")
        assert second.hall.composer.text == "/join t"
        second.hall.composer.clear()
        await second.join("dev")
        assert second.hall.composer.text == "two\nlines"
        await second.press("alt+0")
        await second.join("general")
        assert second.hall.composer.text == "half a sen"


async def test_it_is_on_disk_soon_after_the_key(hall: RunningHall, state: Path) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.write("half a sen")
        await person.until(lambda: "half a sen" in kept(state))

        await person.write("tence")
        await person.until(lambda: "half a sentence" in kept(state))


async def test_keys_in_a_row_are_written_once(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else they might take longer than that on a busy machine.
    monkeypatch.setattr(speaking, "KEEP_SECONDS", 600.0)
    saved: list[object] = []
    async with seated(hall.address) as person:
        saving = person.hall.speaking._saving
        save = speaking.Speaking.save
        monkeypatch.setattr(
            speaking.Speaking, "save", lambda self: (saved.append(self), save(self))[1]
        )
        await person.press(*"half a sentence")
        assert saved == []
        assert saving.is_due

        saving.call(person.hall.speaking._save_at_last, 0)
        await person.until(lambda: saved)

        assert len(saved) == 1
        assert not saving.is_due


async def test_what_has_been_said_is_not_kept_as_a_draft_for_a_moment(
    hall: RunningHall, ada: Client, state: Path
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.write("to be said")
        await person.until(lambda: "to be said" in kept(state))

        await person.press("enter")
        await person.until(lambda: person.hall.composer.text == "")
        await person.until(lambda: [m.text for m in ada.mirror.rooms["general"].messages])

        assert "to be said" not in kept(state)


async def test_a_damaged_file_is_told_at_the_start(hall: RunningHall, state: Path) -> None:
    async with seated(hall.address) as first:
        await first.write("half a sen")
        await leave(first)
    damage(state)

    async with seated(hall.address) as second:
        await second.sees("the file is damaged. It is ")
        assert second.hall.composer.text == ""


async def test_what_a_draft_answers_or_changes_is_so_after_a_restart(
    hall: RunningHall, ada: Client
) -> None:
    for room in ("dev", "tea"):
        await ada.join(room)
        await ada.send(room, "what time?")
    async with seated(hall.address) as first:
        await first.join("dev")
        await first.enter("/reply")
        await first.write("at fi")
        await first.press("alt+0")
        await first.enter("/join tea")
        await first.until(lambda: first.hall.here == "tea")
        await first.enter("at six")
        await first.sees("at six")
        await first.until(lambda: len(first.hall.client.outbox) == 0)
        await first.write("and then")
        first.hall.acting.edit_last()
        await first.write(" sharp")
        await leave(first)

    async with seated(hall.address) as second:
        await second.join("dev")
        await second.sees("replying to ada: what time?")
        assert second.hall.composer.text == "at fi"
        await second.press("alt+0")
        await second.enter("/join tea")
        await second.sees("✎ editing")
        assert second.hall.composer.text == "at six sharp"
        await second.press("enter")
        await second.sees("at six sharp (edited)")
        assert second.hall.composer.text == "and then"
