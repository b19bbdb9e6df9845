"""A Hall behind TLS, as a client of the wire sees it."""

import asyncio
import signal
import ssl
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from pychat.protocol import fingerprint
from pychat.server import limits, tls
from pychat.server.certificate import own_certificate
from pychat.server.tls import Encryption, TlsError
from tests.support.hall import RunningHall, running_hall
from tests.support.processes import Json, Serve, run

DATA = Path(__file__).parents[1] / "data"
CERTIFICATE, KEY = DATA / "localhost.pem", DATA / "localhost.key"


@pytest.fixture
async def encrypted() -> AsyncIterator[RunningHall]:
    async with running_hall(tls=Encryption(CERTIFICATE, KEY)) as hall:
        yield hall


def trusting(**wanted: object) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=CERTIFICATE)
    for name, value in wanted.items():
        setattr(context, name, value)
    return context


class Secret:
    """One client's end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.id = 0

    async def ask(self, kind: str, **fields: object) -> Json:
        self.id += 1
        payload = msgspec.json.encode({"type": kind, "id": self.id, **fields})
        self.writer.write(struct.pack(">I", len(payload)) + payload)
        while (answer := await self.read()).get("id") != self.id:
            pass
        return answer

    async def read(self) -> Json:
        (length,) = struct.unpack(">I", await self.reader.readexactly(4))
        return msgspec.json.decode(await self.reader.readexactly(length))

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def enter(hall: RunningHall, name: str, context: ssl.SSLContext) -> Secret:
    client = Secret(*await asyncio.open_connection("localhost", hall.port, ssl=context))
    welcome = await client.ask("hello", protocol=[1], client="test", name=name)
    assert welcome["type"] == "welcome"
    return client


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_people_talk_behind_tls(encrypted, version) -> None:
    ann, bob = [
        await enter(encrypted, name, trusting(maximum_version=version)) for name in ("ann", "bob")
    ]
    for each in (ann, bob):
        assert (await each.ask("join", room="tea"))["type"] == "joined"

    for number in range(50):
        sent = await ann.ask("send", room="tea", text="x" * 8_000, nonce=str(number))
        assert sent["type"] == "sent"

    heard = []
    while len(heard) < 50:
        told = await bob.read()
        heard += [told["seq"]] if told["type"] == "message" else []
    assert heard == list(range(1, 51))
    assert (await ann.ask("quit"))["type"] == "ok"
    assert (await ann.read())["type"] == "bye"
    for each in (ann, bob):
        await each.close()


async def test_the_protocol_can_be_asked_for_by_alpn(encrypted) -> None:
    context = trusting()
    context.set_alpn_protocols(["http/1.1", "pychat/1"])
    ann = await enter(encrypted, "ann", context)

    assert ann.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "pychat/1"
    await ann.close()


async def test_who_speaks_in_the_clear_is_hung_up_on_and_harms_nobody(encrypted) -> None:
    ann = await enter(encrypted, "ann", trusting())
    reader, writer = await asyncio.open_connection("localhost", encrypted.port)
    writer.write(b"\x00\x00\x00\x02{}")

    async with asyncio.timeout(tls.HANDSHAKE / 2):
        await reader.read()

    writer.close()
    assert (await ann.ask("ping"))["type"] == "pong"
    await ann.close()


async def test_who_asks_for_less_than_tls_1_2_is_refused() -> None:
    assert Encryption(CERTIFICATE, KEY).context.minimum_version == ssl.TLSVersion.TLSv1_2


async def test_a_connection_that_breaks_leaves_its_user_lingering(encrypted) -> None:
    ann = await enter(encrypted, "ann", trusting())
    ann.writer.transport.abort()
    bob = await enter(encrypted, "bob", trusting())

    refusal = await bob.ask("name", name="ann")

    assert refusal["code"] == "name-taken"
    await bob.close()


@pytest.mark.parametrize(
    ("certificate", "key", "why"),
    [
        (DATA / "nothing.pem", KEY, "nothing.pem cannot be read: No such file"),
        (CERTIFICATE, DATA, "cannot be read: Is a directory"),
        (KEY, CERTIFICATE, "are no certificate and its key in PEM"),
        (CERTIFICATE, CERTIFICATE, "are no certificate and its key in PEM"),
    ],
)
def test_files_of_no_use_are_told_by_name(certificate: Path, key: Path, why: str) -> None:
    with pytest.raises(TlsError, match=why):
        Encryption(certificate, key)


def test_serve_says_what_is_wrong_with_a_certificate(tmp_path: Path) -> None:
    done = run("serve", "--port", "0", "--data", str(tmp_path), "--tls", str(KEY), str(KEY))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("pychat serve: ")
    assert "no certificate and its key" in done.stderr


def test_sighup_shows_a_new_certificate_and_a_bad_one_changes_nothing(
    serve_process: Serve, tmp_path: Path
) -> None:
    files = tmp_path / "hall.crt", tmp_path / "hall.key"
    for file, given in zip(files, (CERTIFICATE, KEY), strict=True):
        file.write_bytes(given.read_bytes())
    hall = serve_process("--tls", *map(str, files))
    before = hall.report("encrypted")["fingerprint"]

    files[0].write_text("no certificate")
    hall.signal(signal.SIGHUP)
    (fault,) = hall.report("reloaded")["faults"]
    assert "the certificate of before is shown on" in fault
    assert run("rooms", hall.address, "--fingerprint", before).returncode == 0

    own = own_certificate(tmp_path)
    for file in files:
        file.write_bytes(own.read_bytes())
    hall.signal(signal.SIGHUP)
    assert hall.report("reloaded")["faults"] == []
    changed = run("rooms", hall.address)
    assert changed.returncode == 4
    assert fingerprint.written(Encryption(own, own).fingerprint) in changed.stderr


def test_the_handshake_has_the_deadline_of_the_contract() -> None:
    assert tls.HANDSHAKE == 5.0
    assert limits.LOGIN > tls.HANDSHAKE
