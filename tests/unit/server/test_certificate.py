"""Which certificate a Hall shows, and what of its own is on the disk."""

import datetime
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from pychat.protocol import fingerprint
from pychat.server.certificate import FILE, encryption_of, own_certificate
from pychat.server.settings.schema import ListenSection
from pychat.server.tls import Encryption, TlsError

DATA = Path(__file__).parents[2] / "data"
GIVEN = ListenSection(certificate=str(DATA / "localhost.pem"), key=str(DATA / "localhost.key"))


def test_it_is_made_once_for_its_owner_alone_and_lasts(tmp_path: Path) -> None:
    folder = tmp_path / "new"

    made = own_certificate(folder)
    content = made.read_bytes()

    assert own_certificate(folder).read_bytes() == content
    assert [file.name for file in folder.iterdir()] == [FILE]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    certificate = x509.load_pem_x509_certificate(content)
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    lasts = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    assert lasts > datetime.timedelta(days=3_640)
    assert own_certificate(tmp_path / "other").read_bytes() != content


def test_the_fingerprint_is_that_of_the_certificate_that_is_shown(tmp_path: Path) -> None:
    path = own_certificate(tmp_path)
    certificate = x509.load_pem_x509_certificate(path.read_bytes())

    assert Encryption(path, path).fingerprint == certificate.fingerprint(SHA256())
    assert len(fingerprint.NONE) == len(certificate.fingerprint(SHA256()))


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    own_certificate(tmp_path).chmod(0o640)

    with pytest.raises(TlsError, match="chmod 600"):
        own_certificate(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(TlsError, match="cannot be made"):
        own_certificate(tmp_path / "file")


def test_half_a_file_is_told_by_name(tmp_path: Path) -> None:
    own = tmp_path / FILE
    own.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA")
    own.chmod(0o600)

    with pytest.raises(TlsError, match=r"hall\.pem"):
        encryption_of(ListenSection(), tmp_path, local=False)


@pytest.mark.parametrize(
    ("listen", "local", "encrypted", "vouched"),
    [
        (ListenSection(), True, False, None),
        (ListenSection(), False, True, False),
        (ListenSection(tls="off"), False, False, None),
        (GIVEN, True, True, False),
        (GIVEN, False, True, False),
    ],
)
def test_what_is_said_is_encrypted_wherever_others_get_in(
    tmp_path: Path, listen: ListenSection, local: bool, encrypted: bool, vouched: bool | None
) -> None:
    made = encryption_of(listen, tmp_path, local=local)

    assert (made is not None) == encrypted
    assert (made.vouched if made is not None else None) == vouched
    assert (tmp_path / FILE).exists() == (encrypted and not listen.certificate)


def test_files_are_read_anew_and_bad_ones_change_nothing(tmp_path: Path) -> None:
    path = own_certificate(tmp_path / "one")
    encryption = Encryption(path, path)
    context, before = encryption.context, encryption.fingerprint

    path.write_text("no certificate")
    fault = encryption.renew()
    assert fault is not None
    assert "the certificate of before is shown on" in fault
    assert (encryption.context, encryption.fingerprint) == (context, before)

    path.write_bytes(own_certificate(tmp_path / "two").read_bytes())
    assert encryption.renew() is None
    assert encryption.fingerprint != before
    assert encryption.context is not context
