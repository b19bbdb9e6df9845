"""When those whom the Hall sends away, as it closes, are to come back. Pure."""

from collections.abc import Iterator

from pychat.server import limits


def spread(count: int) -> Iterator[int]:
    """Milliseconds for each of so many: one after the other, as fast as a Hall that has just been
    opened takes them, and all within RETURN_TIME."""
    seconds = min(limits.RETURN_TIME, count / limits.RETURN_RATE)
    for number in range(count):
        yield round(1000 * seconds * number / count)
