"""Passphrases: scrypt on threads of their own, few at a time, so that nobody else waits for it.

An unknown name, one without a passphrase and a wrong one cost the same work, and so are not told
apart by the time that it takes.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from pychat.protocol import proofs
from pychat.protocol.errors import Refused
from pychat.server import limits

_LOG_N, _R, _P = 15, 8, 1
_MEMORY = 2 * 128 * _R * 2**_LOG_N
"""Bytes that scrypt may take: twice what it does."""

_NICE = 5
"""A third of the loop's share where both want the same processor. Not less, so that passphrases are
looked at on a busy machine, too."""

_SALT_BYTES = 16
_HASH_BYTES = 32


class Passphrases:
    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_at_once(), "pychat-scrypt", _yield)
        self._nobodys = _write(secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_HASH_BYTES))
        """Fits no passphrase."""
        self.under_way = 0
        """Being worked on, and waiting for that."""
        self.derived = 0
        """How many have been, whatever for."""

    async def fits(self, text: str, stored: str) -> bool:
        """Whether it is the one that is stored; where none is, it takes as long to say no. Raises
        Refused `unavailable`."""
        salt, expected = _read(stored or self._nobodys)
        return hmac.compare_digest(await self._derive(text, salt), expected)

    async def store(self, text: str) -> str:
        """As it is to be kept. Raises Refused `unavailable`."""
        salt = secrets.token_bytes(_SALT_BYTES)
        return _write(salt, await self._derive(text, salt))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _derive(self, text: str, salt: bytes) -> bytes:
        if self.under_way >= limits.SCRYPT_AT_ONCE + limits.SCRYPT_WAITING:
            raise Refused("unavailable", "the Hall is busy with others' passphrases; try again")
        self.under_way += 1
        self.derived += 1
        working = self._threads.submit(_scrypt, text, salt)
        try:
            return await asyncio.wrap_future(working)
        finally:
            self.under_way -= 1


def _at_once() -> int:
    """One processor is left to the loop, where there are two."""
    return max(1, min(limits.SCRYPT_AT_ONCE, (os.cpu_count() or 1) - 1))


def _yield() -> None:
    """Let the loop have the processor before this thread, where each thread may be told so."""
    if sys.platform == "linux":
        os.nice(_NICE)


def _scrypt(text: str, salt: bytes) -> bytes:
    # As the same characters whatever keyboard they come from.
    secret = unicodedata.normalize("NFKC", text).encode()
    return hashlib.scrypt(
        secret, salt=salt, n=2**_LOG_N, r=_R, p=_P, maxmem=_MEMORY, dklen=_HASH_BYTES
    )


def _write(salt: bytes, derived: bytes) -> str:
    return f"scrypt${_LOG_N}${_R}${_P}${proofs.written(salt)}${proofs.written(derived)}"


def _read(stored: str) -> tuple[bytes, bytes]:
    _, _, _, _, salt, derived = stored.split("$")
    return proofs.read(salt, _SALT_BYTES), proofs.read(derived, _HASH_BYTES)
