"""How a command is written: for `/help`, for completion, and for whoever left something out."""

from typing import Literal

import msgspec

Takes = Literal["", "command", "person", "room", "theme"]


class Spelling(msgspec.Struct, frozen=True):
    usage: str
    help: str
    takes: Takes = ""
    """What the first argument names, if it is to be completed."""
