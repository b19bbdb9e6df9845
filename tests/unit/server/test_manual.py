"""The manual tells those who enter how long their words stay."""

import pytest

from pychat.server.backplane.interface import Retention
from pychat.server.lifecycle import DAY, hall_config


@pytest.mark.parametrize(
    ("retention", "sentence"),
    [
        (Retention(max_age=30 * DAY), "This Hall keeps messages for 30 days."),
        (Retention(max_age=DAY), "This Hall keeps messages for 1 day."),
        (
            Retention(max_messages=1_000),
            "This Hall keeps messages as long as they are the last 1,000 of each room.",
        ),
        (
            Retention(max_age=7 * DAY, max_messages=50),
            "This Hall keeps messages for 7 days, and only the last 50 of each room.",
        ),
    ],
)
def test_what_is_kept_is_told_last(retention: Retention, sentence: str) -> None:
    assert hall_config("pychat", retention).manual.endswith(f"\n- {sentence}\n")


def test_a_hall_that_keeps_everything_says_nothing_of_it() -> None:
    assert hall_config("pychat", Retention()) == hall_config("pychat")
