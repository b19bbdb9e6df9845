"""The key by which one is known to Halls: made at first use, in a file for its owner alone."""

import asyncio
import base64
import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from pychat.client import disk
from pychat.client.connection import Connection
from pychat.client.errors import CommandError
from pychat.protocol import commands, proofs, replies
from pychat.protocol.errors import PychatError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_FILE_BYTES = 4_096
"""More than a key takes in PEM."""

_BEGIN, _END = b"-----BEGIN PRIVATE KEY-----\n", b"\n-----END PRIVATE KEY-----\n"
_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of an ed25519 key in PKCS #8, as in RFC 8410."""

_UNASKED = frozenset({"unknown-command", "bad-request", "hello-first"})
"""How a Hall refuses a challenge that knows nothing of keys."""


class IdentityError(PychatError):
    """The key cannot be read or made; the text says which file, why and what to do."""


class Identity:
    """Reads the file when it is needed, and only once."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or platformdirs.user_state_path("pychat") / "key"
        self._private: Ed25519PrivateKey | None = None

    @property
    def key(self) -> str:
        """The public one, as Halls know it. Raises IdentityError."""
        return proofs.written(self._open().public_key().public_bytes_raw())

    def prove(self, statement: bytes) -> str:
        """Raises IdentityError."""
        return proofs.written(self._open().sign(statement))

    def _open(self) -> "Ed25519PrivateKey":
        if self._private is None:
            try:
                self._private = self._read_or_make()
            except OSError as fault:
                raise IdentityError(
                    f"your key {self.path} cannot be used: {disk.why(fault)}; until it can, names "
                    "are not yours for good"
                ) from None
        return self._private

    def _read_or_make(self) -> "Ed25519PrivateKey":
        try:
            return self._read()
        except FileNotFoundError:
            disk.make_folder(self.path.parent)
            self._make()
            return self._read()

    def _read(self) -> "Ed25519PrivateKey":
        # Here: it takes 10 ms, which who brings no key need not pay.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        with self.path.open("rb") as file:
            if sys.platform != "win32" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise IdentityError(
                    f"others may read your key {self.path}; make it yours alone with chmod 600, or "
                    "remove it to get another"
                )
            written = file.read(_FILE_BYTES)
        raw = _raw(written)
        private = _loaded(written) if raw is None else Ed25519PrivateKey.from_private_bytes(raw)
        if not isinstance(private, Ed25519PrivateKey):
            raise IdentityError(
                f"{self.path} is no ed25519 key in PEM without a password; put your key back, or "
                "move the file away to get another"
            )
        return private

    def _make(self) -> None:
        """Whole or not at all; where another program was quicker, its key is it."""
        fresh = self.path.with_name(f"{self.path.name}.{os.urandom(8).hex()}")
        try:
            # Any 32 random bytes are a key.
            disk.put(fresh, _pem(os.urandom(proofs.KEY_BYTES)), durably=True)
            with contextlib.suppress(FileExistsError):
                os.link(fresh, self.path)
        finally:
            disk.remove(fresh)


def _pem(raw: bytes) -> bytes:
    return _BEGIN + base64.b64encode(_PKCS8 + raw) + _END


def _raw(written: bytes) -> bytes | None:
    """Of a key that is written as `_pem` does it, and most programs."""
    try:
        raw = base64.b64decode(written[len(_BEGIN) : -len(_END)])[len(_PKCS8) :]
    except ValueError:
        return None
    return raw if len(raw) == proofs.KEY_BYTES and _pem(raw) == written else None


def _loaded(written: bytes) -> object:
    """What else there is in PEM; None if it cannot be read."""
    # Here: it takes 10 ms.
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(written, password=None)
    except (ValueError, TypeError):
        return None


async def with_proof(
    connection: Connection, hello: commands.Hello, identity: Identity | None
) -> commands.Hello:
    """What is said to the Hall, with the proof that the name is said by this key's holder; without
    it where the Hall takes none. Raises IdentityError, ConnectionLost."""
    if identity is None or hello.name is None:
        return hello
    # A thread, since files are read and a library loaded.
    key = await asyncio.to_thread(lambda: identity.key)
    try:
        challenge = await connection.request(
            commands.Challenge(id=connection.next_id()), replies.Challenge
        )
    except CommandError as refusal:
        if refusal.code in _UNASKED:
            return hello
        raise
    try:
        random = proofs.read(challenge.challenge, proofs.CHALLENGE_BYTES)
    except ValueError as fault:
        connection.abandon(f"{connection.address} does not keep to the protocol: {fault}.")
        return hello
    proof = identity.prove(proofs.statement(random, connection.certificate, hello.name))
    fields = {name: getattr(hello, name) for name in hello.__struct_fields__}
    return commands.Hello(**fields | {"id": connection.next_id(), "key": key, "proof": proof})
