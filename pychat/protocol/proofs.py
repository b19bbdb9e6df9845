"""How a key proves whose it is: what is signed, and how keys and signatures are written.

A proof is worth something on one connection to one server only: it is over the challenge of that
connection and the certificate that is seen there, so that nobody in between can pass it on.
"""

import base64
import binascii

from pychat.protocol import names

CHALLENGE_BYTES = 32
KEY_BYTES = 32
SIGNATURE_BYTES = 64

_CONTEXT = b"pychat/1 hello\0"


def statement(challenge: bytes, certificate: bytes, name: str) -> bytes:
    """What is signed to own `name`. `certificate` is the fingerprint of the server's."""
    return _CONTEXT + challenge + certificate + names.fold(name).encode()


def written(raw: bytes) -> str:
    """In base64url, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(text: str, size: int) -> bytes:
    """So many bytes as `written` writes them, in that one way. Raises ValueError."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{text!r} is not base64url") from None
    if len(raw) != size or written(raw) != text:
        raise ValueError(f"{text!r} is not {size} bytes in base64url")
    return raw
