"""How many connections there are, and from where: one place must not take them all."""

import functools
import ipaddress
from collections import Counter

from pychat.server import limits


def place(address: str) -> str:
    """Where somebody comes from who may choose among addresses: all of a /64 are one."""
    places = _places(address)
    return places[-1] if places else address


def public_place(address: str) -> str:
    """The same; empty for this machine's own, from where others may be passed on as well."""
    return place(address) if _places(address) else ""


class Addresses:
    """Counts connections in all, by address, and by the /64 that an IPv6 address is of: whoever has
    one of those has all its addresses, though a whole team may share one as well."""

    def __init__(self) -> None:
        self.total = 0
        """Of all that were added and not taken away."""
        self._from: Counter[str] = Counter()

    def add(self, address: str) -> str | None:
        """Count one more; why it is one too many, if it is. It is to be taken away again in any
        case. `address` is empty where there is none."""
        self.total += 1
        places = _places(address)
        self._from.update(places)
        if self.total > limits.CONNECTIONS:
            return f"the Hall has its {limits.CONNECTIONS} connections; try again later"
        if places and self._from[places[0]] > limits.CONNECTIONS_PER_ADDRESS:
            return f"your address has {limits.CONNECTIONS_PER_ADDRESS} connections; close one"
        if places and self._from[places[-1]] > limits.CONNECTIONS_PER_NETWORK:
            return f"your network has {limits.CONNECTIONS_PER_NETWORK} connections; close one"
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
