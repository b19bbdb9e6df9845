"""The codes are those of the contract, and every error is one of pychat's."""

from typing import get_args

from pychat.protocol.errors import (
    RECONNECT,
    RETRYABLE,
    ByeCode,
    ErrorCode,
    FrameError,
    ProtocolError,
    PychatError,
    Refused,
)

ERRORS = """
    bad-request unknown-command hello-first already-greeted unsupported-protocol wrong-password
    bad-name name-taken no-such-name bad-room no-such-room not-in-room already-in-room
    no-such-message not-allowed bad-text text-too-long nonce-reused rate-limited too-many
    unavailable internal
"""
STAYS_AWAY = """
    quit bad-frame too-many-errors hello-first unsupported-protocol wrong-password login-timeout
    replaced too-many-connections kicked banned
"""


def test_the_codes_of_errors_are_those_of_the_contract() -> None:
    assert list(get_args(ErrorCode)) == ERRORS.split()
    assert {"rate-limited", "unavailable", "internal"} == RETRYABLE


def test_the_codes_of_bye_are_those_of_the_contract() -> None:
    assert {"shutdown", "slow-consumer", "timeout", "internal"} == RECONNECT
    assert set(get_args(ByeCode)) == RECONNECT | set(STAYS_AWAY.split())


def test_an_error_reads_as_its_sentence() -> None:
    protocol = ProtocolError("bad-request", "Expected `str`", 7)
    refused = Refused("rate-limited", "wait a second", 1_000)

    assert (str(protocol), protocol.code, protocol.command_id) == (
        "Expected `str`",
        "bad-request",
        7,
    )
    assert (str(refused), refused.code, refused.retry_after) == (
        "wait a second",
        "rate-limited",
        1_000,
    )
    assert issubclass(FrameError, PychatError)
    assert isinstance(protocol, PychatError)
    assert isinstance(refused, PychatError)
