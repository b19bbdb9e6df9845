"""Where somebody wants to go: an address, or a profile of config.toml, which says more."""

import msgspec

from pychat.client.address import Address, parse_address, parse_place
from pychat.client.trust import Trust
from pychat.protocol import fingerprint, limits
from pychat.tui.settings.schema import Encrypted, Profile, Settings

_TLS: dict[Encrypted, bool | None] = {"auto": None, "required": True, "off": False}


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    address: Address
    name: str | None = None
    """To be called there."""
    rooms: tuple[str, ...] = ()
    """To go into on entering; the first is opened."""
    trust: Trust = Trust()
    """What is known of the Hall besides what is remembered here."""
    profile: str = ""
    """Whose settings hold there; empty if none."""


def destination(settings: Settings, written: str, name: str | None = None) -> Destination:
    """`written` is a profile's name, HOST[:PORT] or an invitation; `name` is before the profile's.

    `settings` are as `reading` has them. Raises AddressError if it is none of them.
    """
    profile = settings.profiles.get(written)
    if profile is None:
        place = parse_place(written)
        return Destination(
            address=place.address,
            name=name,
            rooms=(place.room,) if place.room is not None else (),
            trust=Trust(key=place.key, token=place.token),
        )
    address = parse_address(profile.host)
    if profile.port is not None and address.port == limits.DEFAULT_PORT:
        address = address._replace(port=profile.port)
    return Destination(
        address=address,
        name=name or profile.name,
        rooms=profile.rooms,
        trust=_trust(profile),
        profile=written,
    )


def _trust(profile: Profile) -> Trust:
    key = None if profile.fingerprint is None else fingerprint.parse(profile.fingerprint)
    return Trust(key=key, tls=_TLS[profile.tls])
