"""The key by which one is known to Halls: made at first use, in a file for its owner alone."""

import asyncio
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
        # Here: it takes 50 ms, which who brings no key need not pay.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        with self.path.open("rb") as file:
            if sys.platform != "win32" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise IdentityError(
                    f"others may read your key {self.path}; make it yours alone with chmod 600, or "
                    "remove it to get another"
                )
            written = file.read(_FILE_BYTES)
        try:
            private = load_pem_private_key(written, password=None)
        except (ValueError, TypeError):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise IdentityError(
                f"{self.path} is no ed25519 key in PEM without a password; put your key back, or "
                "move the file away to get another"
            )
        return private

    def _make(self) -> None:
        """Whole or not at all; where another program was quicker, its key is it."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        written = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        fresh = self.path.with_name(f"{self.path.name}.{os.urandom(8).hex()}")
        try:
            disk.put(fresh, written, durably=True)
            with contextlib.suppress(FileExistsError):
                os.link(fresh, self.path)
        finally:
            disk.remove(fresh)


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
