"""The fingerprint of a Hall's certificate: by it a Hall is known again.

It is the SHA-256 of the certificate in DER, as `openssl x509 -fingerprint -sha256` tells it, too.
"""

import hashlib
import re

from pychat.protocol.errors import PychatError

BYTES = 32

NONE = bytes(BYTES)
"""Stands where a connection is without TLS."""

_PREFIX = "sha256:"
_HEX = re.compile(r"[0-9a-f]{64}")
_GROUP = 4


class FingerprintError(PychatError):
    """What was given is no fingerprint; the text is a sentence."""


def of_certificate(der: bytes) -> bytes:
    return hashlib.sha256(der).digest()


def written(digest: bytes) -> str:
    """As it stands in files and addresses, and is printed by the server."""
    return _PREFIX + digest.hex()


def grouped(digest: bytes) -> list[str]:
    """In groups of four digits, for people to compare."""
    digits = digest.hex()
    return [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]


def parse(text: str) -> bytes:
    """Takes capitals, and colons or spaces between the digits, as other programs write them.

    Raises FingerprintError.
    """
    digits = text.strip().lower().removeprefix(_PREFIX)
    digits = digits.replace(":", "").replace(" ", "")
    if not _HEX.fullmatch(digits):
        raise FingerprintError(
            f"a fingerprint is {_PREFIX} and {2 * BYTES} digits from 0-9 and a-f, "
            "as `pychat serve` prints it"
        )
    return bytes.fromhex(digits)
