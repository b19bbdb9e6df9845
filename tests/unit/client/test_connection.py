import asyncio
import itertools
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.client import Client, CommandError, ConnectionLost, connect
from pychat.client.address import Address
from pychat.client.connection import PENDING_COMMANDS, Arrival, Connection
from pychat.protocol import commands, events, replies
from tests.support.fake_hall import PATIENCE, FakeHall, welcome
from tests.support.told import said


async def lost(client: Client) -> ConnectionLost:
    """Why the client went offline, once it is."""
    gone = asyncio.Event()
    client.subscribe(lambda changes: gone.set() if changes.connection else None)
    async with asyncio.timeout(PATIENCE):
        while client.state != "offline":
            gone.clear()
            await gone.wait()
    assert client.lost is not None
    return client.lost


def raw(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


def sent(command: commands.Send, seq: int) -> replies.Sent:
    return replies.Sent(id=command.id, room=command.room, seq=seq, time=1, nonce=command.nonce)


# -- replies ----------------------------------------------------------------------------------


async def test_replies_find_their_callers_in_whatever_order_they_come(
    hall: FakeHall, client: Client
) -> None:
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(client.send("lobby", "one"))
        second = tasks.create_task(client.send("lobby", "two"))
        pong = tasks.create_task(client.ping())
        one, two = await hall.expect(commands.Send), await hall.expect(commands.Send)
        ping = await hall.expect(commands.Ping)
        hall.tell(replies.Pong(id=ping.id, time=5, heads={}), sent(two, 2), sent(one, 1))

    assert (first.result().seq, second.result().seq, pong.result().time) == (1, 2, 5)


async def test_each_send_has_a_nonce_of_its_own(hall: FakeHall, client: Client) -> None:
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        for _ in range(2):
            tasks.create_task(client.send("lobby", "same"))
        one, two = await hall.expect(commands.Send), await hall.expect(commands.Send)
        hall.tell(sent(one, 1), sent(two, 2))

    assert one.nonce != two.nonce
    assert min(len(one.nonce), len(two.nonce)) >= 32


async def test_a_refusal_is_an_error_with_all_that_the_server_told(
    hall: FakeHall, client: Client
) -> None:
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        refused = tasks.create_task(refusal_of(client.leave("lobby")))
        leave = await hall.expect(commands.Leave)
        hall.tell(
            replies.Error(
                id=leave.id, code="too-new", text="no\x1b[2J", retryable=True, retry_after=300
            )
        )

    error = refused.result()
    assert (error.code, error.retryable, error.retry_after) == ("too-new", True, 300)
    assert str(error) == error.text == "no␛[2J"


async def refusal_of(command: object) -> CommandError:
    with pytest.raises(CommandError) as caught:
        await command  # type: ignore[misc]  # any of the client's calls
    return caught.value


async def test_the_reply_to_a_caller_that_went_away_is_worked_in_all_the_same(
    hall: FakeHall, client: Client
) -> None:
    joining = asyncio.create_task(client.join("lobby"))
    join = await hall.expect(commands.Join)
    joining.cancel()
    reply = replies.Joined(
        id=join.id,
        room="lobby",
        topic="",
        members=[],
        count=0,
        seq=0,
        recovered=False,
        missed=0,
        more=False,
        messages=[],
    )
    stream = client.events()
    hall.tell(reply, events.Notice(text="after it"))
    async with asyncio.timeout(PATIENCE):
        await anext(stream)

    assert joining.cancelled()
    assert list(client.mirror.rooms) == ["lobby"]


async def test_what_cannot_be_encoded_or_is_too_long_for_a_frame_is_refused_here(
    hall: FakeHall, client: Client
) -> None:
    with pytest.raises(CommandError, match="surrogates not allowed"):
        await client.send("lobby", "\ud800")
    with pytest.raises(CommandError, match="65536 are allowed at a time; send it in parts"):
        await client.send("lobby", "x" * 70_000)

    assert client.state == "connected"
    assert client.mirror.outgoing == set()


async def test_more_commands_than_may_be_pending_wait_their_turn_in_order(
    hall: FakeHall, client: Client
) -> None:
    extra = 3
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        for number in range(PENDING_COMMANDS + extra):
            tasks.create_task(client.typing(f"r{number}"))
        rooms = []
        for _ in range(PENDING_COMMANDS):
            typing = await hall.expect(commands.Typing)
            rooms.append(typing)
        assert hall.unread == 0
        hall.tell(*(replies.Ok(id=typing.id) for typing in rooms))
        for _ in range(extra):
            typing = await hall.expect(commands.Typing)
            rooms.append(typing)
            hall.tell(replies.Ok(id=typing.id))

    assert [typing.room for typing in rooms] == [
        f"r{number}" for number in range(PENDING_COMMANDS + extra)
    ]


# -- liveness ---------------------------------------------------------------------------------


async def test_a_ping_is_answered_at_once(hall: FakeHall, client: Client) -> None:
    hall.tell(events.Ping())

    await hall.expect(commands.Pong)


class Recorder:
    """A Connection's owner that keeps what it is told."""

    def __init__(self, address: str, *, ping_after: float, lost_after: float) -> None:
        host, _, port = address.partition(":")
        self.arrivals: list[Arrival] = []
        self.lost = asyncio.get_running_loop().create_future()
        self.connection = Connection(
            Address(host, int(port)), ping_after=ping_after, lost_after=lost_after
        )
        self.connection.on_arrivals = self.arrivals.extend
        self.connection.on_lost = self.lost.set_result

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self.connection, *self.connection.address)
        command = commands.Hello(id=self.connection.next_id(), protocol=[1], client="test")
        await self.connection.request(command, replies.Welcome)


async def test_a_silent_server_is_asked_once_and_then_given_up(hall: FakeHall) -> None:
    recorder = Recorder(hall.address, ping_after=0.02, lost_after=0.2)
    await recorder.open()

    ping = await hall.expect(commands.Ping)
    async with asyncio.timeout(PATIENCE):
        lost = await recorder.lost

    assert isinstance(ping, commands.Ping)
    assert hall.unread == 0
    assert lost.text == f"Nothing has come from {hall.address} for 0.2 s."


async def test_a_server_that_answers_the_ping_is_kept(hall: FakeHall) -> None:
    recorder = Recorder(hall.address, ping_after=0.01, lost_after=30.0)
    await recorder.open()

    for _ in range(3):
        ping = await hall.expect(commands.Ping)
        hall.tell(replies.Pong(id=ping.id, time=1, heads={}))

    assert not recorder.lost.done()
    await recorder.connection.close()


# -- the end ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\0\0\0\0", "a frame of 0 bytes: 1 to 1048576 are allowed"),
        (b"\xff\xff\xff\xff", "a frame of 4294967295 bytes"),
        (raw(b'{"type":"notice","text":"\xff"}'), "(?i)utf-8"),
        (raw(b"[]"), "got `array`"),
        (raw(b"{}"), "missing required field `type`"),
        (raw(b'{"type":"message","room":"lobby"}'), "missing required field"),
        (raw(b'{"type":"ok","id":-1}'), r"\$.id"),
        (raw(b'{"type":"ok","id":99}'), "it answers the command 99, not sent"),
        (raw(b'{"type":"error","code":"x","text":"y","retryable":false}'), "cannot read a command"),
        (raw(b'{"type":"notice","text":"","x":' + b"[" * 100_000), "nested too deep"),
    ],
    ids=[
        "empty frame",
        "huge frame",
        "not UTF-8",
        "no object",
        "no type",
        "fields missing",
        "id out of range",
        "answer to nothing",
        "error about nothing",
        "too deep",
    ],
)
async def test_a_malformed_frame_ends_the_connection_with_a_clear_error(
    hall: FakeHall, client: Client, data: bytes, why: str
) -> None:
    waiting = asyncio.create_task(client.ping())
    await hall.expect(commands.Ping)

    hall.write(data)

    with pytest.raises(ConnectionLost, match=f"{hall.address} does not keep to the protocol: "):
        await waiting
    reason = await lost(client)
    assert reason.bye is None
    with pytest.raises(ConnectionLost, match=why):
        raise reason


async def test_a_reply_of_the_wrong_kind_ends_the_connection(
    hall: FakeHall, client: Client
) -> None:
    waiting = asyncio.create_task(client.list_rooms())
    command = await hall.expect(commands.List)

    hall.tell(replies.Ok(id=command.id))

    with pytest.raises(ConnectionLost, match="it answers `list` with `ok`"):
        await waiting


async def test_what_came_whole_before_a_malformed_frame_is_worked_in(
    hall: FakeHall, client: Client
) -> None:
    stream = client.events()

    hall.write(raw(b'{"type":"notice","text":"first"}') + raw(b"nonsense"))

    assert await anext(stream) == events.Notice(text="first")
    with pytest.raises(ConnectionLost, match="does not keep to the protocol"):
        await anext(stream)


async def test_the_servers_last_word_is_kept(hall: FakeHall, client: Client) -> None:
    waiting = asyncio.create_task(client.ping())
    await hall.expect(commands.Ping)
    bye = replies.bye("kicked", "go away\x07", retry_after=9)

    hall.tell(bye, said(1))

    with pytest.raises(ConnectionLost) as caught:
        await waiting
    assert caught.value.bye == bye
    assert str(caught.value) == f"{hall.address} closed the connection: go away␇"
    assert (await lost(client)).bye == bye
    with pytest.raises(ConnectionLost, match="go away"):
        await client.ping()


async def test_a_server_that_hangs_up_without_a_word_is_told_so(
    hall: FakeHall, client: Client
) -> None:
    hall.hang_up()

    assert (await lost(client)).text == f"{hall.address} closed the connection without a word."


async def test_closing_does_not_wait_for_a_peer_that_does_not_read(
    hall: FakeHall, client: Client
) -> None:
    hall.stop_reading()
    sends = [asyncio.create_task(client.send("lobby", "x" * 8_000)) for _ in range(1_000)]
    # All of them have begun after this: tasks run in the order of their making.
    await asyncio.sleep(0)

    async with asyncio.timeout(PATIENCE):
        await client.close()
        results = await asyncio.gather(*sends, return_exceptions=True)

    assert all(isinstance(result, ConnectionLost) for result in results)
    hall.resume_reading()


async def test_a_caller_that_waits_to_write_learns_of_the_end(
    hall: FakeHall, client: Client
) -> None:
    waiting = [asyncio.create_task(client.ping()) for _ in range(PENDING_COMMANDS + 2)]
    for _ in range(PENDING_COMMANDS):
        await hall.expect(commands.Ping)

    hall.hang_up()

    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, ConnectionLost) for result in results)


# -- any bytes --------------------------------------------------------------------------------


class Sink(asyncio.Transport):
    """Takes what is written; what is done to it is what a test looks at."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = False

    def write(self, data: object) -> None: ...

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def is_closing(self) -> bool:
        return self.ended

    def close(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.ended = True


payloads = st.binary(min_size=1, max_size=40) | st.sampled_from(
    [
        b'{"type":"notice","text":"x"}',
        b'{"type":"ping"}',
        b'{"type":"bye","code":"x","text":"y","reconnect":true}',
        b'{"type":"poll","room":"lobby","seq":3}',
        b'{"type":"message","room":"a","seq":1,"prev":0,"time":1,"sender":"b","nonce":"c","text":"d"}',
    ]
)


@settings(max_examples=80)
@given(st.lists(payloads, max_size=8), st.binary(max_size=6), st.data())
async def test_any_bytes_in_any_pieces_give_the_same_arrivals_or_an_end_and_never_raise(
    sent: list[bytes], tail: bytes, data: st.DataObject
) -> None:
    stream = b"".join(map(raw, sent)) + tail
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    results = []

    for bounds in ([0, len(stream)], [0, *cuts, len(stream)]):
        arrivals: list[Arrival] = []
        connection = Connection(Address("test", 1))
        connection.on_arrivals = arrivals.extend
        connection.on_lost = lambda lost: None
        sink = Sink()
        connection.connection_made(sink)
        for begin, end in itertools.pairwise(bounds):
            if not sink.ended:
                connection.data_received(stream[begin:end])
        results.append((arrivals, sink.ended))
        connection.connection_lost(None)

    assert results[0] == results[1]


async def test_a_welcome_that_came_before_it_was_asked_for_is_no_welcome() -> None:
    async with FakeHall(greets=False) as hall:
        connecting = asyncio.create_task(connect(hall.address))
        hello = await hall.expect(commands.Hello)
        hall.tell(welcome(hello.id + 7))

        with pytest.raises(ConnectionLost, match="it answers the command 8, not sent"):
            await connecting
