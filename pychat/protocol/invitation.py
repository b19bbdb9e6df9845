"""An address to be passed on: `pychat://chat.lan:4000/tea?key=sha256:…&token=…`.

It says where the Hall is, by which key it is known, which room to go into, and has what lets a
stranger in. What is in it came from anywhere: nothing is taken that is not understood.
"""

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from pychat.protocol import fingerprint, names
from pychat.protocol.errors import PychatError, Refused

SCHEME = "pychat://"

LONGEST = 2_048
"""Characters: each part at its longest, all of it escaped, fits."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PLACE = re.compile(r"[^\s/?#@%\\]+")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2}|[^%])*")


class InvitationError(PychatError):
    """What was given is no invitation; the text is a sentence."""


class Invitation(NamedTuple):
    place: str
    """A host and perhaps a port, as people write them; whether they are is not looked at here."""
    room: str | None = None
    key: bytes | None = None
    """The fingerprint of the Hall's certificate."""
    token: str | None = None
    """Lets a stranger in, where the Hall asks for that; secret."""

    def __str__(self) -> str:
        room = "" if self.room is None else f"/{quote(self.room, safe='')}"
        given = {
            "key": None if self.key is None else fingerprint.written(self.key),
            "token": self.token,
        }
        query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
        return f"{SCHEME}{self.place}{room}{'?' * bool(query)}{query}"


def is_invitation(text: str) -> bool:
    """Whether it is meant to be one."""
    return text.strip().lower().startswith(SCHEME)


def parse_invitation(text: str) -> Invitation:
    """Raises InvitationError."""
    written = text.strip()
    if len(written) > LONGEST:
        raise InvitationError(
            f"an invitation has at most {LONGEST:,} characters, this one has {len(written):,}"
        )
    if not is_invitation(written):
        raise InvitationError(f"an invitation begins with {SCHEME}")
    if "#" in written:
        raise InvitationError("an invitation has no part after a #; write the room after a /")
    rest, _, query = written[len(SCHEME) :].partition("?")
    place, _, room = rest.partition("/")
    if not _PLACE.fullmatch(place):
        raise InvitationError(
            f"an invitation has the host after {SCHEME}, and then /, ? or its end"
        )
    given = _fields(query)
    key, token = given.get("key"), given.get("token")
    if token is not None and not _TOKEN.fullmatch(token):
        raise InvitationError("the token of this invitation is damaged; copy it whole")
    return Invitation(place, _room(room) if room else None, _key(key), token)


def _fields(query: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for field in query.split("&") if query else []:
        name, _, value = field.partition("=")
        if name not in ("key", "token"):
            raise InvitationError(
                "this invitation has more in it than this pychat knows; update it"
            )
        if name in given:
            raise InvitationError(f"this invitation has its {name} twice")
        given[name] = value
    return given


def _room(escaped: str) -> str:
    try:
        if not _ESCAPES.fullmatch(escaped):
            raise InvitationError("the room of this invitation is damaged; copy it whole")
        return names.check_room(unquote(escaped, errors="strict"))
    except UnicodeDecodeError:
        raise InvitationError("the room of this invitation is no UTF-8; copy it whole") from None
    except Refused as refusal:
        raise InvitationError(f"this invitation has no good room: {refusal.text}") from None


def _key(written: str | None) -> bytes | None:
    try:
        return None if written is None else fingerprint.parse(written)
    except fingerprint.FingerprintError:
        raise InvitationError("the key of this invitation is damaged; copy it whole") from None
