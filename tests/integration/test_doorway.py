"""Those who come to a Hall with TLS, until their handshake is done: counted, bounded, let go."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pychat.client import Pins, Trust, Unreachable, connect
from pychat.protocol import codec, replies
from pychat.protocol.framing import FrameReader
from pychat.server import doorway, limits
from pychat.server.certificate import own_certificate
from pychat.server.doorway import Doorway, is_loopback
from pychat.server.listener import BindError, Listener, bind
from pychat.server.tls import Encryption
from pychat.server.turnstile import Work
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import PATIENCE, Wire, framed

ELSEWHERE = "203.0.113.7"


class Open:
    """A Hall, and a doorway of it that can be told of connections from anywhere."""

    def __init__(self, hall: RunningHall, entrance: Doorway, port: int) -> None:
        self.hall = hall
        self.entrance = entrance
        self.port = port
        self._ends: list[socket.socket] = []

    def comes(self, address: str) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._ends.append(ours)
        self.entrance.arrived(theirs, address)
        return ours

    @property
    def counted(self) -> int:
        return self.hall.server.addresses.total

    def go(self) -> None:
        for each in self._ends:
            each.close()


@pytest.fixture(scope="module")
def encryption(tmp_path_factory: pytest.TempPathFactory) -> Encryption:
    own = own_certificate(tmp_path_factory.mktemp("hall"))
    return Encryption(own, own, vouched=False)


@pytest.fixture
async def opened(encryption: Encryption) -> AsyncIterator[Open]:
    async with running_hall() as hall:
        sockets = bind("127.0.0.1", 0)
        entrance = Doorway(hall.server, sockets, encryption, local_in_clear=True)
        entrance.open()
        opened = Open(hall, entrance, sockets[0].getsockname()[1])
        try:
            yield opened
        finally:
            entrance.close()
            opened.go()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that a test can wait for."""
    for name, seconds in (("HANDSHAKE", 0.2), ("_SWEEP", 0.05), ("_LEAST_HANDSHAKE", 0.05)):
        monkeypatch.setattr(doorway, name, seconds)


async def read(sock: socket.socket) -> bytes:
    """All that comes until the end."""
    loop, come = asyncio.get_running_loop(), b""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            while part := await loop.sock_recv(sock, 65_536):
                come += part
    return come


def connected(port: int, count: int) -> Iterator[socket.socket]:
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setblocking(False)
        yield sock


async def test_who_says_nothing_is_counted_from_the_first_moment_and_let_go(
    impatient: None, opened: Open
) -> None:
    silent = [opened.comes(ELSEWHERE) for _ in range(20)]
    assert opened.counted == 20

    assert [await read(each) for each in silent] == [b""] * 20

    assert opened.counted == 0
    assert opened.entrance.refused == {"said nothing": 20}


async def test_who_does_not_end_the_handshake_is_let_go_as_well(
    impatient: None, opened: Open
) -> None:
    (sock,) = connected(opened.port, 1)
    with sock:
        sock.send(b"\x16\x03\x01\x02\x00")
        await read(sock)

    await until_counted(opened, 0)
    assert opened.entrance.refused == {"made no handshake": 1}


async def test_who_waits_too_long_for_a_turn_is_let_go_as_well(
    impatient: None, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[Work] = []
    monkeypatch.setattr(opened.hall.server.turnstile, "put", turns.append)
    (sock,) = connected(opened.port, 1)
    with sock:
        sock.send(b"\x16\x03\x01\x02\x00")
        assert await read(sock) == b""

    await until_counted(opened, 0)
    assert opened.entrance.refused == {"came with too many at once": 1}
    assert [each() for each in turns] == [0.0]  # of the time of those behind


async def test_more_than_are_accepted_in_one_turn_all_get_in(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorway, "_PER_TURN", 2)
    crowd = [await Wire.connect(opened.port) for _ in range(7)]

    for wire in crowd:
        wire.command("hello", protocol=[1], client="w")
    assert {(await each.read())["type"] for each in crowd} == {"welcome"}


async def test_who_comes_too_often_is_denied_though_nobody_is_there(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = opened.hall.server.now()
    monkeypatch.setattr(opened.hall.server, "now", lambda: now)
    for _ in range(limits.CONNECTS_PER_ADDRESS):
        opened.hall.server.addresses.add(ELSEWHERE, now)
        opened.hall.server.addresses.take_away(ELSEWHERE)

    assert await read(opened.comes(ELSEWHERE)) == b"\x15\x03\x03\x00\x02\x02\x31"
    assert opened.entrance.refused == {"came too often": 1}
    assert opened.counted == 0


async def test_so_many_come_from_one_address_and_one_network_and_in_all_and_no_more(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in (("_PER_ADDRESS", 2), ("_PER_NETWORK", 3), ("", 6)):
        monkeypatch.setattr(limits, f"CONNECTIONS{name}", most)
    inside = [opened.comes(ELSEWHERE) for _ in range(2)]
    too_many = [opened.comes(ELSEWHERE)]
    inside += [opened.comes(f"2001:db8::{n}") for n in range(3)]
    too_many += [opened.comes("2001:db8::9")]
    inside += [opened.comes("198.51.100.1")]
    too_many += [opened.comes("198.51.100.2"), opened.comes("127.0.0.1")]

    for each in too_many:
        # A fatal alert: access denied.
        assert await read(each) == b"\x15\x03\x03\x00\x02\x02\x31"
    assert opened.counted == len(inside) == 6
    assert opened.entrance.refused == {"too many connections": 4}

    inside.pop().close()
    inside.pop().close()
    (at_the_door,) = connected(opened.port, 1)
    with at_the_door:
        await until_counted(opened, 5)


async def until_counted(opened: Open, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while opened.counted != count:  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0)


async def test_who_gets_in_is_counted_once_and_no_more_when_gone(
    opened: Open, encryption: Encryption, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS", 1)
    trust = Trust(key=encryption.fingerprint, pins=Pins(tmp_path / "known_hosts"))
    address = f"127.0.0.1:{opened.port}"
    async with await connect(address, name="ann", trust=trust):
        assert opened.counted == 1
        with pytest.raises(Unreachable, match="too many connections from your address"):
            await connect(address, name="bob", trust=trust)
    await until_counted(opened, 0)
    async with await connect(address, name="bob", trust=trust):
        assert opened.counted == 1


async def test_this_machine_may_speak_in_the_clear_and_others_are_told_that_they_may_not(
    opened: Open,
) -> None:
    wire = await Wire.enter(opened.port, "ann")
    assert opened.counted == 1
    other = opened.comes(ELSEWHERE)
    other.send(framed(b'{"type":"ping","id":1}'))

    reader = FrameReader(65_536)
    reader.feed(await read(other))

    bye = codec.decode_server(reader.read() or b"")
    assert isinstance(bye, replies.Bye)
    assert (bye.code, bye.reconnect) == ("bad-frame", False)
    assert "with TLS only" in bye.text
    assert (await wire.ask("ping"))["type"] == "pong"
    web = opened.comes(ELSEWHERE)
    web.send(b"GET / HTTP/1.1\r\n\r\n")
    assert b"with TLS only" in await read(web)
    assert opened.entrance.refused == {"spoke without TLS": 2}


async def test_who_leaves_or_is_there_when_the_hall_closes_is_not_counted_any_more(
    opened: Open,
) -> None:
    gone, silent = opened.comes(ELSEWHERE), opened.comes(ELSEWHERE)
    (half,) = connected(opened.port, 1)
    with half:
        half.send(b"\x16")
        gone.close()
        await until_counted(opened, 2)

        opened.entrance.close()

        assert await read(silent) == b""
        assert await read(half) == b""


async def test_of_many_who_do_not_get_in_one_line_a_minute_is_told(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(30):
        opened.comes(ELSEWHERE).close()
    await until_counted(opened, 0)

    assert [record.message for record in caplog.records] == [
        f"from {ELSEWHERE} nobody got in: left without a word"
    ]


async def test_where_no_more_files_can_be_had_the_doorway_waits_and_goes_on(
    opened: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(doorway, "_PAUSE", 0.05)
    accept = socket.socket.accept
    tries = iter([OSError(24, "Too many open files")])

    def accept_later(sock: socket.socket) -> tuple[socket.socket, object]:
        for fault in tries:
            raise fault
        return accept(sock)

    monkeypatch.setattr(socket.socket, "accept", accept_later)
    wire = await Wire.enter(opened.port, "ann")

    assert (await wire.ask("ping"))["type"] == "pong"
    assert "Too many open files" in caplog.text


async def test_a_port_that_another_listens_on_after_it_was_bound_is_told_as_the_reason(
    hall: RunningHall,
) -> None:
    (first,) = bind("127.0.0.1", 0)
    port = first.getsockname()[1]
    late = Listener(hall.server, bind("127.0.0.1", port))
    with first:
        first.listen()

        with pytest.raises(BindError, match=f"port {port}: something listens there already"):
            late.start_serving()

    late.close()


async def test_a_new_certificate_is_for_those_who_come_and_those_who_are_in_stay(
    tmp_path: Path,
) -> None:
    path = own_certificate(tmp_path / "one")
    encryption = Encryption(path, path)
    before = encryption.fingerprint
    async with running_hall(tls=encryption) as hall:
        first = Trust(key=before, pins=Pins(tmp_path / "ann"))
        async with await connect(hall.address, name="ann", trust=first) as ann:
            path.write_bytes(own_certificate(tmp_path / "two").read_bytes())
            assert encryption.renew() is None
            now = Trust(key=encryption.fingerprint, pins=Pins(tmp_path / "bob"))
            async with await connect(hall.address, name="bob", trust=now):
                await ann.ping()
                shown = {
                    each.certificate
                    for each in hall.server.connections  # what a proof is bound to
                }
                assert shown == {before, encryption.fingerprint}


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),  # noqa: S104
        ("10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_this_machine_is_told_from_others(address: str, local: bool) -> None:
    assert is_loopback(address) == local


def test_nothing_older_than_tls_1_2_is_spoken(encryption: Encryption) -> None:
    assert encryption.context.minimum_version == ssl.TLSVersion.TLSv1_2
