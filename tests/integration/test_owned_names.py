"""Keys and passphrases over real connections: what is proved here proves nothing elsewhere."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import CommandError, Identity, Pins, Trust, connect, dial
from pychat.protocol import fingerprint, proofs
from pychat.server import limits
from pychat.server.backplane.registry import MemoryRegistry
from pychat.server.tls import Encryption
from tests.support.hall import RunningHall, running_hall
from tests.support.proving import ANN, EVE, come, greeted, public, signed
from tests.support.wire import Wire

DATA = Path(__file__).parents[1] / "data"
CERTIFICATE, KEY = DATA / "localhost.pem", DATA / "localhost.key"


async def test_a_proof_makes_a_name_ones_own(hall: RunningHall) -> None:
    _, welcome = await come(hall, ANN, "Ann")
    assert (welcome["name"], welcome["verified"]) == ("Ann", True)

    eve, error = await come(hall, EVE, "ann")
    assert error["code"] == "name-taken"
    # And now without: the same connection goes on.
    assert (await greeted(eve, name="ann"))["code"] == "name-taken"
    assert "verified" not in await greeted(eve, name="eve")
    again, welcome = await come(hall, ANN, "ann")
    assert (welcome["name"], welcome["verified"]) == ("Ann", True)
    assert [each["label"] for each in (await again.ask("keys"))["keys"]] == [""]


@pytest.mark.parametrize(
    "wrong",
    ["another challenge", "another name", "another key", "another certificate", "used before"],
)
async def test_a_proof_of_something_else_is_none(hall: RunningHall, wrong: str) -> None:
    await come(hall, ANN, "ann")
    other = await Wire.connect(hall.port)
    elsewhere = (await other.ask("challenge"))["challenge"]
    wire = await Wire.connect(hall.port)
    challenge = (await wire.ask("challenge"))["challenge"]
    match wrong:
        case "another challenge":
            proof = signed(ANN, elsewhere, "ann")
        case "another name":
            proof = signed(ANN, challenge, "anna") | {"name": "ann"}
        case "another key":
            proof = signed(EVE, challenge, "ann") | {"key": public(ANN)}
        case "another certificate":
            proof = signed(ANN, challenge, "ann", certificate=b"x" * 32)
        case _:
            proof = signed(ANN, elsewhere, "ann")
            assert (await greeted(other, **proof))["verified"]

    reply = await greeted(wire, **proof)

    assert reply["code"] == "not-allowed"
    assert (await wire.read())["code"] == "banned"


async def test_a_challenge_is_for_the_next_hello_only(hall: RunningHall) -> None:
    wire = await Wire.connect(hall.port)
    first = (await wire.ask("challenge"))["challenge"]
    second = (await wire.ask("challenge"))["challenge"]
    assert first != second

    assert (await greeted(wire, name="-bad"))["code"] == "bad-name"
    assert (await greeted(wire, **signed(ANN, second, "ann")))["code"] == "bad-request"
    third = (await wire.ask("challenge"))["challenge"]
    assert (await greeted(wire, **signed(ANN, third, "ann")))["verified"]
    assert await wire.refused("challenge") == "already-greeted"


@pytest.mark.parametrize(
    "fields",
    [
        {"key": public(ANN)},
        {"name": "ann", "key": public(ANN)},
        {"name": "ann", "key": "short", "proof": "A" * 86},
        {"name": "ann", "key": public(ANN), "proof": "short"},
        {"name": "ann", "key": "A" * 42 + "B", "proof": "A" * 86},
    ],
)
async def test_a_key_without_all_that_goes_with_it_is_a_bad_request(
    hall: RunningHall, fields: dict[str, str]
) -> None:
    wire = await Wire.connect(hall.port)
    await wire.ask("challenge")

    assert (await greeted(wire, **fields))["code"] == "bad-request"
    assert (await greeted(wire, name="bob"))["type"] == "welcome"


async def test_who_stands_in_between_cannot_pass_a_proof_on(tmp_path: Path) -> None:
    """Eve shows her own certificate and gives Ann the Hall's challenge to sign."""
    identity = Identity(tmp_path / "key")
    der = ssl.PEM_cert_to_DER_cert(CERTIFICATE.read_text())
    async with running_hall(tls=Encryption(CERTIFICATE, KEY)) as hall:
        pins = Pins(tmp_path / "known_hosts")
        trust = Trust(key=fingerprint.of_certificate(der), pins=pins)
        async with await connect(hall.address, name="ann", identity=identity, trust=trust) as ann:
            assert ann.mirror.verified
            assert (await ann.keys.list()).keys[0].key == identity.key
        raw = ssl.create_default_context(cafile=CERTIFICATE)
        eve = Wire(*await asyncio.open_connection("localhost", hall.port, ssl=raw))
        challenge = (await eve.ask("challenge"))["challenge"]
        random = proofs.read(challenge, proofs.CHALLENGE_BYTES)
        # What Ann signs where she sees Eve's certificate.
        proof = identity.prove(proofs.statement(random, b"e" * 32, "ann"))

        reply = await greeted(eve, name="ann", key=identity.key, proof=proof)

        assert reply["code"] == "not-allowed"


async def test_what_welcome_says_of_a_name_is_on_disk(tmp_path: Path) -> None:
    registry = HeldRegistry()
    async with running_hall(registry=registry) as hall:
        wire = await Wire.connect(hall.port)
        challenge = (await wire.ask("challenge"))["challenge"]
        hello = wire.command("hello", protocol=[1], client="w", **signed(ANN, challenge, "ann"))
        ping = wire.command("ping")
        await registry.asked.wait()
        assert not wire.unread

        registry.let_through(durable=True)

        assert (await wire.read())["id"] == hello
        assert (await wire.read())["id"] == ping


async def test_what_is_said_to_somebody_whose_welcome_waits_for_the_disk_follows_it() -> None:
    registry = HeldRegistry()
    async with running_hall(registry=registry) as hall:
        coming = asyncio.create_task(come(hall, EVE, "eve"))
        await registry.asked.wait()
        registry.let_through(durable=True)
        eve, _ = await coming
        registry.asked.clear()
        wire = await Wire.connect(hall.port)
        challenge = (await wire.ask("challenge"))["challenge"]
        hello = wire.command("hello", protocol=[1], client="w", **signed(ANN, challenge, "ann"))
        await registry.asked.wait()
        await eve.granted("join", room="@ann")
        said = await eve.say("@ann", "swordfish")
        assert said["type"] == "sent"

        registry.let_through(durable=True)

        assert (await wire.read())["id"] == hello
        news = await wire.event("direct")
        assert (news["name"], news["room"], news["after"]) == ("eve", said["room"], 0)


async def test_a_disk_that_is_full_keeps_nobody_out_and_is_told_to_who_changes_keys() -> None:
    registry = HeldRegistry()
    async with running_hall(registry=registry) as hall:
        coming = asyncio.create_task(come(hall, ANN, "ann"))
        await registry.asked.wait()
        registry.let_through(durable=False)
        wire, welcome = await coming
        assert welcome["verified"]

        registry.asked.clear()
        adding = wire.command("addkey", key=public(EVE), label="eve")
        await registry.asked.wait()
        registry.let_through(durable=False)

        error = await wire.reply(adding)
        assert (error["code"], error["retryable"]) == ("unavailable", True)


class HeldRegistry(MemoryRegistry):
    """Settles when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    def put(self, facts, done) -> None:  # type: ignore[no-untyped-def]
        self._done = done
        self.asked.set()

    def let_through(self, *, durable: bool) -> None:
        self._done(durable)


# -- passphrases


@contextlib.asynccontextmanager
async def with_passphrase(hall: RunningHall) -> AsyncIterator[Wire]:
    wire, _ = await come(hall, ANN, "ann")
    assert (await wire.ask("passphrase", text="correct horse"))["type"] == "ok"
    yield wire


async def test_a_passphrase_leads_to_the_name_and_a_wrong_one_does_not(hall: RunningHall) -> None:
    async with with_passphrase(hall) as ann:
        assert (await ann.ask("keys"))["passphrase"]
    right = await greeted(await Wire.connect(hall.port), name="ANN", passphrase="correct horse")
    assert (right["name"], right["verified"]) == ("ann", True)

    wrong = await Wire.connect(hall.port)
    error = await greeted(wire := wrong, name="ann", passphrase="wrong horse")
    unknown = await greeted(await Wire.connect(hall.port), name="nobody", passphrase="wrong horse")

    assert error["code"] == unknown["code"] == "wrong-password"
    assert error["text"] == unknown["text"]
    assert (await wire.read())["code"] == "wrong-password"


@pytest.mark.one_node
async def test_whether_wrong_unknown_or_locked_the_same_work_is_done(hall: RunningHall) -> None:
    async with with_passphrase(hall):
        pass
    passphrases = hall.server._proving.passphrases
    await come(hall, EVE, "eve")  # who has none
    codes: dict[str, list[str]] = {}
    for name in ("ann", "nobody", "eve"):
        for number in range(limits.ATTEMPTS + 1):
            before = passphrases.derived
            reply = await greeted(
                await Wire.connect(hall.port), name=name, passphrase=f"wrong {number}"
            )
            codes.setdefault(name, []).append(str(reply["code"]))
            assert passphrases.derived == before + 1

    expected = ["wrong-password"] * limits.ATTEMPTS + ["rate-limited"]
    assert codes == dict.fromkeys(("ann", "nobody", "eve"), expected)
    # The right one has to wait as well, and other names are not locked.
    reply = await greeted(await Wire.connect(hall.port), name="ann", passphrase="correct horse")
    assert (reply["code"], reply["retryable"]) == ("rate-limited", True)
    assert 0 < reply["retry_after"] <= 1000 * limits.ATTEMPTS_TIME


async def test_a_passphrase_has_a_least_length(hall: RunningHall) -> None:
    wire, _ = await come(hall, ANN, "ann")

    assert await wire.refused("passphrase", text="7 chars") == "bad-text"
    assert (await wire.ask("passphrase", text="8 chars."))["type"] == "ok"
    assert (await wire.ask("passphrase"))["type"] == "ok"
    assert not (await wire.ask("keys"))["passphrase"]


@pytest.mark.one_node
async def test_few_are_made_out_at_once_few_wait_and_the_rest_try_again(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCRYPT_WAITING", 1)
    bound = limits.SCRYPT_AT_ONCE + 1
    wires = [await Wire.connect(hall.port) for _ in range(bound + 1)]
    passphrases = hall.server._proving.passphrases
    free = threading.Event()

    def waits(text: str, salt: bytes) -> bytes:
        assert free.wait(30)
        return bytes(32)

    monkeypatch.setattr("pychat.server.passphrases._scrypt", waits)

    asked = [
        wire.command("hello", protocol=[1], client="w", name=f"n{number}", passphrase="wrong one")
        for number, wire in enumerate(wires)
    ]
    refused = await wires[-1].reply(asked[-1])
    assert (refused["code"], refused["retryable"]) == ("unavailable", True)
    assert passphrases.under_way == bound

    free.set()
    for wire, number in zip(wires[:-1], asked, strict=False):
        assert (await wire.reply(number))["code"] == "wrong-password"
    assert passphrases.under_way == 0


async def test_who_comes_by_a_token_waits_for_no_passphrase(hall: RunningHall) -> None:
    async with with_passphrase(hall) as ann:
        token = ann.welcome.get("resume")
    wire = await Wire.connect(hall.port)
    welcome = await greeted(wire, name="ann", passphrase="correct horse")
    before = hall.server._proving.passphrases.derived

    back = await greeted(
        await Wire.connect(hall.port),
        name="ann",
        passphrase="correct horse",
        resume=welcome["resume"],
    )

    assert back["resumed"]
    assert back["verified"]
    assert hall.server._proving.passphrases.derived == before
    assert token is None


# -- the SDK


async def test_the_sdk_comes_back_as_the_owner_after_the_server_has_forgotten_the_session(
    tmp_path: Path,
) -> None:
    identity = Identity(tmp_path / "key")
    registry = MemoryRegistry()
    async with running_hall(registry=registry) as hall:
        port = hall.port
        async with await connect(hall.address, name="ann", identity=identity) as ann:
            assert ann.mirror.verified
        async with await connect(hall.address, name="bob") as bob:
            assert not bob.mirror.verified
            with pytest.raises(CommandError, match="nobody has proved"):
                await bob.keys.list()
            with pytest.raises(CommandError) as refused:
                await bob.set_name("ann")
            assert refused.value.code == "name-taken"
    async with running_hall(registry=registry, port=port) as hall:
        async with await dial(hall.address) as dialled:
            with pytest.raises(CommandError, match="taken"):
                await dialled.hello("ann")
            again = await dialled.hello("ann", identity=identity)
        assert again.mirror.verified
        await again.keys.add(public(EVE), "phone")
        await again.keys.set_passphrase("correct horse")
        keys = await again.keys.list()
        assert ([each.label for each in keys.keys], keys.passphrase) == (["", "phone"], True)
        await again.keys.revoke(public(EVE))
        assert len((await again.keys.list()).keys) == 1
        async with await dial(hall.address) as dialled:
            other = await dialled.hello("ann", passphrase="correct horse")
            assert other.mirror.verified
            await other.quit()
        await again.quit()
