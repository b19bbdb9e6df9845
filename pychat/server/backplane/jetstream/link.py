"""One node's connection to NATS: what it sends, asks and is told, and when it is cut off.

Of nats-py only the core is used: its JetStream client leaves futures unresolved at a reconnect.
Callbacks run on the loop and must not block or raise.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

_log = logging.getLogger("pychat.cluster")

CONNECT_SECONDS = 10.0
"""Until `open` gives up."""

REQUEST_SECONDS = 2.0
"""For one request, unless its caller says otherwise."""

_TRY_SECONDS = 2
"""For one attempt at one server."""

_PAUSE_SECONDS = 0.2
"""Between two attempts to come back to a server."""

_PING_SECONDS = 1
"""Between two pings."""

_UNANSWERED_PINGS = 3
"""That a connection has at most: it ends with the next, and another server is gone to. Whoever
waits for a server that stands still has to come back within ten seconds, and that is not all."""

_PENDING_MESSAGES = 65_536
"""Of one subscription, that wait for their callback; what comes beyond is lost, as on the way."""


class LinkError(Exception):
    """NATS cannot be reached, or did not answer in time; the text says which and what to do."""


class NobodyAnswersError(LinkError):
    """There was nobody to take the request: nothing came of it."""


class Message(msgspec.Struct, frozen=True, gc=False):
    subject: str
    body: bytes
    headers: dict[str, str]
    reply: str = ""
    """Where an answer is waited for, if one is."""

    @property
    def status(self) -> str:
        """Of an answer without a body of its own; else empty."""
        return self.headers.get("Status", "")


Receive = Callable[[Message], None]


def shown(server: str) -> str:
    """Its address without a name and a password."""
    scheme, slashes, rest = server.rpartition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"


class Expected(NamedTuple):
    """Answers that are on their way to `reply`, until `end`."""

    reply: str
    end: Callable[[], None]


class Link:
    def __init__(self, servers: Sequence[str], name: str) -> None:
        """`servers` are addresses as `nats://host:port`; `name` is shown in the engine's lists."""
        self._servers = list(servers)
        self._name = name
        self._client = Client()
        self._listeners: list[Callable[[bool], None]] = []
        self._awaited: dict[str, Receive] = {}
        self._asked: dict[str, asyncio.Future[Any]] = {}
        """Of those that are awaited, whom to tell that the connection is lost."""
        self._numbers = itertools.count(1)
        self._inbox = ""
        self._reason = ""
        self._closing = False

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    @property
    def max_payload(self) -> int:
        """Bytes that the engine takes in one message."""
        return self._client.max_payload

    async def open(self) -> None:
        """Raises LinkError."""

        async def lost() -> None:
            self._tell(False)

        async def back() -> None:
            self._tell(True)

        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._client.connect(
                    self._servers,
                    name=self._name,
                    error_cb=self._fault,
                    disconnected_cb=lost,
                    reconnected_cb=back,
                    connect_timeout=_TRY_SECONDS,
                    reconnect_time_wait=_PAUSE_SECONDS,  # type: ignore[arg-type]  # a float will do
                    max_reconnect_attempts=-1,
                    ping_interval=_PING_SECONDS,
                    max_outstanding_pings=_UNANSWERED_PINGS,
                )
                self._inbox = self._client.new_inbox()
                await self.subscribe(f"{self._inbox}.*", self._answered)
                await self._client.flush(_TRY_SECONDS)
        except (OSError, NatsError, TimeoutError) as fault:
            # nats-py asserts that it has begun, which it has not with an address that is none.
            with contextlib.suppress(OSError, NatsError, AssertionError):
                await self._client.close()
            why = self._reason or str(fault) or type(fault).__name__
            raise LinkError(
                f"no NATS server of {', '.join(map(shown, self._servers))} can be reached ({why}); "
                "start them, or correct the addresses"
            ) from fault

    async def close(self) -> None:
        self._closing = True
        with contextlib.suppress(OSError, NatsError):
            await self._client.close()
        self._awaited.clear()

    def watch(self, listener: Callable[[bool], None]) -> None:
        """Tell `listener` from now on when the connection is lost (False) and back (True)."""
        self._listeners.append(listener)

    async def subscribe(self, subject: str, receive: Receive) -> Subscription:
        """`receive` gets each message, in order, and at most once: one may be lost on the way.

        It ends with `unsubscribe`. Raises LinkError.
        """

        async def take(raw: Msg) -> None:
            receive(Message(raw.subject, raw.data, raw.headers or {}, raw.reply))

        with _faults(subject):
            return await self._client.subscribe(
                subject, cb=take, pending_msgs_limit=_PENDING_MESSAGES
            )

    async def flush(self, seconds: float = REQUEST_SECONDS) -> None:
        """Returns when the server has taken up all that was sent before. Raises LinkError."""
        with _faults("flush"):
            await self._client.flush(seconds)  # type: ignore[arg-type]  # a float will do

    async def send(
        self, subject: str, body: bytes = b"", *, reply: str = "", headers: dict[str, str] | None
    ) -> None:
        """Send once, to whom it may reach. Raises LinkError where that is certain to fail."""
        if not self._client.is_connected:
            # nats-py would keep it for later, when somebody else may have sent it again.
            raise LinkError("the connection to NATS is lost; it comes back by itself")
        with _faults(subject):
            await self._client.publish(subject, body, reply=reply, headers=headers)

    def expect(self, receive: Receive, answer: asyncio.Future[Any] | None = None) -> Expected:
        """A subject for answers, which go to `receive` until its `end` is called. `answer`, if it
        is not settled by then, raises LinkError where the connection is lost: nothing comes there
        any more."""
        token = str(next(self._numbers))
        self._awaited[token] = receive
        if answer is not None:
            self._asked[token] = answer
        return Expected(f"{self._inbox}.{token}", lambda: self._forget(token))

    async def request(
        self,
        subject: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        seconds: float = REQUEST_SECONDS,
    ) -> Message:
        """The first answer. Raises LinkError; NobodyAnswersError where nobody was asked."""
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        def answered(message: Message) -> None:
            if not answer.done():
                answer.set_result(message)

        expected = self.expect(answered, answer)
        try:
            async with asyncio.timeout(seconds):
                await self.send(subject, body, reply=expected.reply, headers=headers)
                message = await answer
        except TimeoutError:
            raise LinkError(f"NATS did not answer {subject} within {seconds:g} s") from None
        finally:
            expected.end()
        if message.status == "503":
            raise NobodyAnswersError(f"nobody on NATS answers {subject} just now")
        return message

    def _answered(self, message: Message) -> None:
        receive = self._awaited.get(message.subject.rpartition(".")[2])
        if receive is not None:
            receive(message)

    def _forget(self, token: str) -> None:
        self._awaited.pop(token, None)
        self._asked.pop(token, None)

    def _tell(self, connected: bool) -> None:
        if self._closing:
            return
        _log.warning("the connection to NATS is %s", "back" if connected else "lost")
        if not connected:
            self._break_off()
        for listener in self._listeners:
            listener(connected)

    def _break_off(self) -> None:
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(LinkError("the connection to NATS was lost on the way"))

    async def _fault(self, fault: Exception) -> None:
        """Each new one once: an attempt that fails is tried again five times a second."""
        if not self._client.is_connected and self._client._transport:
            # What was dialled and gave no greeting: nats-py would forget it, open.
            self._client._transport.close()  # type: ignore[no-untyped-call]
        reason = str(fault) or type(fault).__name__
        if reason != self._reason:
            self._reason = reason
            _log.warning("NATS: %s", reason)


@contextlib.contextmanager
def _faults(subject: str) -> Iterator[None]:
    try:
        yield
    except (OSError, NatsError, TimeoutError) as fault:
        raise LinkError(
            f"NATS does not take {subject}: {str(fault) or type(fault).__name__}"
        ) from fault
