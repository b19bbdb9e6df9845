"""Flood control delays what one connection says too fast, and refuses only after that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol import commands
from pychat.server import limits
from pychat.server.flood import FloodControl, FloodError, FloodLimits, Paces, parse_flood


def say(number: int = 1) -> commands.Send:
    return commands.Send(id=number, room="tea", text="x", nonce=f"{number}")


def test_a_burst_passes_at_once_and_the_next_waits_for_its_token() -> None:
    flood = FloodControl(Paces(FloodLimits(burst=10, rate=5)), now=0.0)

    assert [flood.wait(say(), 0.0, 0.0) for _ in range(10)] == [0.0] * 10
    assert flood.wait(say(), 0.0, 0.0) == pytest.approx(0.2)
    assert flood.wait(say(), 0.0, 0.1) == pytest.approx(0.1)
    assert flood.wait(say(), 0.0, 0.2) == 0.0


def test_silence_fills_the_bucket_to_the_burst_and_no_further() -> None:
    flood = FloodControl(Paces(FloodLimits(burst=3, rate=5)), now=0.0)
    for _ in range(3):
        flood.wait(say(), 0.0, 0.0)

    passed = [flood.wait(say(), 1000.0, 1000.0) for _ in range(4)]

    assert passed[:3] == [0.0] * 3
    assert passed[3] > 0


def test_coming_back_into_a_hundred_rooms_does_not_wait() -> None:
    flood = FloodControl(Paces(FloodLimits(burst=1, rate=1)), now=0.0)
    flood.wait(say(), 0.0, 0.0)
    resync = [
        command
        for number in range(limits.ROOMS_PER_USER)
        for command in (
            commands.Join(id=1, room=f"r{number}"),
            commands.History(id=2, room=f"r{number}"),
            commands.Members(id=3, room=f"r{number}"),
        )
    ]

    assert [flood.wait(command, 0.0, 0.0) for command in resync] == [0.0] * len(resync)
    assert flood.wait(resync[0], 0.0, 0.0) > 0


@pytest.mark.parametrize("command", [commands.Pong(), commands.Quit(id=1)])
def test_a_sign_of_life_and_a_farewell_never_wait(command: commands.ClientMessage) -> None:
    flood = FloodControl(Paces(FloodLimits(burst=1, rate=0.01)), now=0.0)
    flood.wait(say(), 0.0, 0.0)

    assert flood.wait(command, 0.0, 0.0) == 0.0


@pytest.mark.parametrize(("waited", "refused"), [(-0.01, False), (0.0, True), (0.01, True)])
def test_what_has_waited_here_for_too_long_is_refused(waited: float, refused: bool) -> None:
    flood = FloodControl(Paces(FloodLimits(burst=1, rate=0.05)), now=0.0)
    assert flood.wait(say(), 0.0, 0.0) == 0.0

    wait = flood.wait(say(), 0.0, limits.FLOOD_PATIENCE + waited)

    assert (wait is None) == refused


def test_all_is_refused_then_until_a_burst_fits_again_so_that_nothing_overtakes() -> None:
    flood = FloodControl(Paces(FloodLimits(burst=2, rate=1)), now=0.0)
    now = limits.FLOOD_PATIENCE
    assert [flood.wait(say(), now, now) for _ in range(2)] == [0.0, 0.0]
    assert flood.wait(say(), 0.0, now) is None

    assert flood.wait(say(), now + 1.0, now + 1.0) is None
    assert flood.wait(say(), now + 2.0, now + flood.retry_after(say()) / 1000) == 0.0


def test_refusing_what_others_would_notice_refuses_no_reading() -> None:
    flood = FloodControl(Paces(FloodLimits(burst=1, rate=1)), now=0.0)
    now = limits.FLOOD_PATIENCE
    flood.wait(say(), now, now)
    assert flood.wait(say(), 0.0, now) is None

    assert flood.wait(commands.Pong(), 0.0, now) == 0.0
    assert flood.wait(commands.Ping(id=1), 0.0, now) == 0.0
    assert flood.retry_after(say()) == 1000
    assert flood.retry_after(commands.Ping(id=1)) == 1000 * limits.RESYNC_BURST / limits.RESYNC_RATE


def test_one_who_speaks_when_answered_is_delayed_for_hours_and_never_refused() -> None:
    flood = FloodControl(Paces(FloodLimits(burst=10, rate=5)), now=0.0)
    now = 0.0
    for _ in range(20_000):
        arrived = now
        wait = flood.wait(say(), arrived, now)
        assert wait is not None
        if wait:
            now += wait
            assert flood.wait(say(), arrived, now) == 0.0

    assert now == pytest.approx((20_000 - 10) / 5, rel=1e-3)


def test_a_resend_costs_nothing_and_earns_nothing() -> None:
    flood = FloodControl(Paces(FloodLimits(burst=2, rate=1)), now=0.0)
    flood.wait(say(), 0.0, 0.0)
    flood.wait(say(), 0.0, 0.0)
    flood.excuse()
    assert flood.wait(say(), 0.0, 0.0) == 0.0

    for _ in range(5):
        flood.excuse()

    assert [flood.wait(say(), 0.0, 0.0) for _ in range(3)] == [0.0, 0.0, pytest.approx(1.0)]


def test_a_steady_speaker_within_the_rate_is_never_refused() -> None:
    flood = FloodControl(Paces(FloodLimits(burst=2, rate=5)), now=0.0)
    waits = [flood.wait(say(), 0.0, 0.0), flood.wait(say(), 0.0, 0.0), flood.wait(say(), 0.0, 0.0)]
    assert waits[2]

    assert all(flood.wait(say(n), 1.0 + n / 4.9, 1.0 + n / 4.9) == 0.0 for n in range(200))


def test_after_the_time_told_a_whole_burst_fits_again() -> None:
    assert FloodControl(Paces(FloodLimits(burst=10, rate=5)), now=0.0).retry_after(say()) == 2000


@given(
    burst=st.integers(1, 50),
    rate=st.floats(0.5, 100),
    gaps=st.lists(st.floats(0, 2), min_size=1, max_size=60),
)
def test_no_more_pass_than_the_limits_allow_and_waiting_as_told_is_enough(
    burst: int, rate: float, gaps: list[float]
) -> None:
    flood = FloodControl(Paces(FloodLimits(burst=burst, rate=rate)), now=0.0)
    now = 0.0
    for passed, gap in enumerate(gaps, start=1):
        now += gap
        command = say()
        arrived = now
        wait = flood.wait(command, arrived, now)
        if wait:
            now += wait
            wait = flood.wait(command, arrived, now)

        assert wait == 0.0
        assert passed <= burst + now * rate + 1e-3


@pytest.mark.parametrize(
    ("text", "limits_"),
    [("10/5", FloodLimits(10, 5.0)), ("1/0.5", FloodLimits(1, 0.5)), ("off", None)],
)
def test_the_setting_is_read(text: str, limits_: FloodLimits | None) -> None:
    assert parse_flood(text) == limits_


@pytest.mark.parametrize("text", ["", "10", "0/5", "10/0", "x/5", "10/nan", "10001/5", "-1/5"])
def test_what_is_no_setting_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(FloodError, match="10/5, or off"):
        parse_flood(text)
