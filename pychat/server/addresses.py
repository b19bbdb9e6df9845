"""How many connections there are, how often they are made, and from where: one place must not take
them all, nor all of the server's time with coming and going."""

import functools
import ipaddress
from collections import Counter
from typing import NamedTuple

from pychat.server import limits
from pychat.server.attempts import Attempts


def place(address: str) -> str:
    """Where somebody comes from who may choose among addresses: all of a /64 are one."""
    places = _places(address)
    return places[-1] if places else address


def public_place(address: str) -> str:
    """The same; empty for this machine's own, from where others may be passed on as well."""
    return place(address) if _places(address) else ""


class Excess(NamedTuple):
    """Why a connection is one too many."""

    text: str
    wait: float | None = None
    """Seconds after which there may be one more; None where another has to go first."""


class Addresses:
    """Counts connections in all, by address, and by the /64 that an IPv6 address is of: whoever has
    one of those has all its addresses, though a whole team may share one as well. This machine's
    own are bounded by the number of all alone: programs may pass others on to the Hall."""

    def __init__(self) -> None:
        self.total = 0
        """Of all that were added and not taken away."""
        self._from: Counter[str] = Counter()
        self._by_address = Attempts(limits.CONNECTS_PER_ADDRESS, limits.CONNECTS_TIME)
        self._by_network = Attempts(limits.CONNECTS_PER_NETWORK, limits.CONNECTS_TIME)

    def add(self, address: str, now: float) -> Excess | None:
        """Count one more; why it is one too many, if it is. It is to be taken away again in any
        case. `address` is empty where there is none; `now` is monotonic."""
        self.total += 1
        places = _places(address)
        self._from.update(places)
        if self.total > limits.CONNECTIONS:
            return Excess(f"the Hall has its {limits.CONNECTIONS} connections; try again later")
        if not places:
            return None
        if self._from[places[0]] > limits.CONNECTIONS_PER_ADDRESS:
            most = limits.CONNECTIONS_PER_ADDRESS
            return Excess(f"your address has {most} connections; close one")
        if self._from[places[-1]] > limits.CONNECTIONS_PER_NETWORK:
            most = limits.CONNECTIONS_PER_NETWORK
            return Excess(f"your network has {most} connections; close one")
        return self._too_often(places, now)

    def _too_often(self, places: list[str], now: float) -> Excess | None:
        """Who is refused is not counted: others from there get in all the same."""
        bounds = ("address", self._by_address), ("network", self._by_network)
        for (kind, made), place in zip(bounds, places, strict=False):
            if wait := made.wait(place, now):
                return Excess(f"your {kind} connects too often; come back in {wait:.1f} s", wait)
        for (_, made), place in zip(bounds, places, strict=False):
            made.count(place, now)
        return None

    def take_away(self, address: str) -> None:
        self.total -= 1
        for place in _places(address):
            self._from[place] -= 1
            if not self._from[place]:
                del self._from[place]


@functools.lru_cache(1024)
def _places(address: str) -> list[str]:
    """What the address is counted as, the narrowest first; nothing for this machine's own."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return []
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_loopback:
        return []
    if isinstance(found, ipaddress.IPv4Address):
        return [str(found)]
    return [str(found), str(ipaddress.IPv6Network((int(found), 64), strict=False))]
