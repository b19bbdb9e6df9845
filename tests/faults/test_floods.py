"""What floods of strangers do to two who talk meanwhile: all that they say arrives, and about as
soon as before; the server's memory and the lateness of its loop are bounded.

The times are told, and not held against a bound: they are also those of whatever else the machine
does. What the server itself has spent is told beside them.
"""

import json
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.flooding import CROWD, RATE, SECONDS, SLOW
from tests.support.processes import PATIENCE, HallProcess, Serve
from tests.support.procfs import MIB, resident
from tests.support.talkers import PATIENCE as HEARD_WITHIN

Measured = Callable[[str], None]

DATA = Path(__file__).parents[1] / "data"
TLS = ("--tls", str(DATA / "localhost.pem"), str(DATA / "localhost.key"))

ROUNDS = 3
CALM = 5.0
"""Seconds."""

SPOKEN = 100
"""Messages a second."""

GROWTH = 150
"""MiB, of whatever kind the flood is; 10,000 connections have 15 KiB each."""

GROWTH_TLS = 240
"""With TLS 24: OpenSSL takes 19 KiB for a handshake that has begun."""

LATE = 0.3
"""Seconds. Nothing that the server does keeps its loop for so long; a busy machine may."""

NOTICED = 0.03
"""Seconds: of the bounds that the server counts by the next below 50 ms, which one may feel."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


class Flood(NamedTuple):
    kind: str
    tls: bool
    settles: float = 1.0
    """Seconds until none of it is left but sessions that linger."""


FLOODS = {
    "100 connects a second": Flood("connects", tls=False),
    "100 connects a second with TLS": Flood("connects", tls=True),
    "1,000 logins at once": Flood("logins", tls=False),
    "1,000 logins at once with TLS": Flood("logins", tls=True),
    "1,000 logins at once with passphrases": Flood("passphrases", tls=False),
    "10,000 slow connections": Flood("slow", tls=False, settles=8),
    "10,000 slow connections with TLS": Flood("slow", tls=True, settles=8),
}


class Pair:
    """Two who talk all the time."""

    def __init__(self, port: int, tls: bool) -> None:
        command = (sys.executable, "-m", "tests.support.talkers", str(port), str(int(tls)))
        self._process = subprocess.Popen(
            [*command, str(SPOKEN)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def taken(self) -> list[float]:
        """Seconds that each message took since it was asked before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        taken: list[float] = json.loads(self._process.stdout.readline())
        assert max(taken) < HEARD_WITHIN, "not all that was said has arrived"
        return taken

    def stop(self) -> None:
        self._process.communicate()


class Watched:
    """What the server itself says and spends."""

    def __init__(self, hall: HallProcess) -> None:
        self._pid = hall.process.pid
        self._url = f"http://127.0.0.1:{hall.report('watched')['port']}/metrics"

    @property
    def loop_seconds(self) -> float:
        """Of the processor, by the thread of its loop."""
        stat = Path(f"/proc/{self._pid}/task/{self._pid}/schedstat")
        return int(stat.read_text().split()[0]) / 1e9

    @property
    def memory(self) -> float:
        """MiB."""
        return resident(self._pid) / MIB

    def ticks(self) -> dict[float, int]:
        """How many ticks of the loop were so late at most, by seconds."""
        with urllib.request.urlopen(self._url, timeout=PATIENCE) as page:  # noqa: S310  # its own
            lines = page.read().decode().splitlines()
        found = [line for line in lines if line.startswith("pychat_loop_lag_seconds_bucket")]
        return {float(line.split('"')[1]): int(float(line.split()[1])) for line in found}


@pytest.fixture
def pairs() -> Iterator[Callable[[int, bool], Pair]]:
    started: list[Pair] = []

    def start(port: int, tls: bool) -> Pair:
        started.append(Pair(port, tls))
        return started[-1]

    yield start
    for pair in started:
        pair.stop()


def come(flood: Flood, port: int) -> dict[str, int]:
    """All of it; what became of them."""
    command = (sys.executable, "-m", "tests.support.flooding", flood.kind, "127.0.0.1", str(port))
    done = subprocess.run([*command, str(int(flood.tls))], stdout=subprocess.PIPE, check=True)
    answers: dict[str, int] = json.loads(done.stdout)
    return answers


def p99(taken: list[float]) -> float:
    """Milliseconds."""
    return 1000 * sorted(taken)[len(taken) * 99 // 100]


@pytest.mark.parametrize("name", FLOODS)
def test_those_who_talk_meanwhile_are_heard(
    serve_process: Serve,
    pairs: Callable[[int, bool], Pair],
    measured: Measured,
    name: str,
) -> None:
    flood = FLOODS[name]
    tls = TLS if flood.tls else ()
    watch = ("--metrics", "127.0.0.1:0")
    hall = serve_process("--quiet", "--flood", "off", *watch, *tls)
    watched, pair = Watched(hall), pairs(hall.port, flood.tls)
    calm: list[float] = []
    flooded: list[float] = []
    spent: list[float] = []
    ratios: list[float] = []
    before, lags = watched.memory, Counter[float]()
    for _ in range(ROUNDS):
        pair.taken()
        began = watched.loop_seconds
        time.sleep(CALM)
        calm.append(p99(pair.taken()))
        a_second = (watched.loop_seconds - began) / CALM
        began, since, ticks = watched.loop_seconds, time.monotonic(), watched.ticks()
        answers = come(flood, hall.port)
        flooded.append(p99(pair.taken()))
        lasted = time.monotonic() - since
        spent.append(watched.loop_seconds - began - a_second * lasted)
        now = watched.ticks()
        lags.update({bound: now[bound] - ticks[bound] for bound in now})
        ratios.append(flooded[-1] / calm[-1])
        time.sleep(flood.settles)
    grown = watched.memory - before
    every = lags[float("inf")]
    each = 1e6 * statistics.median(spent) / _number(flood)
    measured(
        f"{name}: others' p99 {statistics.median(calm):.1f} ms in calm and "
        f"{statistics.median(flooded):.1f} ms then (ratios "
        f"{', '.join(f'{ratio:.2f}' for ratio in ratios)}); {each:.0f} us of the loop for each; "
        f"{grown:.1f} MiB; {every - lags[NOTICED]} of {every} ticks of the loop later than "
        f"{1000 * NOTICED:.0f} ms; {answers}"
    )
    assert grown < (GROWTH_TLS if flood.tls else GROWTH)
    late = every - lags[LATE]
    assert late <= ROUNDS, f"{late} ticks were later than {LATE} s"


def _number(flood: Flood) -> int:
    return {"connects": RATE * SECONDS, "slow": SLOW}.get(flood.kind, CROWD)
