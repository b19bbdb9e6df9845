"""A program that ended without a farewell: the next one takes its place, if it finds the token."""

from pathlib import Path

import pytest

from pychat.client import CommandError, OutboxStore, connect
from tests.support.hall import RunningHall


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kim.jsonl"


async def test_the_next_program_takes_the_place_that_a_killed_one_has_left(
    hall: RunningHall, path: Path
) -> None:
    first = await connect(hall.address, name="kim", outbox=OutboxStore(path))
    await first.join("dev")
    # As a kill does: the Hall keeps the place, and the name with it.
    await first.close()
    with pytest.raises(CommandError, match="taken"):
        await connect(hall.address, name="kim")

    async with await connect(hall.address, name="kim", outbox=OutboxStore(path)) as second:
        assert second.mirror.name == "kim"
        assert second.kept_rooms == ["dev"]
        assert not second.mirror.rooms


async def test_who_quits_leaves_no_place_and_no_token(hall: RunningHall, path: Path) -> None:
    async with await connect(hall.address, name="kim", outbox=OutboxStore(path)) as first:
        await first.join("dev")

    async with await connect(hall.address, name="kim", outbox=OutboxStore(path)) as second:
        assert second.kept_rooms == []


async def test_a_token_that_the_hall_does_not_know_is_no_obstacle(
    hall: RunningHall, path: Path
) -> None:
    path.with_suffix(".token").write_text("of another Hall")

    async with await connect(hall.address, name="kim", outbox=OutboxStore(path)) as client:
        assert client.mirror.name == "kim"
