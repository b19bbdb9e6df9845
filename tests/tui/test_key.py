"""Going to a Hall whose key nobody has trusted yet."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import Address, Pins, Trust
from pychat.protocol import fingerprint
from pychat.server.certificate import own_certificate
from pychat.server.tls import Encryption
from pychat.tui import app as app_module
from pychat.tui.app import PychatApp
from pychat.tui.screens.fingerprint import FingerprintScreen
from pychat.tui.screens.hall import HallScreen
from pychat.tui.settings.destination import Destination
from tests.support.hall import RunningHall, running_hall
from tests.support.tui import until


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[RunningHall]:
    own = own_certificate(tmp_path)
    async with running_hall(tls=Encryption(own, own, vouched=False)) as hall:
        yield hall


async def test_who_leaves_at_the_key_is_not_told_any_more_that_the_hall_is_dialled(
    hall: RunningHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A screen that was begun while the program ended had nothing in it, and was a fault.
    monkeypatch.setattr(app_module, "AT_ONCE_SECONDS", 60.0)
    trust = Trust(tls=True, pins=Pins(tmp_path / "known_hosts"))
    app = PychatApp(Destination(address=Address("127.0.0.1", hall.port), name="ann", trust=trust))
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FingerprintScreen))
        assert app._waiting.is_due
        left = asyncio.Event()
        monkeypatch.setattr(app, "exit", left.set)
        await pilot.press("escape")
        await left.wait()
        assert not app._waiting.is_due


async def test_the_key_is_shown_and_the_hall_entered_with_enter_and_left_with_escape(
    hall: RunningHall, tmp_path: Path
) -> None:
    pins = Pins(tmp_path / "known_hosts")
    address = Address("127.0.0.1", hall.port)
    where = Destination(address=address, name="ann", trust=Trust(tls=True, pins=pins))

    left = PychatApp(where)
    async with left.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: isinstance(left.screen, FingerprintScreen))
        await pilot.press("escape")
    assert pins.all() == []
    assert hall.report.notes == []

    app = PychatApp(where)
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FingerprintScreen))
        shown = "".join(str(each.render()) for each in app.screen.query("#key, #title"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, HallScreen))
    (pin,) = pins.all()
    assert " ".join(fingerprint.grouped(pin.key)[:8]) in shown
    assert str(address) in shown
