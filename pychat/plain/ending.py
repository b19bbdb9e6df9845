"""How a stay in plain mode ends."""

from typing import Literal, NamedTuple


class Ending(NamedTuple):
    how: Literal["left", "kept out", "refused", "unconfirmed", "failed", "signal"]
    """`refused`: something that was said or asked for; `unconfirmed`: something was said, and the
    Hall has not told that it has it; `failed`: this machine is at fault."""
    why: str = ""
    """A sentence, or several; empty where all is well."""
    signal: int = 0
