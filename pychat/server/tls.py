"""TLS: from a certificate and its key to what a listener needs, also while the Hall is open."""

import re
import ssl
from pathlib import Path

from pychat.protocol import fingerprint
from pychat.protocol.errors import PychatError

HANDSHAKE = 5.0
"""Seconds from a stranger's connection to the end of its handshake."""

_PROTOCOL = "pychat/1"
"""What clients may ask for by ALPN."""

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s.+?-----END CERTIFICATE-----\s*", re.DOTALL)


class TlsError(PychatError):
    """The files are not what a server needs; the text says which and why."""


class Encryption:
    """The certificate that a Hall shows, and its key."""

    def __init__(self, certificate: Path, key: Path, *, vouched: bool = True) -> None:
        """`certificate` has the chain in PEM, the Hall's own first; both may be one file.

        `vouched` if somebody whom clients trust has signed it. Raises TlsError.
        """
        self._files = certificate, key
        self.vouched = vouched
        self.reload()

    def reload(self) -> None:
        """Read the files again, for who comes from now on. Raises TlsError, and then nothing has
        changed."""
        certificate, key = self._files
        digest = fingerprint.of_certificate(_der(certificate))
        self.context = _context(certificate, key)
        """TLS 1.2 or newer."""
        self.fingerprint = digest
        """By which clients know the Hall."""

    def renew(self) -> str | None:
        """As `reload`, with the fault as a sentence."""
        try:
            self.reload()
        except TlsError as fault:
            return f"{fault}; the certificate of before is shown on"
        return None


def _der(certificate: Path) -> bytes:
    found = _PEM.search(_read(certificate).decode(errors="replace"))
    try:
        return ssl.PEM_cert_to_DER_cert(found[0].strip()) if found else b""
    except ValueError:
        # What OpenSSL says of it is said below.
        return b""


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    _read(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([_PROTOCOL])
    try:
        # Without a password: the default would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as fault:
        reason = getattr(fault, "reason", None) or fault
        raise TlsError(
            f"{certificate} and {key} are no certificate and its key in PEM, without a password: "
            f"{reason}"
        ) from None
    return context


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise TlsError(f"{file} cannot be read: {fault.strerror}") from None
