"""TLS: from a certificate and its key to what a listener needs."""

import ssl
from pathlib import Path

from pychat.protocol.errors import PychatError

HANDSHAKE = 5.0
"""Seconds that one may take: a stranger holds a socket no longer."""

_PROTOCOL = "pychat/1"
"""What clients may ask for by ALPN."""


class TlsError(PychatError):
    """The files are not what a server needs; the text says which and why."""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer. `certificate` has the chain in PEM, the server's own first. Raises
    TlsError."""
    for file in (certificate, key):
        try:
            file.read_bytes()
        except OSError as fault:
            raise TlsError(f"{file} cannot be read: {fault.strerror}") from None
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
