"""Which certificate a Hall shows: one from files, or its own, made when it first opens to others.

Clients know the Hall by its own, so a new one makes them all stop and ask. Nobody vouches for it:
it is shown when the Hall opens, and compared or passed on by people.
"""

import contextlib
import datetime
import os
import sys
from pathlib import Path

from pychat.server.backplane.database import sync_folder
from pychat.server.settings.schema import ListenSection
from pychat.server.tls import Encryption, TlsError

FILE = "hall.pem"
"""In the data folder: the key and its certificate."""

YEARS = 10
"""Until it expires, for clients that look at that; pychat's own know it by its fingerprint."""

_EARLIER = datetime.timedelta(days=1)
"""It is valid that much before it is made: for clients whose clock is behind."""

_OTHERS = 0o077


def encryption_of(listen: ListenSection, data: Path, *, local: bool) -> Encryption | None:
    """None where it is not wanted, and by itself where nobody but this machine gets in.

    Raises TlsError.
    """
    if listen.certificate:
        given = Path(listen.certificate)
        return Encryption(given, Path(listen.key), vouched=not _is_self_signed(given))
    if local or listen.tls == "off":
        return None
    own = own_certificate(data)
    return Encryption(own, own, vouched=False)


def _is_self_signed(path: Path) -> bool:
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        return certificate.issuer == certificate.subject
    except (OSError, ValueError):
        # It is told better by who needs more of it than this.
        return False


def own_certificate(data: Path) -> Path:
    """The file with the Hall's key and certificate; made if there is none. Raises TlsError."""
    path = data / FILE
    try:
        if not path.exists():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            _put(path, _new())
        _check_mode(path)
    except OSError as fault:
        raise TlsError(f"{path} cannot be made: {fault.strerror}") from None
    return path


def _check_mode(path: Path) -> None:
    if sys.platform != "win32" and path.stat().st_mode & _OTHERS:
        raise TlsError(
            f"{path} has the Hall's key, and others on this machine may read it: "
            f"chmod 600 {path}, or delete it for a new key if somebody has"
        )


def _put(path: Path, content: bytes) -> None:
    """Whole, durable and for its owner alone; what another process has just put there stays."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
    sync_folder(path.parent)


def _new() -> bytes:
    """A key on P-256 and a certificate that it has signed itself, in PEM."""
    # Here, since it takes a fifth of a second to load.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pychat")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + datetime.timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)
