"""Who proves over a real connection, key by key, that a name is theirs."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pychat.protocol import fingerprint, proofs
from tests.support.hall import RunningHall
from tests.support.wire import Wire

ANN, EVE = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def public(key: Ed25519PrivateKey) -> str:
    return proofs.written(key.public_key().public_bytes_raw())


def signed(
    key: Ed25519PrivateKey, challenge: str, name: str, certificate: bytes = fingerprint.NONE
) -> dict[str, str]:
    """What goes into `hello`."""
    random = proofs.read(challenge, proofs.CHALLENGE_BYTES)
    proof = key.sign(proofs.statement(random, certificate, name))
    return {"name": name, "key": public(key), "proof": proofs.written(proof)}


async def come(
    hall: RunningHall, key: Ed25519PrivateKey, name: str
) -> tuple[Wire, dict[str, object]]:
    """A connection, and what `hello` with a good proof got."""
    wire = await Wire.connect(hall.port)
    challenge = (await wire.ask("challenge"))["challenge"]
    return wire, await greeted(wire, **signed(key, challenge, name))


async def greeted(wire: Wire, **fields: object) -> dict[str, object]:
    return await wire.ask("hello", protocol=[1], client="wire", **fields)
