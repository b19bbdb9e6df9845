"""What the tests of the screen are made of."""

from collections.abc import Callable

import pytest

from pychat.protocol.replies import Message

Make = Callable[..., Message]
NOON = 1_700_049_600_000
"""15 November 2023, 12:00 UTC."""


@pytest.fixture
def message() -> Make:
    """A message by its seq, ten seconds after the one before."""

    def make(seq: int, text: str = "hello", sender: str = "ada", **more: object) -> Message:
        values = {"room": "general", "time": NOON + seq * 10_000} | more
        return Message(seq=seq, sender=sender, text=text, **values)

    return make
