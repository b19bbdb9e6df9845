"""Proposals for a name: from the login, and when the first choice is taken."""

import getpass
import re
import unicodedata
from collections.abc import Container

from pychat.protocol import limits, names
from pychat.protocol.errors import Refused

RULES = f"1 to {limits.NAME_CHARS} letters, digits, - _ or . — beginning with a letter or digit."
ROOM_RULES = (
    f"1 to {limits.ROOM_CHARS} letters, digits, - _ or . — beginning with a letter or digit."
)
FAULTS = ("name-taken", "bad-name")
"""Refusals that another name is the answer to."""


def login_name() -> str:
    """The login name made valid; empty if nobody can tell or nothing of it is left."""
    try:
        return made_valid(getpass.getuser())
    except (OSError, KeyError):
        return ""


def made_valid(raw: str) -> str:
    """What of `raw` can be a name: other characters become `-`; empty if nothing is left."""
    text = unicodedata.normalize("NFKC", raw[: 4 * limits.NAME_CHARS])
    kept = "".join(char if _may_stand(char) else "-" for char in text)
    name = re.sub(r"-{2,}", "-", kept)[: limits.NAME_CHARS]
    while name and not _is_name(name):
        name = name[1:]
    return name.rstrip("-") if _is_name(name.rstrip("-")) else name


def variation(name: str, tried: Container[str]) -> str:
    """`kim2` for `kim`, `kim3` when that was tried too; within the limit."""
    stem = re.sub(r"\d+\Z", "", name) or name
    number = 2
    while True:
        proposal = f"{stem[: limits.NAME_CHARS - len(str(number))]}{number}"
        if names.fold(proposal) != names.fold(name) and proposal not in tried:
            return proposal
        number += 1


def _may_stand(char: str) -> bool:
    return _is_name("a" + char)


def _is_name(name: str) -> bool:
    try:
        names.check_name(name)
    except Refused:
        return False
    return True
