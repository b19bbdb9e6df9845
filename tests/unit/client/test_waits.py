"""When the next try comes, and when none does."""

import random
from bisect import bisect
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.client.backoff import Backoff
from pychat.client.supervisor import STEADY_SECONDS
from pychat.protocol import commands, replies
from tests.support.stay import Stay

chances = st.lists(st.floats(0, 1, exclude_max=True), min_size=300, max_size=300)


def tries(chance: Callable[[], float]) -> Iterator[float]:
    """When the tries come, in seconds after the break, with nothing that lets one in."""
    backoff, at = Backoff(chance), 0.0
    while True:
        at += backoff.next()
        yield at


def wait_after(outage: float, chance: Callable[[], float]) -> float:
    """Seconds from the end of the outage to the next try."""
    return next(at for at in tries(chance) if at >= outage) - outage


@settings(max_examples=30, deadline=None)
@given(chances)
def test_waits_grow_by_a_tenth_from_half_a_second_to_thirty_with_a_third_of_jitter(
    chance: list[float],
) -> None:
    draws = iter(chance)
    backoff = Backoff(lambda: next(draws))

    for number in range(len(chance)):
        middle = min(0.5 * 1.1**number, 22.5)
        wait = backoff.next()
        assert middle * 2 / 3 - 1e-9 <= wait <= min(middle * 4 / 3, 30.0) + 1e-9
        assert backoff.attempt == number + 1


def test_no_number_of_tries_is_too_many() -> None:
    backoff = Backoff(lambda: 0.5)

    assert [backoff.next() for _ in range(3_000)][-1] == 22.5


@pytest.mark.parametrize(
    ("outage", "most"), [(1, 1.0), (5, 1.7), (10, 2.7), (20, 4.7), (60, 12.7), (300, 30.0)]
)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_after_an_outage_the_next_try_comes_soon_whatever_the_dice_say(
    outage: float, most: float, data: st.DataObject
) -> None:
    draws = iter(data.draw(chances))

    assert wait_after(outage, lambda: next(draws)) <= most


def test_a_thousand_clients_do_not_come_back_in_the_same_moment() -> None:
    """However long they were away: at most a third of them in any tenth of a second."""
    for outage in (0, 1, 5, 20, 60):
        rng = random.Random(outage)
        returns = sorted(wait_after(outage, rng.random) for _ in range(1_000))

        crowded = max(bisect(returns, at + 0.1) - index for index, at in enumerate(returns))
        assert crowded <= 340, (outage, crowded)


async def test_the_next_try_is_told_with_its_number_its_time_and_the_reason(stay: Stay) -> None:
    await stay.break_off()
    assert stay.client.lost_at == stay.time.wall()
    for attempt, seconds in ((1, 0.5), (2, 0.55), (3, 0.605)):
        await stay.until(lambda attempt=attempt: (stay.client.retry or (0,))[0] == attempt)
        assert stay.client.retry == (attempt, pytest.approx(stay.time.now + seconds))
        assert stay.client.trouble == f"{stay.hall.address} closed the connection without a word."
        assert stay.client.state == "connecting"
        await stay.called()
        stay.hall.hang_up()


async def test_after_a_return_the_waits_begin_anew(stay: Stay) -> None:
    await stay.break_off()
    await stay.called()
    stay.hall.hang_up()
    await stay.come_back()
    await stay.break_off()

    assert await stay.time.wait() == 0.5


async def test_a_server_that_dies_right_after_each_welcome_is_not_waited_for_ever_longer(
    stay: Stay,
) -> None:
    for _ in range(10):
        await stay.break_off()
        await stay.greet()

    await stay.break_off()
    assert await stay.time.wait() == 0.5


async def test_a_server_that_dies_before_its_welcome_is_waited_for_a_little_longer_each_time(
    stay: Stay,
) -> None:
    await stay.break_off()
    for _ in range(5):
        await stay.called()
        stay.hall.hang_up()

    assert await stay.time.wait() == pytest.approx(0.5 * 1.1**5)


@pytest.mark.parametrize("code", ["slow-consumer", "internal"])
async def test_a_hall_that_sends_me_away_each_time_is_left_in_peace_for_ever_longer(
    stay: Stay, code: Literal["slow-consumer", "internal"]
) -> None:
    waits = []
    for _ in range(5):
        stay.hall.tell(replies.bye(code, "not now"))
        await stay.break_off()
        begun = stay.time.now
        await stay.come_back()
        waits.append(stay.time.now - begun)

    assert waits == pytest.approx([0.5 * 1.1**number for number in range(5)])


async def test_after_a_minute_in_the_hall_all_is_forgiven(stay: Stay) -> None:
    for _ in range(3):
        stay.hall.tell(replies.bye("internal", "not now"))
        await stay.break_off()
        await stay.come_back()
    stay.time.pass_by(STEADY_SECONDS)
    stay.hall.tell(replies.bye("internal", "not now"))
    await stay.break_off()

    assert await stay.time.wait() == 0.5


async def test_restarts_that_are_told_do_not_add_up(stay: Stay) -> None:
    for _ in range(5):
        stay.hall.tell(replies.bye("shutdown", "back in a moment"))
        await stay.break_off()
        await stay.come_back()
    await stay.break_off()

    assert await stay.time.wait() == 0.5


async def test_a_disk_that_lets_nobody_join_is_asked_less_and_less_often(stay: Stay) -> None:
    await stay.break_off()
    for _ in range(4):
        join = await stay.greet()
        stay.hall.tell(replies.error("unavailable", "the disk is away", join.id))

    assert await stay.time.wait() == pytest.approx(0.5 * 1.1**4)


async def test_a_hall_that_asks_for_patience_gets_it_and_not_all_come_at_once(stay: Stay) -> None:
    stay.hall.tell(replies.bye("shutdown", "back in a moment", retry_after=7_000))
    stay.hall.hang_up()

    # Half a second in the middle, of which a third is jitter.
    assert await stay.time.wait() == 7.5


async def test_a_hall_that_asks_for_years_is_asked_after_ten_minutes(stay: Stay) -> None:
    stay.hall.tell(replies.bye("shutdown", "see you", retry_after=10**14))
    stay.hall.hang_up()

    assert await stay.time.wait() == 600.5


async def test_somebody_who_does_not_want_to_wait_need_not(stay: Stay) -> None:
    stay.client.reconnect_now()
    await stay.break_off()
    await stay.until(lambda: stay.client.retry is not None)

    stay.client.reconnect_now()

    assert (await stay.hall.expect(commands.Hello)).resume == "token-1"
    assert stay.client.retry == (1, stay.time.now)
