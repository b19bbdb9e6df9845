"""What promise 2 (`sent` means durable) rests on in a cluster: how many servers of NATS have what
they acknowledge, and whether each has it on its disk by then, which clients are not told.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence

from pychat.server.backplane.checkup import Finding
from pychat.server.backplane.jetstream import monitoring, streams
from pychat.server.backplane.jetstream.link import Link, LinkError
from pychat.server.backplane.jetstream.monitoring import MonitorError, Syncing
from pychat.server.backplane.jetstream.streams import StreamInfo
from pychat.server.cluster.spans import span

_log = logging.getLogger("pychat.cluster")

START_SECONDS = 5.0
"""For all that a node asks about this when it starts."""

COPIES = 3
"""Of which a majority is there when one is not."""

MORE = f"let NATS be three servers, then: nats stream edit NAME --replicas {COPIES}"
"""What to do about too few."""

_ALWAYS = "set sync_interval: always in jetstream { … } of its configuration, and start it anew"
_ASK = (
    "ask the servers themselves: pychat doctor --cluster … --monitor http://HOST:8222,…, or "
    "cluster.monitors in the settings"
)


async def look(monitors: Sequence[str], found: Sequence[StreamInfo]) -> list[Finding]:
    """How the servers sync that have a copy of what was `found`, as far as they are monitored at
    these addresses; one that is lazy is enough to lose something."""
    if not monitors:
        text = "NATS does not tell its clients whether it has on disk what it acknowledges"
        return [Finding("warning", "sync", text, _ASK)]
    asked = await asyncio.gather(*map(_ask, monitors))
    copies = max((info.replicas for info in found), default=COPIES)
    findings = [_on_monitored(each, copies) for each in asked]
    told = {each.server for each in asked if isinstance(each, Syncing)}
    holders = {name for info in found for name in info.holders}
    findings += [
        Finding("warning", "sync", f"{name} has a copy, and nobody has told how it syncs", _ASK)
        for name in sorted(holders - told)
    ]
    return findings


async def _ask(address: str) -> Syncing | str:
    """Or why not."""
    try:
        return await monitoring.look(address)
    except MonitorError as fault:
        return str(fault)


def _on_monitored(told: Syncing | str, copies: int) -> Finding:
    if isinstance(told, str):
        advice = "correct --monitor or cluster.monitors, or turn it on: http: HOST:8222"
        return Finding("warning", "sync", told, advice)
    if not told.jetstream:
        return Finding("ok", "sync", f"{told.server} has no JetStream, and no copy of anything")
    if told.always:
        text = f"{told.server} has on disk what it acknowledges"
        return Finding("ok", "sync", text)
    if not told.interval:
        text = f"{told.server} does not tell how it syncs; its NATS is too old for that"
        return Finding("warning", "sync", text, _ALWAYS)
    when = "its power fails" if copies == 1 else "all copies lose their power at one time"
    text = (
        f"{told.server} writes to its disk for good every {span(told.interval)}: where {when}, "
        "what was acknowledged since may be gone"
    )
    return Finding("warning", "sync", text, _ALWAYS)


def on_copies(info: StreamInfo) -> str:
    """What is the matter with how many there are to be; else empty."""
    if info.replicas >= COPIES:
        return ""
    if info.replicas == 1:
        return "is on one server, and lost with it"
    return f"has {info.replicas} copies: nothing is decided while one of them is not there"


async def find(link: Link, hall: str) -> dict[str, StreamInfo | None]:
    """The Hall's streams by their names, that of the first rooms last but for other rooms'. Raises
    LinkError."""
    names = [f"{hall}-HALL", f"{hall}-SNAP", f"{hall}-ROOMS-0"]
    found = {name: await streams.find(link, name) for name in names}
    first = found[names[-1]]
    shards = int(first.metadata.get("pychat-shards", "1")) if first is not None else 1
    for shard in range(1, shards):
        name = f"{hall}-ROOMS-{shard}"
        found[name] = await streams.find(link, name)
    return found


async def report(link: Link, hall: str, monitors: Sequence[str]) -> None:
    """Say what is not as it should be, as a node that starts does."""
    try:
        async with asyncio.timeout(START_SECONDS):
            found = [info for info in (await find(link, hall)).values() if info is not None]
            findings = [*_copies(found), *await look(monitors, found)]
    except (LinkError, TimeoutError) as fault:
        why = str(fault) or "NATS did not answer in time"
        _log.warning("it is not known how durable what is said here is: %s", why)
        return
    for finding in findings:
        if finding.level != "ok":
            _log.warning("%s; %s", finding.text, finding.advice)


def _copies(found: Sequence[StreamInfo]) -> Iterator[Finding]:
    """One for all that have as few: they were made at one time."""
    told: set[int] = set()
    for info in found:
        fault = on_copies(info)
        if fault and info.replicas not in told:
            told.add(info.replicas)
            yield Finding("warning", "streams", f"the stream {info.name} {fault}", MORE)
