"""Real NATS servers with JetStream: one for all tests of a run, or some of a test's own."""

import contextlib
import itertools
import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

READY_SECONDS = 30.0
"""Until a server answers; one that a run of tests starts has to share the machine."""

_PROGRAM = Path(sys.executable).with_name("nats-server")

_CONFIG = """
server_name: {name}
listen: "127.0.0.1:{port}"
http: "127.0.0.1:-1"
ports_file_dir: "{folder}"
jetstream {{ store_dir: "{folder}/store", sync_interval: {sync}, max_mem: 64M, max_file: 4G }}
"""
_CLUSTER = """
cluster {{
  name: tests, listen: "127.0.0.1:{own}", routes: [{routes}]
  # A wire that a test cuts is the only way.
  no_advertise: true
}}
"""


class Engine:
    """One nats-server, on loopback, with its store in a folder of its own."""

    def __init__(
        self, folder: Path, *, name: str = "engine", cluster: tuple[int, ...] = (), sync: str
    ) -> None:
        """`cluster` are the ports of its routes, its own first."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        # One that comes back must be found where it was.
        self.port = free_port()
        config = _CONFIG.format(name=name, port=self.port, folder=folder, sync=sync)
        if cluster:
            routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in cluster)
            config += _CLUSTER.format(own=cluster[0], routes=routes)
        self._config = folder / "nats.conf"
        self._config.write_text(config)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def monitor(self) -> str:
        """Where it tells of itself, over HTTP."""
        assert self._process is not None
        ports = self._folder / f"nats-server_{self._process.pid}.ports"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            # It may be there, and be empty.
            with contextlib.suppress(OSError, ValueError):
                (address,) = json.loads(ports.read_text())["monitoring"]
                return str(address)
            time.sleep(0.02)
        raise AssertionError(f"nats-server tells no port: {self._folder}/log tells why")

    def start(self) -> None:
        """Returns at once; `wait` until it answers."""
        assert self._process is None
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(_PROGRAM), "-c", str(self._config)], stdout=log, stderr=log
            )

    def wait(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, (self._folder / "log").read_text()[-2_000:]
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as asked,
            ):
                if asked.recv(5) == b"INFO ":
                    return
            time.sleep(0.02)
        raise AssertionError(f"nats-server does not answer: {self._folder}/log tells why")

    def kill(self) -> None:
        """As a machine that is switched off would, but for what the kernel has."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
            process.wait(READY_SECONDS)


def free_port() -> int:
    """One that no outgoing connection gets while an engine is between two lives."""
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as door, contextlib.suppress(OSError):
            door.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def running(folder: Path, *, sync: str = "always") -> Iterator[Engine]:
    """One by itself."""
    engine = Engine(folder, sync=sync)
    engine.start()
    try:
        engine.wait()
        yield engine
    finally:
        engine.kill()


@contextlib.contextmanager
def three(folder: Path, *, sync: str = "always") -> Iterator[list[Engine]]:
    """A cluster; whether its streams have leaders is another matter."""
    ports = [free_port() for _ in range(3)]
    engines = [
        Engine(
            folder / f"engine{at}",
            name=f"engine{at}",
            cluster=(*ports[at:], *ports[:at]),
            sync=sync,
        )
        for at in range(3)
    ]
    try:
        for engine in engines:
            engine.start()
        for engine in engines:
            engine.wait()
        yield engines
    finally:
        for engine in engines:
            engine.kill()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One that all tests of a process share: each has a Hall of its own there.

    What it has needs no syncing: it is gone with the run.
    """
    with running(tmp_path_factory.mktemp("nats"), sync="2m") as engine:
        yield engine


_halls = itertools.count(1)


@pytest.fixture
def hall_name() -> str:
    """Of a Hall that no other test of this process has."""
    return f"hall{next(_halls)}"
