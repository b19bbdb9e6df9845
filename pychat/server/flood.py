"""Flood control: how long a command must wait. Pure; the waiting is the connection's."""

import msgspec

from pychat.protocol import commands
from pychat.protocol.errors import PychatError
from pychat.server import limits

_RESYNC = (
    commands.Hello,
    commands.Join,
    commands.Leave,
    commands.List,
    commands.Members,
    commands.History,
    commands.Search,
    commands.Ping,
    commands.Manual,
)
"""Commands that tell nobody anything: a client gives many of them when it comes back."""


class FloodError(PychatError):
    """What was given is no setting of flood control; the text says why."""


class FloodLimits(msgspec.Struct, frozen=True):
    """`burst` commands at once, then `rate` a second."""

    burst: int = limits.FLOOD_BURST
    rate: float = limits.FLOOD_RATE


def parse_flood(text: str) -> FloodLimits | None:
    """`BURST/RATE`, such as `10/5`, or `off`. Raises FloodError."""
    if text.strip() == "off":
        return None
    burst, slash, rate = text.partition("/")
    try:
        parsed = FloodLimits(int(burst), float(rate))
    except ValueError:
        slash = ""
    if not slash or not (1 <= parsed.burst <= 10_000 and 0.01 <= parsed.rate <= 10_000):
        raise FloodError(
            f"{text!r} is no flood limit; write BURST/RATE (commands at once / commands a "
            "second, both up to 10000), such as 10/5, or off"
        )
    return parsed


class _Bucket:
    """Tokens that come in at a steady rate up to a limit, and are taken one by one."""

    __slots__ = ("_at", "_rate", "_size", "_tokens")

    def __init__(self, size: float, rate: float, now: float) -> None:
        self._size, self._rate = size, rate
        self._tokens, self._at = size, now

    def take(self, now: float) -> float:
        """0.0, and a token is taken; else the seconds until there is one."""
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
        # What the clock's resolution eats must not make the wait begin anew.
        if self._tokens >= 1 - 1e-6:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate


class FloodControl:
    """One connection's. Commands that others notice and those that resynchronise have a bucket
    each, so that somebody who comes back into a hundred rooms is not slowed.

    When commands have waited one after the other for FLOOD_PATIENCE seconds, patience is at an
    end: all are refused until a whole burst fits again, so that nothing overtakes what was.
    """

    __slots__ = ("_asked", "_limits", "_refusing_until", "_resync", "_telling", "_waiting_since")

    def __init__(self, flood: FloodLimits, now: float) -> None:
        self._limits = flood
        self._telling = _Bucket(flood.burst, flood.rate, now)
        self._resync = _Bucket(limits.RESYNC_BURST, limits.RESYNC_RATE, now)
        self._asked: commands.ClientMessage | None = None
        """What was told to wait."""
        self._waiting_since: float | None = None
        self._refusing_until = 0.0

    def wait(self, command: commands.ClientMessage, now: float) -> float | None:
        """Seconds until the command may be carried out: 0.0 if now, and it is counted; None if
        it is refused.

        Asked again, with the same object, when they are over. `pong` and `quit` never wait.
        """
        if isinstance(command, commands.Pong | commands.Quit):
            return 0.0
        bucket = self._resync if isinstance(command, _RESYNC) else self._telling
        if self._refuses(now):
            return None
        wait = bucket.take(now)
        if wait:
            self._waiting_since = now if self._waiting_since is None else self._waiting_since
            self._asked = command
        elif self._asked is not command:
            self._waiting_since = None
        return wait

    def _refuses(self, now: float) -> bool:
        since = self._waiting_since
        if since is not None and now >= since + limits.FLOOD_PATIENCE:
            self._waiting_since = None
            self._refusing_until = now + self._limits.burst / self._limits.rate
        return now < self._refusing_until

    @property
    def retry_after(self) -> int:
        """Milliseconds after which a whole burst fits again."""
        return round(1000 * self._limits.burst / self._limits.rate)
