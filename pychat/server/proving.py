"""Proving: what is looked at before the Hall is asked. Challenges, signatures, passphrases."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from pychat.protocol import commands, names, proofs, replies
from pychat.protocol import limits as wire
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.addresses import place
from pychat.server.attempts import Attempts
from pychat.server.credentials import NOTHING, Credentials
from pychat.server.passphrases import Passphrases
from pychat.server.turnstile import Turnstile

if TYPE_CHECKING:
    from pychat.server.connection import Connection
    from pychat.server.hall import Hall

_log = logging.getLogger("pychat.server")

PROVING: frozenset[type] = frozenset((commands.Challenge, commands.Hello, commands.Passphrase))
"""Commands that come here first."""

CarryOut = Callable[["Connection", commands.AnyCommand, Credentials | Refused], None]


class Proving:
    def __init__(self, carry_out: CarryOut, now: Callable[[], float], turnstile: Turnstile) -> None:
        """`carry_out` gives a command to the Hall, with what was proved; `now` is monotonic; each
        `hello` waits at the `turnstile`."""
        self._carry_out = carry_out
        self._now = now
        self._turnstile = turnstile
        self.passphrases = Passphrases()
        self._attempts = Attempts(limits.ATTEMPTS, limits.ATTEMPTS_TIME)

    def received(
        self, hall: "Hall", connection: "Connection", command: commands.AnyCommand
    ) -> None:
        greeted = hall.user_at(connection) is not None
        match command:
            case commands.Challenge():
                connection.send(_challenge(connection, command, greeted))
            case commands.Hello() if not greeted:
                self._comes(hall, connection, command)
            case commands.Passphrase(text=str(text)) if greeted:
                self._later(connection, command, self._new_passphrase(text))
            case _:
                self._carry_out(connection, command, NOTHING)

    def close(self) -> None:
        self.passphrases.close()

    def _comes(self, hall: "Hall", connection: "Connection", command: commands.Hello) -> None:
        has_waited = False

        def greet() -> float:
            if not connection.closing:
                connection.busy = False
                self._hello(hall, connection, command)
                if has_waited:
                    connection.work()
            return 0.0

        connection.busy = True
        self._turnstile.put(greet)
        has_waited = True

    def _hello(self, hall: "Hall", connection: "Connection", command: commands.Hello) -> None:
        challenge, connection.challenge = connection.challenge, b""
        try:
            key = _proved_key(command, challenge, connection.certificate)
        except Refused as refusal:
            self._carry_out(connection, command, refusal)
            return
        resumes = hall.register.find(command.resume or "", hall.unconfirmed) is not None
        if command.passphrase is None or resumes:
            self._carry_out(connection, command, Credentials(key=key))
            return
        name = command.name or ""
        who = names.fold(name), place(connection.address)
        checking = self._check_passphrase(hall, name, command.passphrase, who, key)
        self._later(connection, command, checking)

    def _later(
        self,
        connection: "Connection",
        command: commands.AnyCommand,
        work: Coroutine[None, None, Credentials],
    ) -> None:
        """The connection's next commands wait for it, and it ends with the connection."""
        connection.busy = True
        connection.reading = asyncio.get_running_loop().create_task(
            self._prove(connection, command, work)
        )

    async def _prove(
        self,
        connection: "Connection",
        command: commands.AnyCommand,
        work: Coroutine[None, None, Credentials],
    ) -> None:
        proved: Credentials | Refused
        try:
            proved = await work
        except Refused as refusal:
            proved = refusal
        except Exception:  # noqa: BLE001  # the boundary: a fault is one command's
            _log.exception("looking at a passphrase failed")
            proved = Refused("internal", "the server failed at this command; its log tells why")
        if not connection.closing:
            connection.busy = False
            self._carry_out(connection, command, proved)
            connection.work()

    async def _check_passphrase(
        self, hall: "Hall", name: str, text: str, who: tuple[str, str], key: str
    ) -> Credentials:
        """Raises Refused. Whatever is wrong, as much work was done, and the same is said."""
        now = self._now()
        wait = self._attempts.wait(who, now)
        self._attempts.count(who, now)
        owner = hall.owners.find(name) if not wait else None
        right = await self.passphrases.fits(text, owner.passphrase if owner is not None else "")
        if wait:
            raise Refused(
                "rate-limited",
                "too many passphrases were tried for this name from your address; "
                f"try again in {wait:.0f} s",
                round(1000 * wait),
            )
        if not right:
            raise Refused("wrong-password", "this is not the passphrase of that name; check both")
        self._attempts.forgive(who)
        return Credentials(key=key, passphrase=True)

    async def _new_passphrase(self, text: str) -> Credentials:
        if len(text) < wire.PASSPHRASE_LEAST_CHARS:
            raise Refused(
                "bad-text",
                f"a passphrase has at least {wire.PASSPHRASE_LEAST_CHARS} characters, this one has "
                f"{len(text)}; some words that you remember are best",
            )
        return Credentials(stored=await self.passphrases.store(text))


def _challenge(
    connection: "Connection", command: commands.Challenge, greeted: bool
) -> replies.Challenge | replies.Error:
    """The only one that is open on the connection."""
    if greeted:
        text = "you are in the Hall already; a challenge is for the next `hello`"
        return replies.error("already-greeted", text, command.id)
    connection.challenge = secrets.token_bytes(proofs.CHALLENGE_BYTES)
    return replies.Challenge(id=command.id, challenge=proofs.written(connection.challenge))


def _proved_key(command: commands.Hello, challenge: bytes, certificate: bytes) -> str:
    """The key, if it has signed this name here and now; empty if none was given. Raises Refused."""
    if command.key is None:
        return ""
    if command.name is None or command.proof is None or not challenge:
        raise Refused(
            "bad-request",
            "a `key` goes with a `name` and a `proof` of the challenge that was asked for on this "
            "connection, once - at `$.key`",
        )
    try:
        key = proofs.read(command.key, proofs.KEY_BYTES)
        signature = proofs.read(command.proof, proofs.SIGNATURE_BYTES)
    except ValueError as fault:
        raise Refused("bad-request", f"{fault} - at `$.key` or `$.proof`") from None
    # Here, since who takes no keys need not have it loaded.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(
            signature, proofs.statement(challenge, certificate, command.name)
        )
    except (InvalidSignature, ValueError):
        raise Refused(
            "not-allowed",
            "the proof is not of this key, name and connection; does somebody stand in between?",
        ) from None
    return command.key
