"""The key of a person: made once, their own, and never half."""

import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pychat.client import Identity, IdentityError
from pychat.protocol import proofs


def test_a_key_is_made_at_first_use_and_is_the_same_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"

    first = Identity(path)

    assert not path.exists()
    assert first.key == Identity(path).key == first.key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["key"]


def test_what_it_proves_can_be_checked_by_who_has_the_public_half(tmp_path: Path) -> None:
    identity = Identity(tmp_path / "key")
    statement = proofs.statement(b"c" * 32, b"s" * 32, "Ann")

    proof = identity.prove(statement)

    public = Ed25519PublicKey.from_public_bytes(proofs.read(identity.key, proofs.KEY_BYTES))
    public.verify(proofs.read(proof, proofs.SIGNATURE_BYTES), statement)


def test_programs_that_begin_together_have_one_key(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(Identity(tmp_path / "key").key))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_file_is_what_other_programs_write_and_read(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    key = Identity(ours).key

    private = load_pem_private_key(ours.read_bytes(), password=None)

    assert isinstance(private, Ed25519PrivateKey)
    assert proofs.written(private.public_key().public_bytes_raw()) == key
    written = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert written == ours.read_bytes()
    for other in (written.replace(b"\n", b"\r\n"), written.rstrip(), b"# mine\n" + written):
        theirs.write_bytes(other)
        theirs.chmod(0o600)
        assert Identity(theirs).key == key


_OF_A_CURVE = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)
# As long as an ed25519 key, and written like one.
_TO_ENCRYPT = x25519.X25519PrivateKey.generate().private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"no key",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\n=\n-----END PRIVATE KEY-----\n",
        _OF_A_CURVE,
        _TO_ENCRYPT,
    ],
    # By name: the keys are others in each process, and their tests are to be called the same.
    ids=["nothing", "a word", "no end", "too short", "not base64", "of a curve", "to encrypt"],
)
def test_what_is_no_key_is_told_and_left_alone(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(written)
    path.chmod(0o600)

    with pytest.raises(IdentityError, match="no ed25519 key"):
        _ = Identity(path).key

    assert path.read_bytes() == written


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert Identity(path).key
    path.chmod(0o640)

    with pytest.raises(IdentityError, match="chmod 600"):
        _ = Identity(path).key


def test_where_none_can_be_made_it_is_told_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(IdentityError, match="cannot be used"):
        _ = Identity(tmp_path / "file" / "key").key
    assert os.listdir(tmp_path) == ["file"]
