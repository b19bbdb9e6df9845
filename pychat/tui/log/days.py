"""Local days and times of messages, for one time zone. Reads no clock."""

from datetime import date, datetime, timedelta, tzinfo

from pychat.tui.clock import Hours, time_of_day

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
# A server may say anything; past these a zone's offset would leave the calendar.
_FIRST = 86_400_000
_LAST = 253_402_000_000_000


class Calendar:
    """Milliseconds since the epoch as days (proleptic ordinals) and times of day."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        # The day asked for last: nearly every message is of the same day as the one before.
        self._from = self._to = self._day = 0

    def day(self, time: int) -> int:
        if not self._from <= time < self._to:
            self._look_up(time)
        return self._day

    def clock(self, time: int, hours: Hours = "24h") -> str:
        return time_of_day(self._moment(time), hours)

    def _moment(self, time: int) -> datetime:
        return datetime.fromtimestamp(min(max(time, _FIRST), _LAST) / 1000, self._zone)

    def _look_up(self, time: int) -> None:
        today = self._moment(time).date()
        self._day = today.toordinal()
        self._from, self._to = self._midnight(today), self._midnight(today + timedelta(days=1))

    def _midnight(self, day: date) -> int:
        return int(datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp() * 1000)


def day_name(day: int, today: int) -> str:
    """As on a day line: the year is told only where it is another than today's."""
    if day == today:
        return "Today"
    if day == today - 1:
        return "Yesterday"
    named = date.fromordinal(day)
    name = f"{_WEEKDAYS[named.weekday()]} {named.day} {_MONTHS[named.month - 1]}"
    return name if named.year == date.fromordinal(today).year else f"{name} {named.year}"
