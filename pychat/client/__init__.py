"""The client SDK: what bots, scripts and the terminal program are built on. See docs/bot.md."""

from pychat.client.address import Address, AddressError, parse_address
from pychat.client.changes import Changes, Note
from pychat.client.client import Client
from pychat.client.dialling import Dialled, connect, dial
from pychat.client.errors import (
    CommandError,
    ConnectionLost,
    FellBehind,
    OutboxError,
    Unreachable,
)
from pychat.client.mirror import Mirror
from pychat.client.outbox import Outbox, Outgoing
from pychat.client.outbox_store import OutboxStore, outbox_folder, waiting_for
from pychat.client.room_view import RoomView
from pychat.client.session import Retry

__all__ = [
    "Address",
    "AddressError",
    "Changes",
    "Client",
    "CommandError",
    "ConnectionLost",
    "Dialled",
    "FellBehind",
    "Mirror",
    "Note",
    "Outbox",
    "OutboxError",
    "OutboxStore",
    "Outgoing",
    "Retry",
    "RoomView",
    "Unreachable",
    "connect",
    "dial",
    "outbox_folder",
    "parse_address",
    "waiting_for",
]
