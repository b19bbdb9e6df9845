"""The way to a Hall: who is there, who is not, and under which name one is let in."""

import asyncio
import socket

import pytest

from pychat.client import (
    AddressError,
    Client,
    CommandError,
    ConnectionLost,
    Unreachable,
    connect,
    dial,
)
from pychat.protocol import commands, replies
from tests.support.fake_hall import PATIENCE, FakeHall, welcome
from tests.support.timing import HASTY


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


async def test_of_a_host_whose_first_address_takes_nobody_in_the_next_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    getaddrinfo = loop.getaddrinfo
    stream = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")

    async with FakeHall(greets=False) as first, FakeHall(greets=False) as second:
        ports = [first.port, second.port]

        async def two_addresses(host: str, port: int, **hints: int) -> list[object]:
            if host != "chat.lan":
                return list(await getaddrinfo(host, port, **hints))
            return [(*stream, ("127.0.0.1", each)) for each in ports]

        monkeypatch.setattr(loop, "getaddrinfo", two_addresses)
        connecting = asyncio.create_task(connect("chat.lan", reconnect=True, timing=HASTY))
        first.tell(welcome((await first.find(commands.Hello)).id))
        client = await connecting

        first.hang_up()
        again = await first.find(commands.Hello)
        first.tell(replies.error("unavailable", "this server has lost the others", again.id))
        await second.find(commands.Hello)

        await client.close()


async def test_a_host_that_swallows_everything_is_given_up_after_the_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()

    async def swallow(sock: socket.socket, where: tuple[str, int]) -> None:
        await loop.create_future()

    monkeypatch.setattr(loop, "sock_connect", swallow)

    with pytest.raises(
        Unreachable, match=r"127\.0\.0\.1:22222 does not answer: timed out after 0\.3 s\. Is the"
    ):
        await connect("127.0.0.1", timeout=0.3)


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
