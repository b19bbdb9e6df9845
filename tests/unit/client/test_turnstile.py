import asyncio

from hypothesis import given
from hypothesis import strategies as st

from pychat.client.turnstile import Turnstile


async def passing(turnstile: Turnstile, ticket: int, passed: list[int]) -> None:
    await turnstile.passage(ticket)
    passed.append(ticket)


async def all_waiting() -> None:
    """Every task that has begun is at its next wait: tasks run in the order of their making."""
    await asyncio.create_task(asyncio.sleep(0))


async def test_an_open_one_with_nobody_before_it_does_not_even_pause() -> None:
    turnstile = Turnstile()
    turnstile.open()
    passage = turnstile.passage(turnstile.ticket())

    try:
        passage.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits")


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
async def test_whoever_came_first_goes_first_however_they_come_back(
    order: list[int], given_up: set[int]
) -> None:
    turnstile = Turnstile()
    tickets = [turnstile.ticket() for _ in order]
    passed: list[int] = []
    tasks = {
        number: asyncio.create_task(passing(turnstile, tickets[number], passed)) for number in order
    }
    await all_waiting()
    for number in given_up:
        tasks[number].cancel()

    turnstile.open()
    late = asyncio.create_task(passing(turnstile, turnstile.ticket(), passed))
    await asyncio.gather(*tasks.values(), late, return_exceptions=True)

    assert passed == [n for n in range(6) if n not in given_up] + [6]


async def test_nobody_goes_through_while_it_is_shut() -> None:
    turnstile = Turnstile()
    passed: list[int] = []
    turnstile.open()
    turnstile.shut()
    task = asyncio.create_task(passing(turnstile, turnstile.ticket(), passed))
    await all_waiting()
    assert passed == []

    turnstile.open()
    await task

    assert passed == [0]
