"""Settings that are read again: what holds then, and what is told."""

from pathlib import Path

import pytest

from pychat.server.reloading import Reloading
from pychat.server.settings.reading import Source
from pychat.server.settings.schema import Settings

Told = tuple[list[str], list[str], list[str]]


class Reports:
    def __init__(self) -> None:
        self.told: list[Told] = []

    def reloaded(self, changed: list[str], later: list[str], faults: list[str]) -> None:
        self.told.append((changed, later, faults))


class Desk:
    """A file of settings, and what holds."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "pychat.toml"
        self.file.write_text("")
        self.holds = [Settings()]
        self.reports = Reports()
        self.certificate: str | None = None
        source = Source(file=self.file, given={"limits.rooms": 5})
        self.reloading = Reloading(
            source, source.read(), self.holds.append, self.reports, (lambda: self.certificate,)
        )

    def reload(self, written: str) -> Told:
        self.file.write_text(written)
        self.reloading.reload()
        return self.reports.told[-1]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_can_hold_at_once_does_and_the_rest_is_told_each_time(desk: Desk) -> None:
    told = desk.reload("[limits]\nusers = 3\n[listen]\nport = 4000")

    assert told == (["limits.users"], ["listen.port"], [])
    assert (desk.holds[-1].limits.users, desk.holds[-1].listen.port) == (3, Settings().listen.port)
    assert desk.reload("[limits]\nusers = 4\n[listen]\nport = 4000") == told
    assert desk.reload("[listen]\nport = 4000") == told
    assert desk.holds[-1].limits.users == Settings().limits.users


def test_what_was_given_on_the_command_line_still_comes_first(desk: Desk) -> None:
    assert desk.reload("[limits]\nrooms = 9") == ([], [], [])
    assert len(desk.holds) == 1


@pytest.mark.parametrize("written", ["[limits]\nusers = 3\nrooms = 0", "no toml"])
def test_one_fault_and_the_old_settings_hold(desk: Desk, written: str) -> None:
    changed, later, faults = desk.reload(written)

    assert (changed, later, len(faults)) == ([], [], 1)
    assert len(desk.holds) == 1
    assert desk.reload("[limits]\nusers = 3")[0] == ["limits.users"]


def test_a_file_that_is_gone_is_a_fault(desk: Desk) -> None:
    desk.file.unlink()

    desk.reloading.reload()

    assert desk.reports.told[-1][2] == [f"{desk.file} cannot be read: No such file or directory"]


def test_a_bad_certificate_is_told_and_keeps_nothing_else_from_changing(desk: Desk) -> None:
    desk.certificate = "the certificate cannot be read"

    assert desk.reload("[limits]\nusers = 3") == (
        ["limits.users"],
        [],
        ["the certificate cannot be read"],
    )
