"""A full disk on this machine: told in words, once, with what becomes of what is not sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import session
from pychat.tui import speaking
from pychat.tui.screens.confirm import ConfirmScreen
from tests.support.full_disk import full_disk
from tests.support.hall import running_hall
from tests.support.person import Person, seated

SOON = 0.05
"""Seconds, in the place of those between two tries."""


@pytest.fixture
async def alone() -> AsyncIterator[Person]:
    """Somebody in #general, whose Hall has gone."""
    async with running_hall() as hall:
        coming = seated(hall.address)
        person = await coming.__aenter__()
        await person.join("general")
    await person.sees("reconnecting")
    yield person
    await coming.__aexit__(None, None, None)


def kept(state: Path, pattern: str = "*.jsonl") -> str:
    """What stands on the disk."""
    return "".join(file.read_text() for file in state.rglob(pattern))


async def asked(person: Person) -> None:
    await person.press("ctrl+q")
    await person.until(lambda: isinstance(person.screen, ConfirmScreen))


async def test_what_is_not_kept_is_told_once_and_at_the_end_with_numbers(
    alone: Person, state: Path
) -> None:
    await alone.enter("one")
    await alone.sees("1 queued")
    with full_disk():
        await alone.enter("two")
        await alone.sees("What waits to be sent is not kept on disk: the disk is full (")
        await alone.sees("queued · not on disk")
        await alone.enter("three")
        await alone.sees("3 queued · 2 not on disk")
        assert alone.words.count("What waits to be sent is not kept on disk") == 1

        await asked(alone)
        await alone.sees(
            "3 messages not sent: 1 kept on this machine until you come back, 2 not on disk: "
            "these would be lost."
        )
        await alone.press("enter")
        await alone.until(lambda: alone.screen is alone.hall)
    # Asking writes what there is room for.
    await asked(alone)
    await alone.sees("3 messages not sent: kept on this machine until you come back.")
    assert [text in kept(state) for text in ("one", "two", "three")] == [True] * 3


async def test_it_is_kept_soon_after_there_is_room_and_that_is_told(
    alone: Person, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "KEEP_AGAIN_SECONDS", SOON)
    with full_disk():
        await alone.enter("one")
        await alone.sees("queued · not on disk")
        assert "one" not in kept(state)

    await alone.sees("What waits to be sent is kept on disk again.")
    await alone.sees_not("not on disk")
    await alone.sees("1 queued")
    assert '"one"' in kept(state)


async def test_where_nothing_can_be_kept_all_would_be_lost(alone: Person) -> None:
    with full_disk():
        await alone.enter("one")
        await alone.sees("1 queued")

        await asked(alone)

        await alone.sees("1 message not sent would be lost.")


async def test_a_draft_that_cannot_be_kept_is_told_and_kept_when_there_is_room(
    alone: Person, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "KEEP_SECONDS", SOON)
    monkeypatch.setattr(speaking, "KEEP_AGAIN_SECONDS", SOON)
    with full_disk():
        await alone.write("half a sen")
        await alone.sees("What you write and do not send is not kept on disk: the disk is full (")
        assert not kept(state, "*.drafts*")

    await alone.sees("What you write and do not send is kept on disk again.")
    assert "half a sen" in kept(state, "*.drafts")


async def test_lines_in_a_row_on_a_full_disk_are_told_of_once(
    alone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "KEEP_SECONDS", SOON)
    monkeypatch.setattr(speaking, "KEEP_AGAIN_SECONDS", SOON)
    with full_disk():
        for line in ("one", "two", "three"):
            await alone.write(line)
            await alone.sees("What you write and do not send is not kept on disk")
            await alone.pilot.pause(2 * SOON)
            await alone.press("enter")
        await alone.sees("3 queued")

        assert alone.words.count("is not kept on disk: the disk is full") == 2
        assert "again" not in alone.words
