"""Whether it is the Hall that one means, and nobody in between, before a word is said to it.

A key that was given, or trusted before, is before all. Without one, whom the machine's authorities
vouch for by its name is believed, as on the web, and must be vouched for from then on; anybody else
is asked about once.
"""

import contextlib
import ipaddress
import ssl

import msgspec

from pychat.client.address import Address
from pychat.client.errors import ChangedKey, NoLongerVouched, UnknownKey, Untrusted
from pychat.client.pins import VOUCHED, Pins

_PROTOCOL = "pychat/1"


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """What one has in hand of a Hall before one goes there."""

    key: bytes | None = None
    """The fingerprint that its certificate must have; it is remembered once it had it."""
    new: bool = False
    """A key that is seen for the first time is trusted, and remembered."""
    tls: bool | None = None
    """None is everywhere but on this machine, where nobody is in between."""
    token: str | None = None
    """Of an invitation, which lets a stranger in; secret."""
    pins: Pins | None = None
    """What was trusted before; None is the user's own file."""


class Guard:
    """Looks at one Hall's certificate, on however many ways it is dialled."""

    def __init__(self, address: Address, trust: Trust) -> None:
        """Raises Untrusted where what is given for it makes no sense."""
        if trust.key is not None and trust.tls is False:
            raise Untrusted(f"The key of {address} can be looked at with TLS only.")
        self._address = address
        self._trust = trust
        self._pins = trust.pins or Pins()
        self._fault: Untrusted | None = None
        known = None
        try:
            known = self._pins.find(address) if trust.tls is not False else None
        except Untrusted as fault:
            self._fault = fault
        self._is_new = known is None
        self._vouched = known == VOUCHED
        self._known = known or None
        if trust.key and self._known and trust.key != self._known:
            raise ChangedKey(address, self._known, trust.key, known=True, shown=False)
        self._expected = trust.key or self._known

    def context(self, host: str) -> ssl.SSLContext | None:
        """For the first try at this address of the Hall; None is without TLS.

        Raises Untrusted where what was trusted before cannot be read, and matters.
        """
        if self._trust.tls is False:
            return None
        known = self._expected is not None or self._vouched
        if not known and self._trust.tls is None and is_loopback(host):
            return None
        if self._fault is not None:
            raise self._fault
        if known and not self._vouched:
            return bare_context()
        return _prepared(ssl.create_default_context())

    def admit_vouched(self, certificate: bytes) -> Trust:
        """The machine's authorities have vouched for who shows this one. As `admit`."""
        self._compare(certificate)
        if self._is_new:
            self._remember(VOUCHED)
        return self._trust

    def admit(self, certificate: bytes) -> Trust:
        """Nobody has vouched for who shows this one. What is to be known of it from now on, for the
        next connection; raises NoLongerVouched, ChangedKey, UnknownKey."""
        if self._vouched:
            raise NoLongerVouched(self._address, certificate)
        self._compare(certificate)
        if self._expected is None and not self._trust.new:
            raise UnknownKey(self._address, certificate)
        if self._is_new:
            self._remember(certificate)
        return msgspec.structs.replace(self._trust, key=certificate, new=False)

    def _compare(self, certificate: bytes) -> None:
        if self._expected is not None and certificate != self._expected:
            known = self._known is not None
            raise ChangedKey(self._address, self._expected, certificate, known=known, shown=True)

    def _remember(self, key: bytes) -> None:
        # Where it cannot be it holds for this session even so, and is asked about in the next.
        with contextlib.suppress(Untrusted):
            self._pins.remember(self._address, key)


def bare_context() -> ssl.SSLContext:
    """For who looks at the certificate afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _prepared(context)


def _prepared(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([_PROTOCOL])
    return context


def is_loopback(host: str) -> bool:
    """Whether what is said to this IP address stays on this machine."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)
