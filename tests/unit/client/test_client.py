import asyncio
import gc
import socket
import weakref
from collections.abc import AsyncIterator

import msgspec
import pytest

import pychat.client
from pychat.client import (
    AddressError,
    Changes,
    Client,
    CommandError,
    ConnectionLost,
    FellBehind,
    Unreachable,
    connect,
    dial,
)
from pychat.client.event_stream import UNREAD_EVENTS
from pychat.protocol import codec, commands, events, replies
from tests.support.fake_hall import PATIENCE, FakeHall, welcome
from tests.support.told import said


@pytest.fixture
async def hall() -> AsyncIterator[FakeHall]:
    async with FakeHall() as fake:
        yield fake


@pytest.fixture
async def client(hall: FakeHall) -> AsyncIterator[Client]:
    client = await connect(hall.address, name="ann")
    yield client
    await client.close()


def raw(event: events.LoggedEvent) -> msgspec.Raw:
    return msgspec.Raw(codec.encode(event))


def test_the_public_names_are_sorted_and_exist() -> None:
    names = list(pychat.client.__all__)

    assert names == sorted(names)
    assert all(hasattr(pychat.client, name) for name in names)


# -- reaching a Hall --------------------------------------------------------------------------


async def test_what_is_no_address_is_told_before_anything_is_dialled() -> None:
    with pytest.raises(AddressError, match="no valid port"):
        await connect("localhost:none")


async def test_a_port_where_nobody_listens_is_told_with_what_to_do() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(Unreachable) as caught:
        await connect(f"127.0.0.1:{port}")

    assert str(caught.value) == (
        f"Nobody is listening at 127.0.0.1:{port}. Is `pychat serve` running there?"
    )


async def test_a_host_that_does_not_exist_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def not_found(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", not_found)

    with pytest.raises(Unreachable, match=r"There is no host called chat\.invalid\. Check the"):
        await connect("chat.invalid")


async def test_a_host_that_swallows_everything_leaves_time_for_its_other_address(
    hall: FakeHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    stream = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    swallows, listens = ("127.0.0.9", hall.port), ("127.0.0.1", hall.port)
    sock_connect, getaddrinfo = loop.sock_connect, loop.getaddrinfo

    async def two_addresses(host: str, port: int, **hints: int) -> list[object]:
        if host != "chat.lan":  # uvloop looks up the addresses of sockets, too
            return list(await getaddrinfo(host, port, **hints))
        return [(*stream, swallows), (*stream, listens)]

    async def connect_or_swallow(sock: socket.socket, where: tuple[str, int]) -> None:
        if where == swallows:
            await loop.create_future()
        await sock_connect(sock, where)

    monkeypatch.setattr(loop, "getaddrinfo", two_addresses)
    monkeypatch.setattr(loop, "sock_connect", connect_or_swallow)

    client = await connect("chat.lan", timeout=0.2)

    assert client.state == "connected"
    await client.close()


async def test_a_host_that_swallows_everything_is_given_up_after_the_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()

    async def swallow(sock: socket.socket, where: tuple[str, int]) -> None:
        await loop.create_future()

    monkeypatch.setattr(loop, "sock_connect", swallow)

    with pytest.raises(
        Unreachable, match=r"127\.0\.0\.1:22222 does not answer: timed out after 0\.01 s\. Is the"
    ):
        await connect("127.0.0.1", timeout=0.01)


@pytest.mark.parametrize(
    "banner",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x15\x03\x01\0\x02\x02F",
        b"",
    ],
    ids=["ssh", "http", "tls alert", "hangs up"],
)
async def test_a_port_of_another_program_is_told_so(banner: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(banner)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async with server:
        with pytest.raises(Unreachable, match=f"127.0.0.1:{port} answers, but not as pychat"):
            await connect(f"127.0.0.1:{port}")


async def test_a_server_that_picks_up_and_says_nothing_is_given_up() -> None:
    async with FakeHall(greets=False) as silent:
        with pytest.raises(Unreachable, match=r"picked up but said nothing for 0\.05 s"):
            await connect(silent.address, timeout=0.05)

        async with asyncio.timeout(PATIENCE):
            await silent.closed.wait()


async def test_one_name_after_the_other_can_be_tried_on_one_connection() -> None:
    async with FakeHall(greets=False) as hall, await dial(hall.address) as dialled:
        trying = asyncio.create_task(dialled.hello("bob"))
        first = await hall.expect(commands.Hello)
        hall.tell(replies.error("name-taken", "there is a bob", first.id))
        with pytest.raises(CommandError, match="there is a bob") as refused:
            await trying

        trying = asyncio.create_task(dialled.hello("rob"))
        second = await hall.expect(commands.Hello)
        hall.tell(welcome(second.id, "rob"))
        client = await trying

        assert refused.value.code == "name-taken"
        assert (first.name, second.name, client.mirror.name) == ("bob", "rob", "rob")
        assert client.state == "connected"
        await client.close()


async def test_a_refused_hello_closes_the_connection() -> None:
    async with FakeHall(greets=False) as hall:
        connecting = asyncio.create_task(connect(hall.address, password="guess"))
        hello = await hall.expect(commands.Hello)
        hall.tell(
            replies.error("wrong-password", "that is not it", hello.id),
            replies.bye("wrong-password", "that is not it"),
        )

        with pytest.raises(CommandError, match="that is not it"):
            await connecting
        async with asyncio.timeout(PATIENCE):
            await hall.closed.wait()


async def test_a_hall_that_is_full_says_so() -> None:
    async with FakeHall(greets=False) as hall:
        connecting = asyncio.create_task(connect(hall.address))
        await hall.expect(commands.Hello)
        hall.tell(replies.bye("too-many-connections", "the Hall is full"))

        with pytest.raises(ConnectionLost, match="the Hall is full") as lost:
            await connecting
        assert lost.value.bye is not None


async def test_the_welcome_is_in_the_mirror(hall: FakeHall, client: Client) -> None:
    mirror = client.mirror

    assert (mirror.name, mirror.hall, mirror.epoch) == ("ann", "Fake Hall", "e1")
    assert mirror.manual == "# Manual"
    assert mirror.limits is not None
    assert mirror.limits.text == 8_000


# -- being told -------------------------------------------------------------------------------


async def test_subscribers_are_told_once_per_chunk_until_they_leave(
    hall: FakeHall, client: Client
) -> None:
    told: list[Changes] = []
    stream = client.events()
    leave = client.subscribe(told.append)

    hall.tell(events.Notice(text="one"), events.Notice(text="two"))
    await anext(stream)
    leave()
    leave()
    hall.tell(events.Notice(text="three"))
    await anext(stream)
    await anext(stream)

    assert [changes.notices for changes in told] == [["one", "two"]]


async def test_a_subscriber_that_fails_harms_nobody(hall: FakeHall, client: Client) -> None:
    failures: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))
    fault = ZeroDivisionError()
    told: list[Changes] = []

    def fail(changes: Changes) -> None:
        raise fault

    client.subscribe(fail)
    client.subscribe(told.append)
    stream = client.events()
    hall.tell(events.Notice(text="one"))
    await anext(stream)

    assert failures == [fault]
    assert len(told) == 1
    assert client.state == "connected"


async def test_events_come_in_order_and_without_pings_and_strangers(
    hall: FakeHall, client: Client
) -> None:
    stream = aiter(client)

    hall.tell(said(1), events.Ping())
    hall.write(b'\0\0\0\x0f{"type":"poll"}')
    hall.tell(events.Typing(room="lobby", name="bob"), said(2))

    kinds = [type(await anext(stream)) for _ in range(3)]
    assert kinds == [events.Message, events.Typing, events.Message]


async def test_what_is_missed_comes_as_events_before_what_is_live(
    hall: FakeHall, client: Client
) -> None:
    stream = client.events()
    joining = asyncio.create_task(client.join("lobby", after=1, epoch="e1"))
    join = await hall.expect(commands.Join)
    joined = replies.Joined(
        id=join.id,
        room="lobby",
        topic="",
        members=[],
        count=0,
        seq=3,
        recovered=True,
        missed=2,
        more=True,
        events=[raw(said(2)), raw(said(3))],
    )

    hall.tell(joined, said(4))

    assert (join.after, join.epoch) == (1, "e1")
    assert (await joining).recovered
    assert [await anext(stream) for _ in range(3)] == [said(2), said(3), said(4)]
    assert [message.seq for message in client.mirror.rooms["lobby"].messages] == [2, 3, 4]


async def test_a_reader_that_falls_behind_reads_what_waits_and_then_is_told(
    hall: FakeHall, client: Client
) -> None:
    slow, quick = client.events(), client.events()
    notice = events.Notice(text="x")
    batch = 1_000
    for _ in range(UNREAD_EVENTS // batch):
        hall.tell(*[notice] * batch)
        for _ in range(batch):
            await anext(quick)

    hall.tell(events.Notice(text="too much"))
    assert await anext(quick) == events.Notice(text="too much")

    for _ in range(UNREAD_EVENTS):
        assert await anext(slow) == notice
    with pytest.raises(FellBehind, match="10000 events came unread"):
        await anext(slow)


async def test_an_iteration_that_is_dropped_is_forgotten(client: Client) -> None:
    stream = client.events()
    dropped = weakref.ref(stream)

    del stream
    gc.collect()

    assert dropped() is None


# -- the end ----------------------------------------------------------------------------------


async def test_events_end_quietly_with_my_own_farewell(hall: FakeHall, client: Client) -> None:
    stream = client.events()
    quitting = asyncio.create_task(client.quit("supper"))
    farewell = await hall.expect(commands.Quit)
    hall.tell(replies.Ok(id=farewell.id), replies.bye("quit", "until next time"))
    hall.hang_up()
    await quitting

    assert farewell.reason == "supper"
    assert [event async for event in stream] == []
    assert [event async for event in client.events()] == []
    assert (client.state, client.lost) == ("offline", None)


async def test_events_end_with_an_error_when_the_connection_breaks(
    hall: FakeHall, client: Client
) -> None:
    stream = client.events()

    hall.tell(said(1))
    hall.hang_up()

    assert isinstance(await anext(stream), events.Message)
    with pytest.raises(ConnectionLost, match="without a word"):
        await anext(stream)
    assert client.state == "offline"
    with pytest.raises(ConnectionLost):
        await anext(client.events())


async def test_leaving_the_block_says_quit(hall: FakeHall) -> None:
    async def stay() -> None:
        async with await connect(hall.address):
            pass

    leaving = asyncio.create_task(stay())
    farewell = await hall.expect(commands.Quit)
    hall.tell(replies.Ok(id=farewell.id))
    async with asyncio.timeout(PATIENCE):
        await leaving
        await hall.closed.wait()


async def test_quit_is_quiet_when_the_connection_has_gone(hall: FakeHall, client: Client) -> None:
    stream = client.events()
    hall.hang_up()
    with pytest.raises(ConnectionLost):
        await anext(stream)

    await client.quit()
    await client.close()


async def test_a_call_after_the_end_tells_why(hall: FakeHall, client: Client) -> None:
    await client.close()

    with pytest.raises(ConnectionLost, match="has been closed"):
        await client.send("lobby", "anybody?")
    assert client.mirror.outgoing == set()


# -- pages ------------------------------------------------------------------------------------


async def test_all_pages_of_rooms_are_read(hall: FakeHall, client: Client) -> None:
    listing = asyncio.create_task(client.list_rooms())
    rooms = [replies.RoomInfo(name=name, members=1, topic="", seq=1) for name in "abc"]

    first = await hall.expect(commands.List)
    hall.tell(replies.Rooms(id=first.id, rooms=rooms[:2], more=True))
    second = await hall.expect(commands.List)
    hall.tell(replies.Rooms(id=second.id, rooms=rooms[2:], more=False))

    assert await listing == rooms
    assert (first.after, second.after) == (None, "b")


async def test_an_empty_page_ends_the_reading_whatever_the_server_promises(
    hall: FakeHall, client: Client
) -> None:
    listing = asyncio.create_task(client.members("lobby"))
    command = await hall.expect(commands.Members)
    hall.tell(replies.Members(id=command.id, room="lobby", members=[], count=9, more=True))

    assert await listing == []


async def test_nothing_older_is_asked_for_where_there_is_nothing(
    hall: FakeHall, client: Client
) -> None:
    assert await client.fetch_older("nowhere") is False
    assert hall.unread == 0
