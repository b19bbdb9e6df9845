"""Who it is that answers: vouched for, known by its key, new, changed, or not a Hall with TLS."""

import asyncio
import datetime
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import (
    ChangedKey,
    ConnectionLost,
    NoLongerVouched,
    Pins,
    Trust,
    UnknownKey,
    Unreachable,
    Untrusted,
    connect,
    parse_address,
)
from pychat.client.pins import VOUCHED
from pychat.protocol import fingerprint
from pychat.server import certificate
from pychat.server.certificate import own_certificate
from pychat.server.tls import Encryption
from tests.support.hall import RunningHall, running_hall

DATA = Path(__file__).parents[1] / "data"
CERTIFICATE, KEY = DATA / "localhost.pem", DATA / "localhost.key"


@pytest.fixture(scope="module")
def encryption(tmp_path_factory: pytest.TempPathFactory) -> Encryption:
    """A Hall's own, made by itself."""
    own = own_certificate(tmp_path_factory.mktemp("hall"))
    return Encryption(own, own, vouched=False)


@pytest.fixture
async def hall(encryption: Encryption) -> AsyncIterator[RunningHall]:
    async with running_hall(tls=encryption) as hall:
        yield hall


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    return Pins(tmp_path / "known_hosts")


async def test_a_hall_that_nobody_knows_is_told_by_its_key_before_a_word_is_said(
    hall: RunningHall, encryption: Encryption, pins: Pins
) -> None:
    with pytest.raises(UnknownKey, match=r"pychat trust 127\.0\.0\.1:\d+ --fingerprint") as told:
        await connect(hall.address, name="ann", trust=Trust(tls=True, pins=pins))

    assert told.value.key == encryption.fingerprint
    assert fingerprint.written(encryption.fingerprint) in str(told.value)
    assert pins.all() == []
    assert hall.report.notes == []


async def test_who_is_trusted_at_first_sight_is_known_from_then_on(
    hall: RunningHall, encryption: Encryption, pins: Pins
) -> None:
    first = Trust(tls=True, new=True, pins=pins)
    async with await connect(hall.address, name="ann", trust=first) as ann:
        await ann.join("tea")
        await ann.send("tea", "in secret")
    async with await connect(hall.address, name="ann", trust=Trust(pins=pins)):
        pass

    assert [pin.key for pin in pins.all()] == [encryption.fingerprint]


async def test_a_key_that_was_given_is_looked_at_and_remembered(
    hall: RunningHall, encryption: Encryption, pins: Pins
) -> None:
    written = fingerprint.written(encryption.fingerprint)
    invitation = f"pychat://{hall.address}/tea?key={written}"
    async with await connect(invitation, name="ann", trust=Trust(pins=pins)) as ann:
        assert ann.mirror.name == "ann"

    assert pins.find(parse_address(hall.address)) == encryption.fingerprint


async def test_another_key_is_a_hard_stop_with_both_and_the_way_out(
    hall: RunningHall, encryption: Encryption, pins: Pins
) -> None:
    old = bytes(range(32))
    pins.remember(parse_address(hall.address), old)

    for given in (Trust(pins=pins), Trust(new=True, pins=pins)):
        with pytest.raises(ChangedKey, match="--forget") as told:
            await connect(hall.address, name="ann", trust=given)
        assert (told.value.expected, told.value.key) == (old, encryption.fingerprint)
        assert fingerprint.written(old) in str(told.value)
        assert fingerprint.written(encryption.fingerprint) in str(told.value)
    # Not even the right one: who gives it may be the one in between.
    given = Trust(key=encryption.fingerprint, pins=pins)
    with pytest.raises(ChangedKey, match="What you were given for"):
        await connect(hall.address, name="ann", trust=given)
    assert pins.find(parse_address(hall.address)) == old
    assert hall.report.notes == []


async def test_what_was_given_is_not_remembered_where_it_is_wrong(
    hall: RunningHall, pins: Pins
) -> None:
    with pytest.raises(ChangedKey, match=r"the one that you were given.*Ask its keeper"):
        await connect(hall.address, trust=Trust(key=bytes(range(32)), pins=pins))

    assert pins.all() == []


async def test_whom_an_authority_vouches_for_needs_no_key_and_must_be_vouched_for_from_then_on(
    pins: Pins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    key = Encryption(CERTIFICATE, KEY).fingerprint
    async with running_hall(tls=Encryption(CERTIFICATE, KEY)) as hall:
        given = Trust(tls=True, pins=pins)
        async with await connect(f"localhost:{hall.port}", name="ann", trust=given):
            pass
        with pytest.raises(UnknownKey):
            await connect(f"127.1:{hall.port}", trust=given)
        address = parse_address(f"localhost:{hall.port}")
        assert [(pin.place, pin.key) for pin in pins.all()] == [(str(address), VOUCHED)]

        async with await connect(address, name="ann", trust=Trust(pins=pins)):
            pass
        with pytest.raises(ChangedKey, match="the one that you were given"):
            await connect(address, trust=Trust(key=bytes(32), pins=pins))
        monkeypatch.delenv("SSL_CERT_FILE")
        for given in (Trust(pins=pins), Trust(new=True, pins=pins), Trust(key=key, pins=pins)):
            with pytest.raises(NoLongerVouched, match="--forget"):
                await connect(address, trust=given)
    assert pins.find(address) == VOUCHED


async def test_a_file_of_no_use_keeps_nobody_out_where_nobody_can_be_in_between(
    hall: RunningHall, encryption: Encryption, pins: Pins
) -> None:
    pins.path.mkdir()
    for given in (Trust(tls=True, pins=pins), Trust(key=encryption.fingerprint, pins=pins)):
        with pytest.raises(Untrusted, match="cannot be read: Is a directory"):
            await connect(hall.address, trust=given)
    async with running_hall() as here, await connect(here.address, trust=Trust(pins=pins)):
        pass


async def test_a_certificate_that_has_expired_is_known_by_its_key_and_vouched_for_by_nobody(
    pins: Pins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "_EARLIER", datetime.timedelta(days=1_000))
    monkeypatch.setattr(certificate, "YEARS", -1)
    own = own_certificate(tmp_path / "hall")
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    expired = Encryption(own, own)
    async with running_hall(tls=expired) as hall:
        with pytest.raises(UnknownKey):
            await connect(hall.address, trust=Trust(tls=True, pins=pins))
        given = Trust(key=expired.fingerprint, pins=pins)
        async with await connect(hall.address, name="ann", trust=given):
            pass


async def test_who_comes_back_does_not_go_to_another_key(
    encryption: Encryption, pins: Pins, tmp_path: Path
) -> None:
    other = own_certificate(tmp_path)
    given = Trust(tls=True, new=True, pins=pins)
    async with running_hall(tls=encryption) as hall:
        port = hall.port
        client = await connect(hall.address, name="ann", trust=given, reconnect=True)
    pins.forget(parse_address(hall.address))
    async with running_hall(tls=Encryption(other, other), port=port) as impostor, client:
        changed = asyncio.Event()
        client.subscribe(lambda _: changed.set())
        client.reconnect_now()
        async with asyncio.timeout(50):
            while client.state != "offline":
                changed.clear()
                await changed.wait()
        assert "another key" in client.trouble
        assert impostor.report.notes == []


async def test_tls_to_a_hall_without_it_is_told_at_both_ends_and_harms_nobody(pins: Pins) -> None:
    async with running_hall() as hall, await connect(hall.address, name="bob") as bob:
        with pytest.raises(Unreachable, match=r"answers without encryption.*--no-tls"):
            await connect(hall.address, trust=Trust(tls=True, pins=pins))
        await bob.ping()


async def test_who_speaks_in_the_clear_to_a_hall_with_tls_is_told_so(hall: RunningHall) -> None:
    with pytest.raises(ConnectionLost, match="this Hall is reached with TLS only"):
        await connect(hall.address, trust=Trust(tls=False))
