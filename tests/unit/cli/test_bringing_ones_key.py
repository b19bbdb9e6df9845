"""The commands of scripts bring the person's key: what only who owns a name may, they may."""

import asyncio
from pathlib import Path

import pytest

from pychat.cli import output, rooms, send, tail
from pychat.cli.parameters import hall_of
from pychat.client import CommandError
from pychat.server.access import OPEN, OWNED_NAMES, Access
from tests.support.hall import RunningHall, running_hall
from tests.support.processes import PATIENCE


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


async def list_rooms(hall: RunningHall, name: str | None = "ada") -> None:
    await rooms._list(hall_of("rooms", hall.address, None), False, name)


async def say(hall: RunningHall, name: str) -> None:
    await send._say(hall_of("send", hall.address, None), "tea", "hello", name)


async def test_a_hall_that_takes_no_guests_takes_each_of_them(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = asyncio.Event()
    monkeypatch.setattr(output, "write", lambda _: loop.call_soon_threadsafe(written.set))
    monkeypatch.setattr(output, "until_reader_leaves", lambda: asyncio.timeout(None))
    loop = asyncio.get_running_loop()
    async with running_hall(access=Access(guests=False)) as hall:
        await say(hall, "ada")
        await list_rooms(hall)
        assert capsys.readouterr().out.startswith("tea ")
        following = asyncio.create_task(
            tail._follow(hall_of("tail", hall.address, None), "tea", 1, False, "ada")
        )
        async with asyncio.timeout(PATIENCE):
            await written.wait()
        following.cancel()
        await asyncio.wait([following])


async def test_while_a_hall_is_open_to_owners_alone_a_name_that_is_owned_lists_its_rooms(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_hall() as hall:
        await say(hall, "ada")
        hall.server.hall.gate.set_level(OWNED_NAMES)

        await list_rooms(hall)
        assert capsys.readouterr().out.startswith("tea ")
        monkeypatch.setenv("XDG_STATE_HOME", str(state / "another machine"))
        with pytest.raises(CommandError, match="open only to those who own a name"):
            await list_rooms(hall, "grace")

        hall.server.hall.gate.set_level(OPEN)
        with pytest.raises(CommandError, match="is taken"):
            await list_rooms(hall, "ada")
