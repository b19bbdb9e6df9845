"""What can be wrong, by blame: the peer broke the protocol, or a command is refused."""

from typing import Literal

ErrorCode = Literal[
    "bad-request",
    "unknown-command",
    "hello-first",
    "already-greeted",
    "unsupported-protocol",
    "wrong-password",
    "bad-name",
    "name-taken",
    "no-such-name",
    "bad-room",
    "no-such-room",
    "not-in-room",
    "already-in-room",
    "no-such-message",
    "not-allowed",
    "bad-text",
    "text-too-long",
    "nonce-reused",
    "rate-limited",
    "too-many",
    "unavailable",
    "internal",
]

ByeCode = Literal[
    "shutdown",
    "slow-consumer",
    "timeout",
    "internal",
    "quit",
    "bad-frame",
    "too-many-errors",
    "hello-first",
    "unsupported-protocol",
    "wrong-password",
    "login-timeout",
    "replaced",
    "too-many-connections",
    "kicked",
    "banned",
]

RETRYABLE: frozenset[ErrorCode] = frozenset({"rate-limited", "unavailable", "internal"})
"""Errors after which the same command may succeed."""

RECONNECT: frozenset[ByeCode] = frozenset({"shutdown", "slow-consumer", "timeout", "internal"})
"""Closings after which the client is welcome back."""


class PychatError(Exception):
    """The root of all errors that pychat raises on purpose."""


class FrameError(PychatError):
    """A length that no frame may have. The stream cannot be resynchronised."""


class ProtocolError(PychatError):
    """A payload that is no command or no server message. The stream is whole and goes on."""

    def __init__(self, code: ErrorCode, text: str, command_id: int | None = None) -> None:
        super().__init__(text)
        self.code: ErrorCode = code
        self.text = text
        self.command_id = command_id


class Refused(PychatError):  # noqa: N818  # no fault of anybody: an answer
    """A well-formed command that is not carried out; `text` is a sentence for a person."""

    def __init__(self, code: ErrorCode, text: str, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.code: ErrorCode = code
        self.text = text
        self.retry_after = retry_after
        """Milliseconds."""
