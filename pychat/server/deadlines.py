"""How long a connection may take for what; seconds. Tests have shorter ones."""

import msgspec

from pychat.server import limits


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    login: float = limits.LOGIN
    frame: float = limits.FRAME
    silence: float = limits.SILENCE
    dead: float = limits.DEAD
    backlog: float = limits.BACKLOG_TIME
    farewell: float = limits.FAREWELL
    slow_farewell: float = limits.SLOW_FAREWELL
    sweep: float = 1.0
    """Between two looks at all connections; how late a deadline may come."""
