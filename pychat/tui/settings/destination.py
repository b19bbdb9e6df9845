"""Where somebody wants to go: an address, or a profile of config.toml, which says more."""

import msgspec

from pychat.client.address import Address, parse_address
from pychat.protocol import limits
from pychat.tui.settings.schema import Settings


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    address: Address
    name: str | None = None
    """To be called there."""
    rooms: tuple[str, ...] = ()
    """To go into on entering; the first is opened."""
    profile: str = ""
    """Whose settings hold there; empty if none."""


def destination(settings: Settings, written: str, name: str | None = None) -> Destination:
    """`written` is a profile's name or HOST[:PORT]; `name` is before the profile's.

    Raises AddressError if it is neither.
    """
    profile = settings.profiles.get(written)
    if profile is None:
        return Destination(address=parse_address(written), name=name)
    address = parse_address(profile.host)
    if profile.port is not None and address.port == limits.DEFAULT_PORT:
        address = address._replace(port=profile.port)
    return Destination(
        address=address, name=name or profile.name, rooms=profile.rooms, profile=written
    )
