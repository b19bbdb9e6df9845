"""The servers that are measured, in the order in which a round goes through them."""

from benchmarks.servers.base import Server
from benchmarks.servers.irc import InspIRCd, NgIRCd
from benchmarks.servers.pubsub import Nats, Redis
from benchmarks.servers.pychat import Naive, Pychat
from benchmarks.servers.xmpp import Prosody

ALL: tuple[Server, ...] = (Pychat(), Naive(), InspIRCd(), NgIRCd(), Nats(), Redis(), Prosody())
BY_NAME = {server.name: server for server in ALL}
