"""How a time of day is written. Pure."""

from datetime import datetime
from typing import Literal

Hours = Literal["24h", "12h"]

CELLS: dict[Hours, int] = {"24h": 5, "12h": 7}
"""That a time takes at most."""


def time_of_day(moment: datetime, hours: Hours) -> str:
    """`21:05`, or `9:05pm`."""
    if hours == "24h":
        return f"{moment.hour:02}:{moment.minute:02}"
    half = "am" if moment.hour < 12 else "pm"
    return f"{moment.hour % 12 or 12}:{moment.minute:02}{half}"
