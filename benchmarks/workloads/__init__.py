"""The workloads, in the order in which they are done."""

from benchmarks.workloads.base import Workload
from benchmarks.workloads.idle import Idle
from benchmarks.workloads.pages import Pages
from benchmarks.workloads.storm import Storm
from benchmarks.workloads.talk import Talk

_PLAIN = frozenset({"pychat", "naive", "inspircd", "ngircd"})

ALL: tuple[Workload, ...] = (
    Talk("W1", "one room of 100, 10 senders with 1 message in flight", in_flight=1),
    Talk("W1d", "one room of 100, 10 senders with 8 messages in flight", in_flight=8),
    Talk(
        "W1p",
        "as W1, but receivers delay their ACKs, as they do by default",
        in_flight=1,
        plain_acks=True,
        only=_PLAIN,
    ),
    Talk(
        "W2",
        "50 rooms of 20, 2 senders each with 1 message in flight",
        rooms=50,
        members=20,
        senders=2,
        in_flight=1,
    ),
    Talk("W3", "one room of 1,000, 10 senders with 1 in flight", members=1000, in_flight=1),
    Talk("W5", "200 messages/s into a room of 100, open loop", rate=200),
    Talk("W5h", "1,000 messages/s into a room of 100, open loop", rate=1000),
    Idle("W4-5k", "5,000 connections, greeted and idle", connections=5_000),
    Idle("W4-10k", "10,000 connections, greeted and idle", connections=10_000),
    Idle("W4-5k-tls", "5,000 such connections with TLS", connections=5_000, tls=True),
    Idle("W4-10k-tls", "10,000 such connections with TLS", connections=10_000, tls=True),
    Storm("W6", "2,000 people join one room, 64 at a time", members=2_000),
    Pages("W7", "pages of 50 at random depths, and search, in 1,000,000 messages"),
)
BY_NAME = {workload.name: workload for workload in ALL}
