"""What can go wrong for a client.

Every text is a sentence and safe to print: a server's words have gone through `clean_line`.
"""

from pychat.client.address import Address
from pychat.protocol import fingerprint, replies
from pychat.protocol.errors import PychatError
from pychat.protocol.text import clean_line


class Unreachable(PychatError):  # noqa: N818  # says what is so
    """There is no Hall to talk to at that address; the text says why and what to do."""


class Untrusted(Unreachable):
    """It may not be the Hall that is meant; nothing has been said to it."""


class UnknownKey(Untrusted):
    """A key that nobody has trusted yet, and nobody vouches for."""

    def __init__(self, address: Address, key: bytes) -> None:
        shown = fingerprint.written(key)
        super().__init__(
            f"The Hall at {address} is not known here; its key is {shown}. Compare that with what "
            f"`pychat serve` has printed there, then: pychat trust {address} --fingerprint {shown}"
        )
        self.key = key
        """The fingerprint of its certificate."""


class ChangedKey(Untrusted):
    """Another key than the one that is known of the Hall, or was given for it."""

    def __init__(
        self, address: Address, expected: bytes, key: bytes, *, known: bool, shown: bool
    ) -> None:
        """`expected` is `known` from before, or was given now; `key` is `shown` by the Hall, or was
        given for it."""
        says = (
            f"What answers at {address} shows"
            if shown
            else f"What you were given for {address} has"
        )
        than = "is known" if known else "you were given"
        out = (
            f"If the Hall's keeper tells you that it has a new one: pychat trust {address} --forget"
            if known
            else "Ask its keeper for the key, by a way on which nobody can be in between."
        )
        super().__init__(
            f"{says} another key than the one that {than}. Somebody may be in between: nothing was "
            f"sent. It should be {fingerprint.written(expected)}, and is "
            f"{fingerprint.written(key)}. {out}"
        )
        self.expected = expected
        self.key = key


class NoLongerVouched(Untrusted):
    """An authority has vouched for it before, and none does for the key that it shows now."""

    def __init__(self, address: Address, key: bytes) -> None:
        super().__init__(
            f"What answers at {address} shows a key for which nobody vouches any more: "
            f"{fingerprint.written(key)}. Somebody may be in between: nothing was sent. If the "
            f"Hall's keeper tells you that this is its key: pychat trust {address} --forget"
        )
        self.key = key


class ConnectionLost(PychatError):  # noqa: N818
    """The connection ended, and with it all that was waiting for a reply.

    Whether a command without a reply was carried out is unknown. Sending it again with the same
    nonce is harmless.
    """

    def __init__(self, text: str, bye: replies.Bye | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.bye = bye
        """The server's last word, where it said one; `bye.reconnect` tells whether to come back."""


class CommandError(PychatError):
    """The server refused a command, or the command cannot be put on the wire at all."""

    def __init__(
        self, code: str, text: str, *, retryable: bool = False, retry_after: int | None = None
    ) -> None:
        super().__init__(text)
        self.code = code
        """One of protocol.errors.ErrorCode, or a newer server's code that is none of them."""
        self.text = text
        self.retryable = retryable
        self.retry_after = retry_after
        """Milliseconds to wait before the next attempt."""

    @classmethod
    def from_reply(cls, error: replies.Error) -> "CommandError":
        return cls(
            clean_line(error.code),
            clean_line(error.text),
            retryable=error.retryable,
            retry_after=error.retry_after,
        )


class FellBehind(PychatError):  # noqa: N818
    """An iteration over events was not read for so long that its buffer is full."""


class OutboxError(PychatError):
    """What waits to be sent cannot be kept on disk, or another program has it."""
