"""Plain mode at a Hall whose key nobody has trusted yet: a person is asked, a pipe is not."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from pychat.client import Client, Pins, Trust, dial, parse_address
from pychat.plain.arrival import Arrival
from pychat.plain.desk import Desk
from pychat.plain.ending import Ending
from pychat.protocol import fingerprint
from pychat.server.certificate import own_certificate
from pychat.server.tls import Encryption
from pychat.tui.door import Door
from tests.support.hall import RunningHall, running_hall
from tests.support.paper import Paper

DATA = Path(__file__).parents[1] / "data"
GIVEN = Encryption(DATA / "localhost.pem", DATA / "localhost.key", vouched=True)


@pytest.fixture
async def hall() -> AsyncIterator[RunningHall]:
    async with running_hall(tls=GIVEN) as hall:
        yield hall


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    return Pins(tmp_path / "known_hosts")


async def arrive(hall: RunningHall, pins: Pins, paper: Paper) -> Client | Ending:
    door = Door(parse_address(hall.address), dial, Trust(tls=True, pins=pins))
    arrival = Arrival(door, "kim")
    try:
        ending = await arrival.knock(asks=paper.asks)
        return ending or await arrival.enter(cast(Desk, paper))
    finally:
        await door.close()


async def kept_out(hall: RunningHall, pins: Pins, paper: Paper) -> Ending:
    """Unasked, whatever is typed."""
    paper.type("yes")
    ending = await arrive(hall, pins, paper)
    assert isinstance(ending, Ending)
    assert ending.how == "kept out"
    assert paper.said == []
    return ending


async def test_yes_trusts_the_key_that_is_shown_and_it_is_asked_about_only_once(
    hall: RunningHall, pins: Pins
) -> None:
    paper = Paper(asks=True)
    paper.type(" Yes ")
    entered = await arrive(hall, pins, paper)

    assert isinstance(entered, Client)
    await entered.close()
    assert [pin.key for pin in pins.all()] == [GIVEN.fingerprint]
    assert " ".join(fingerprint.grouped(GIVEN.fingerprint)) in paper.said

    again = Paper(asks=True)
    entered = await arrive(hall, pins, again)

    assert isinstance(entered, Client)
    await entered.close()
    assert again.said == []


@pytest.mark.parametrize("answer", ["no", "y", "", "yes please", "/quit", None])
async def test_anything_but_yes_leaves_and_nothing_was_said_to_that_hall(
    hall: RunningHall, pins: Pins, answer: str | None
) -> None:
    paper = Paper(asks=True)
    if answer is None:
        paper.end()
    else:
        paper.type(answer)

    assert await arrive(hall, pins, paper) == Ending("left")
    assert paper.said[-1] == "Not trusted: nothing was sent there."
    assert pins.all() == []
    assert hall.report.notes == []


async def test_a_pipe_is_not_asked_and_told_the_command_that_trusts_it(
    hall: RunningHall, pins: Pins
) -> None:
    ending = await kept_out(hall, pins, Paper(asks=False))

    key = fingerprint.written(GIVEN.fingerprint)
    assert f"pychat trust {hall.address} --fingerprint {key}" in ending.why
    assert hall.report.notes == []


async def test_a_changed_key_keeps_one_out_without_a_question(
    tmp_path: Path, hall: RunningHall, pins: Pins
) -> None:
    own = own_certificate(tmp_path)
    pins.remember(parse_address(hall.address), Encryption(own, own, vouched=False).fingerprint)
    ending = await kept_out(hall, pins, Paper(asks=True))

    assert "Somebody may be in between: nothing was sent." in ending.why


async def test_a_key_that_changes_while_one_compares_it_keeps_one_out(
    tmp_path: Path, pins: Pins
) -> None:
    own = own_certificate(tmp_path)
    encryption = Encryption(own, own, vouched=False)
    async with running_hall(tls=encryption) as hall:
        door = Door(parse_address(hall.address), dial, Trust(tls=True, pins=pins))
        arrival = Arrival(door, "kim")
        assert await arrival.knock(asks=True) is None

        own.unlink()
        own_certificate(tmp_path)
        encryption.reload()
        paper = Paper(asks=True)
        paper.type("yes")
        ending = await arrival.enter(cast(Desk, paper))

    assert isinstance(ending, Ending)
    assert ending.how == "kept out"
    assert "Somebody may be in between: nothing was sent." in ending.why
    assert pins.all() == []
