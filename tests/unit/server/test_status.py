"""Metrics and health over HTTP: what is told, to whom, and what a stranger can make of it."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pychat.server import status
from pychat.server.backplane.disk import DiskSpeed
from pychat.server.counters import Histogram
from pychat.server.listener import bind
from pychat.server.metrics import exposition
from pychat.server.status import StatusPage
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Wire


class Desk:
    def __init__(self, hall: RunningHall, folder: Path) -> None:
        self.hall = hall
        self.closing = False
        self.commits = Histogram()
        self.folder = folder
        sockets = bind("127.0.0.1", 0)
        self.turned_away = {"said nothing": 3}
        metrics = exposition(hall.server, self.commits, lambda: self.turned_away)
        self.page = StatusPage(sockets, metrics, lambda: self.closing, folder)
        self.port: int = sockets[0].getsockname()[1]

    async def send(self, request: bytes) -> tuple[str, bytes]:
        """Status line and body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        try:
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        except ConnectionResetError:
            head, body = b"", b""
        writer.close()
        return head.partition(b"\r\n")[0].decode(), body

    async def get(self, path: str) -> tuple[str, bytes]:
        return await self.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    async def metrics(self) -> dict[str, float]:
        head, body = await self.get("/metrics")
        assert head == "HTTP/1.1 200 OK"
        samples = (
            sample
            for family in text_string_to_metric_families(body.decode())
            for sample in family.samples
        )
        return {sample.name + "".join(sample.labels.values()): sample.value for sample in samples}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with running_hall() as hall:
        desk = Desk(hall, tmp_path)
        await desk.page.open()
        yield desk
        desk.page.close()


async def test_what_happens_is_counted_and_nobody_is_named(desk: Desk) -> None:
    before = await desk.metrics()
    ada = await Wire.member(desk.hall.port, "ada-of-the-names", "secret-room")
    bob = await Wire.member(desk.hall.port, "bob", "secret-room")
    await ada.say("secret-room", "hidden words")
    assert await bob.refused("join", room="secret-room") == "already-in-room"
    ada.send_bytes(b"\x00\x00\x00\x02[]")
    assert (await ada.event("error"))["code"] == "bad-request"
    await bob.ask("quit")
    await bob.bye()
    await bob.close()
    await ada.drain()

    after = await desk.metrics()

    told = {name: after[name] - before.get(name, 0) for name in after if "pychat" in name}
    changed = {name: value for name, value in told.items() if value and "lag" not in name}
    assert {name: value for name, value in changed.items() if "created" not in name} == {
        "pychat_connections": 1,
        "pychat_users": 1,
        "pychat_rooms": 1,
        "pychat_accepted_connections_total": 2,
        "pychat_commits_total": 1,
        "pychat_events_total": 1,
        "pychat_deliveries_total": 2,
        "pychat_refusals_totalalready-in-room": 1,
        "pychat_refusals_totalbad-request": 1,
        "pychat_closings_totalquit": 1,
    }
    assert after["pychat_turned_away_totalsaid nothing"] == 3
    assert after["process_resident_memory_bytes"] > 0
    text = (await desk.get("/metrics"))[1]
    for secret in (b"ada", b"bob", b"secret", b"hidden"):
        assert secret not in text
    await ada.close()


async def test_how_long_things_took_is_told_in_buckets(desk: Desk) -> None:
    disk = DiskSpeed(0.0, desk.commits)
    for seconds in (0.0005, 0.001, 0.002, 11.0):
        disk.took(seconds)

    told = await desk.metrics()

    assert [told[f"pychat_commit_seconds_bucket{bound}"] for bound in ("0.001", "0.003")] == [2, 3]
    assert told["pychat_commit_seconds_bucket10.0"] == 3
    assert told["pychat_commit_seconds_bucket+Inf"] == told["pychat_commit_seconds_count"] == 4
    assert told["pychat_commit_seconds_sum"] == pytest.approx(11.0035)
    assert told["pychat_loop_lag_seconds_count"] >= 1


async def test_a_hall_is_well_until_its_disk_takes_nothing_or_it_closes(desk: Desk) -> None:
    assert await desk.get("/healthz") == ("HTTP/1.1 200 OK", b'{"status": "ok", "faults": []}')

    desk.folder.rmdir()
    head, body = await desk.get("/healthz?verbose")
    assert head == "HTTP/1.1 503 Service Unavailable"
    assert json.loads(body)["faults"] == [
        "the data folder takes no file: No such file or directory"
    ]

    desk.folder.mkdir()
    desk.closing = True
    assert json.loads((await desk.get("/healthz"))[1])["faults"] == ["the Hall is closing"]


async def test_a_disk_that_is_stuck_is_told_after_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "PROBE_SECONDS", 0.05)
    stuck = asyncio.get_running_loop().create_future()
    desk.page._probe._asking = stuck

    faults = json.loads((await desk.get("/healthz"))[1])["faults"]

    assert faults == ["the disk has not taken a small file within 0.05 s"]
    assert not stuck.cancelled()


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"),
        (b"GET /metrics/../etc/passwd HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
        (b"HEAD /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK"),
        (b"\x16\x03\x01\xff\r\n\r\n", "HTTP/1.1 404 Not Found"),
        (b"\r\n\r\n", "HTTP/1.1 404 Not Found"),
    ],
)
async def test_nothing_but_the_two_pages_is_to_be_had(
    desk: Desk, request_: bytes, answer: str
) -> None:
    head, body = await desk.send(request_)

    assert head == answer
    assert not body if request_.startswith(b"HEAD") else body


async def test_a_request_may_have_so_many_bytes_and_no_more(desk: Desk) -> None:
    line, end = b"GET /healthz HTTP/1.1\r\nX: ", b"\r\n\r\n"
    room = status.REQUEST_BYTES - len(line + end)

    assert await desk.send(line + b"x" * room + end) == (
        "HTTP/1.1 200 OK",
        b'{"status": "ok", "faults": []}',
    )
    assert await desk.send(line + b"x" * (room + 1) + end) == ("", b"")


async def test_who_asks_for_nothing_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "REQUEST_SECONDS", 0.05)

    assert await desk.send(b"GET /metrics HTTP/1.1\r\n") == ("", b"")


async def test_so_many_are_answered_at_one_time_and_no_more(desk: Desk) -> None:
    waiting = [
        await asyncio.open_connection("127.0.0.1", desk.port) for _ in range(status.AT_ONE_TIME - 1)
    ]
    assert (await desk.get("/healthz"))[0] == "HTTP/1.1 200 OK"
    waiting.append(await asyncio.open_connection("127.0.0.1", desk.port))

    assert await desk.get("/healthz") == ("", b"")

    for _, writer in waiting:
        writer.close()


async def test_closed_it_leaves_nothing_open(tmp_path: Path) -> None:
    async with running_hall() as hall:
        desk = Desk(hall, tmp_path)
        await desk.page.open()
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)

        desk.page.close()

        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        with socket.socket() as sock, pytest.raises(ConnectionRefusedError):
            sock.connect(("127.0.0.1", desk.port))
