"""Over real connections: an owner leaves in one way or another, and others are there at once."""

import asyncio
import random
from collections.abc import Coroutine
from typing import TypeVar

import pytest

from tests.support.hall import RunningHall
from tests.support.proving import ANN, EVE, come, greeted
from tests.support.wire import Wire

Result = TypeVar("Result")

SPELLINGS = ("ann", "ANN", "\u0430nn", "\uff41nn")


async def leave(owner: Wire, dice: random.Random) -> None:
    match dice.randrange(4):
        case 0:
            owner.abort()
        case 1:
            owner.command("quit")
        case 2:
            owner.half_close()
        case _:
            owner.command("name", name=f"ann-{dice.randrange(3)}")


async def impostor(hall: RunningHall, dice: random.Random) -> object:
    """What the Hall says to one who has another key for the name, or none."""
    name = dice.choice(SPELLINGS)
    if dice.random() < 0.5:
        wire, told = await come(hall, EVE, name)
    else:
        wire = await Wire.connect(hall.port)
        told = await greeted(wire, name=name)
    wire.abort()
    return told.get("code")


async def after(turns: int, race: Coroutine[None, None, Result]) -> Result:
    for _ in range(turns):
        await asyncio.sleep(0)
    return await race


LONG = pytest.param(1_000, marks=[pytest.mark.faults, pytest.mark.timeout(600)])


@pytest.mark.parametrize("count", [25, LONG])
async def test_an_impostor_never_has_the_name_of_an_owner_who_leaves_and_comes_back(
    hall: RunningHall, count: int
) -> None:
    dice = random.Random(count)
    owner, _ = await come(hall, ANN, "ann")
    for _ in range(count):
        async with asyncio.TaskGroup() as races:
            races.create_task(after(dice.randrange(12), leave(owner, dice)))
            coming = races.create_task(after(dice.randrange(12), come(hall, ANN, "ann")))
            others = [
                races.create_task(after(dice.randrange(12), impostor(hall, dice))) for _ in range(3)
            ]

        again, welcome = coming.result()
        assert [each.result() for each in others] == ["name-taken"] * 3
        assert (welcome["name"], welcome["verified"]) == ("ann", True)
        owner.abort()
        owner = again
