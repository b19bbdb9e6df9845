"""Finding the first message of a day by halving the log."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol.replies import Message
from pychat.tui.jumping import first_of

DAY = 86_400_000
EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


class Log:
    """As much of a Hall as is asked."""

    def __init__(self, days: list[int], zone: tzinfo) -> None:
        """`days` since 2026-01-01, of messages with gaps between their positions."""
        begin = int(datetime(2026, 1, 1, tzinfo=zone).timestamp() * 1000)
        self.messages = [
            Message(room="dev", seq=3 * at + 2, time=begin + day * DAY, sender="ada", text="x")
            for at, day in enumerate(sorted(days))
        ]
        self.tz = zone
        self.client = self
        self.asked = 0

    async def history(self, room: str, *, after: int, limit: int) -> Any:
        self.asked += 1
        return SimpleNamespace(messages=[m for m in self.messages if m.seq > after][:limit])

    async def first(self, day: date) -> int | None:
        head = self.messages[-1].seq + 1 if self.messages else 0
        view = cast(Any, SimpleNamespace(name="dev", head=head))
        found = await first_of(cast(Any, self), view, day)
        return None if found is None else found.seq


@given(
    st.lists(st.integers(0, 400), max_size=40),
    st.integers(0, 401),
    st.sampled_from([UTC, EAST, WEST]),
)
async def test_it_is_the_first_of_the_day_or_of_the_next_with_any(
    days: list[int], wanted: int, zone: tzinfo
) -> None:
    log = Log(days, zone)

    found = await log.first(date(2026, 1, 1) + timedelta(days=wanted))

    at = [index for index, day in enumerate(sorted(days)) if day >= wanted]
    assert found == (3 * at[0] + 2 if at else None)
    assert log.asked <= 8


@pytest.mark.parametrize("zone", [UTC, EAST, WEST])
async def test_the_first_and_the_last_day_of_the_calendar_may_be_asked_for(zone: tzinfo) -> None:
    log = Log([0, 1], zone)

    assert await log.first(date.min) == 2
    assert await log.first(date.max) is None
