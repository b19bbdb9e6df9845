"""Flood control: how long a command must wait. Pure; the waiting is the connection's."""

import msgspec

from pychat.protocol import commands
from pychat.protocol.errors import PychatError
from pychat.server import limits

_RESYNC: frozenset[type] = frozenset(
    (
        commands.Challenge,
        commands.Hello,
        commands.Join,
        commands.Leave,
        commands.List,
        commands.Members,
        commands.History,
        commands.Search,
        commands.Read,
        commands.Whois,
        commands.Keys,
        commands.Ping,
        commands.Manual,
    )
)
"""Commands that tell nobody anything: a client gives many of them when it comes back."""

_FREE: frozenset[type] = frozenset((commands.Pong, commands.Quit))
"""Commands that never wait."""


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


class _Pace:
    """So much at once, then so much a second; may change."""

    __slots__ = ("rate", "size")

    def __init__(self, size: float, rate: float) -> None:
        self.size, self.rate = size, rate

    @property
    def burst_time(self) -> float:
        """Seconds after which a whole burst fits again."""
        return self.size / self.rate


class Paces:
    """What all budgets of a Hall go by, also those that there are already."""

    def __init__(self, flood: FloodLimits) -> None:
        self.telling = _Pace(flood.burst, flood.rate)
        self.resync = _Pace(limits.RESYNC_BURST, limits.RESYNC_RATE)

    def adopt(self, flood: FloodLimits) -> None:
        """`flood`, and what `limits` has by now, hold from here on. What is left of a budget stays:
        nobody is given a burst for that."""
        self.telling.size, self.telling.rate = flood.burst, flood.rate
        self.resync.size, self.resync.rate = limits.RESYNC_BURST, limits.RESYNC_RATE


class _Budget:
    """Tokens that come in at a steady rate up to a limit, and are taken one by one."""

    __slots__ = ("_at", "_pace", "_refusing_until", "_tokens")

    def __init__(self, pace: _Pace, now: float) -> None:
        self._pace = pace
        self._tokens, self._at = pace.size, now
        self._refusing_until = 0.0

    def take(self, arrived: float, now: float) -> float | None:
        """0.0, and a token is taken; else the seconds until there is one; None where the command
        is to be refused, and all after it until a whole burst fits again: so what was refused is
        not overtaken."""
        self._tokens = self.tokens(now)
        self._at = now
        if now < self._refusing_until:
            return None
        # What the clock's resolution eats must not make the wait begin anew.
        if self._tokens >= 1 - 1e-6:
            self._tokens -= 1
            return 0.0
        if now >= arrived + limits.FLOOD_PATIENCE:
            self._refusing_until = now + self._pace.burst_time
            return None
        return (1 - self._tokens) / self._pace.rate

    def give_back(self) -> None:
        self._tokens = min(self._pace.size, self._tokens + 1)

    def start_from(self, other: "_Budget", now: float) -> None:
        """Have no more than the other has by now."""
        self._tokens = min(self._tokens, other.tokens(now))

    def tokens(self, now: float) -> float:
        return min(self._pace.size, self._tokens + (now - self._at) * self._pace.rate)

    @property
    def is_full(self) -> bool:
        """When it was looked at last."""
        return self._tokens >= self._pace.size

    @property
    def burst_time(self) -> float:
        return self._pace.burst_time


class FloodControl:
    """One session's. Commands that others notice and those that resynchronise have a budget
    each, so that somebody who comes back into a hundred rooms is not slowed.

    Patience is with what has arrived: who sends one thing after the other, each when the one
    before is answered, is only delayed, however long that goes on. Who sends everything at once is
    refused what has waited here for FLOOD_PATIENCE seconds.
    """

    __slots__ = ("_resync", "_telling")

    def __init__(self, paces: Paces, now: float) -> None:
        self._telling = _Budget(paces.telling, now)
        self._resync = _Budget(paces.resync, now)

    def wait(self, command: commands.ClientMessage, arrived: float, now: float) -> float | None:
        """Seconds until the command may be carried out: 0.0 if now, and it is counted; None if
        it is refused. To be asked again when they are over. `pong` and `quit` never wait."""
        if type(command) in _FREE:
            return 0.0
        return self._budget(command).take(arrived, now)

    def retry_after(self, command: commands.ClientMessage) -> int:
        """Milliseconds after which what was refused, and a burst of its kind, fits again."""
        return round(1000 * self._budget(command).burst_time)

    def excuse(self) -> None:
        """What was said had been said before: a resend, which costs nothing."""
        self._telling.give_back()

    def start_from(self, other: "FloodControl", now: float) -> None:
        """Have no more left than the other. That it refuses at this moment is its own affair:
        nothing that it refused can be overtaken by what is said here."""
        self._telling.start_from(other._telling, now)
        self._resync.start_from(other._resync, now)

    @property
    def is_full(self) -> bool:
        return self._telling.is_full and self._resync.is_full

    def _budget(self, command: commands.ClientMessage) -> _Budget:
        return self._resync if type(command) in _RESYNC else self._telling
