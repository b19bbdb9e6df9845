"""The client SDK: what bots, scripts and the terminal program are built on. See docs/bot.md."""

from pychat.client.address import Address, AddressError, Place, parse_address, parse_place
from pychat.client.changes import Changes, Note
from pychat.client.client import Client
from pychat.client.dialling import Dialled, connect, dial, known_password
from pychat.client.errors import (
    ChangedKey,
    CommandError,
    ConnectionLost,
    FellBehind,
    NoLongerVouched,
    OutboxError,
    UnknownKey,
    Unreachable,
    Untrusted,
)
from pychat.client.identity import Identity, IdentityError
from pychat.client.mirror import Mirror
from pychat.client.outbox import Outbox, Outgoing
from pychat.client.outbox_store import OutboxStore, outbox_folder, waiting_for
from pychat.client.pins import Pin, Pins
from pychat.client.room_view import RoomView
from pychat.client.session import Retry
from pychat.client.trust import Trust

__all__ = [
    "Address",
    "AddressError",
    "ChangedKey",
    "Changes",
    "Client",
    "CommandError",
    "ConnectionLost",
    "Dialled",
    "FellBehind",
    "Identity",
    "IdentityError",
    "Mirror",
    "NoLongerVouched",
    "Note",
    "Outbox",
    "OutboxError",
    "OutboxStore",
    "Outgoing",
    "Pin",
    "Pins",
    "Place",
    "Retry",
    "RoomView",
    "Trust",
    "UnknownKey",
    "Unreachable",
    "Untrusted",
    "connect",
    "dial",
    "known_password",
    "outbox_folder",
    "parse_address",
    "parse_place",
    "waiting_for",
]
