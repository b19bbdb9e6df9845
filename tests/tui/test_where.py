"""`pychat tui` without a host: which Hall, and how one is opened."""

from pathlib import Path

import pytest

from pychat.client import Address, parse_address
from pychat.tui.app import PychatApp
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.reading import understand
from pychat.tui.visited import KEPT, remember, visited
from tests.support.hall import RunningHall
from tests.support.person import Person


def app(written: str = "") -> PychatApp:
    settings, problems = understand(written)
    assert not problems
    return PychatApp(None, login="kim", preferences=Preferences(settings))


async def test_a_profile_leads_to_its_hall_under_its_name_into_its_rooms(hall: RunningHall) -> None:
    profile = f"""
        [profiles.work]
        host = "{hall.address}"
        name = "lee"
        rooms = ["ops", "dev"]
        theme = "nord"
    """
    program = app(profile)
    async with program.run_test() as pilot:
        person = Person(program, pilot)
        await person.sees("Which Hall?", "work")
        assert program.theme == "textual-dark"
        await person.press("enter")
        await person.sees("#dev", "connected · lee")
        await person.until(lambda: person.hall.here == "ops")

        assert program.theme == "nord"
        assert program.address == parse_address(hall.address)


async def test_the_last_hall_is_offered_first(hall: RunningHall, state: Path) -> None:
    remember(Address("old.lan", 4001))
    remember(parse_address(hall.address))
    program = app()
    async with program.run_test() as pilot:
        person = Person(program, pilot)
        await person.sees("old.lan:4001", "pychat serve")
        await person.press("enter")

        await person.sees("What should people call you?")


async def test_an_address_is_typed_and_one_that_is_none_is_told(hall: RunningHall) -> None:
    program = app()
    async with program.run_test() as pilot:
        person = Person(program, pilot)
        await person.sees("Which Hall?")
        await person.press(*"a b", "enter")
        await person.sees("✗ 'a b' is no address")
        await person.press("ctrl+u", "down", *hall.address, "enter")

        await person.sees("What should people call you?")


async def test_a_click_goes_there(hall: RunningHall, state: Path) -> None:
    remember(parse_address(hall.address))
    program = app()
    async with program.run_test() as pilot:
        person = Person(program, pilot)
        await person.sees("Which Hall?", hall.address)
        await pilot.click("OptionList", offset=(3, 0))

        await person.sees("What should people call you?")


async def test_escape_leaves() -> None:
    program = app()
    async with program.run_test() as pilot:
        person = Person(program, pilot)
        await person.sees("Which Hall?")
        await person.press("escape")
        await person.until(lambda: not program.is_running)

        assert program.return_value is None


async def test_a_room_of_a_profile_that_cannot_be_joined_costs_no_other(hall: RunningHall) -> None:
    settings, _ = understand(f'[profiles.a]\nhost="{hall.address}"\nrooms=["dev", "ops"]\n')
    program = PychatApp(None, login="kim", preferences=Preferences(settings))
    async with program.run_test() as pilot:
        person = Person(program, pilot)
        await person.sees("Which Hall?")
        await person.press("enter")
        await person.sees("What should people call you?")
        await person.press("enter")
        await person.until(lambda: len(person.hall.client.mirror.rooms) == 2)

        assert person.hall.here == "dev"


@pytest.mark.parametrize("count", [KEPT - 1, KEPT, KEPT + 1])
def test_ten_halls_are_remembered_the_last_one_first(tmp_path: Path, count: int) -> None:
    path = tmp_path / "deep" / "visited.json"
    for number in range(count):
        remember(Address(f"h{number}.lan", 4001), path)

    assert visited(path)[0] == Address(f"h{count - 1}.lan", 4001)
    assert len(visited(path)) == min(count, KEPT)


def test_a_hall_is_remembered_once(tmp_path: Path) -> None:
    path = tmp_path / "visited.json"
    for host in ("a", "b", "a"):
        remember(Address(host, 4001), path)

    assert [address.host for address in visited(path)] == ["a", "b"]


@pytest.mark.parametrize("written", [b"", b"{", b"\xff", b'{"halls": ["a b"]}', b'{"halls": [3]}'])
def test_what_cannot_be_read_is_forgotten(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "visited.json"
    path.write_bytes(written)
    assert visited(path) == []

    remember(Address("a", 4001), path)
    assert visited(path) == [Address("a", 4001)]


def test_where_nothing_can_be_written_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    remember(Address("a", 4001), tmp_path / "file" / "visited.json")
