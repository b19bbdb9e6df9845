"""Server processes: started on a free loopback port, measured by /proc, stopped by their pid."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.servers.base import Server

HOST = "127.0.0.1"
START_TIME = 30.0
"""Seconds until a server must listen."""
STOP_TIME = 10.0
"""Seconds between SIGTERM and SIGKILL."""


class ServerError(Exception):
    """The server did not start; the text says why."""


class Memory(NamedTuple):
    """Bytes."""

    rss: int
    pss: int
    """Shared pages are divided among those who share them."""


@dataclass(frozen=True)
class Running:
    server: Server
    pid: int
    port: int
    folder: Path
    started_in: float
    """Seconds until it listened."""

    def memory(self) -> Memory:
        proc = Path(f"/proc/{self.pid}")
        return Memory(_kib(proc / "status", "VmRSS:"), _kib(proc / "smaps_rollup", "Pss:"))

    def cpu(self) -> float:
        """Seconds of user and system time so far, in steps of 10 ms."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kib(file: Path, field: str) -> int:
    for line in file.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def free_port() -> int:
    """Outside of the range that the kernel takes clients' ports from, where it can be."""
    for port in range(20_000, 32_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise ServerError("no free port between 20,000 and 32,000")


@contextlib.contextmanager
def running(server: Server, data: Path | None = None, *, tls: bool = False) -> Iterator[Running]:
    """The server, listening, with its data in `data` or a folder that goes with it.

    Raises ServerError. Stops it whatever happens, Ctrl+C included.
    """
    with tempfile.TemporaryDirectory(prefix="pychat-bench-") as made:
        folder, port = Path(made), free_port()
        command = server.command(port, data or folder)
        if tls:
            command += server.tls_arguments(port, *_certificate(folder)) or []
        log = folder / "stderr.log"
        with log.open("wb") as stderr:
            # A session of its own: Ctrl+C is for us, and we stop the server.
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        try:
            started_in = _wait_until_listening(process, port, log)
            yield Running(server, process.pid, port, folder, started_in)
        finally:
            _stop(process)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """One for a day, and its key. Raises ServerError."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command = ["openssl", "req", "-x509", *curve, "-days", "1", "-subj", "/CN=localhost"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        raise ServerError(f"no certificate could be made with openssl: {fault}") from None
    return certificate, key


_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """An interrupt while Popen starts the process leaves nobody to stop it."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> float:
    begun = time.monotonic()
    while time.monotonic() < begun + START_TIME:
        if process.poll() is not None:
            tail = log.read_text("utf-8", "replace")[-500:].strip()
            raise ServerError(f"it ended with code {process.returncode}: {tail}")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return time.monotonic() - begun
        time.sleep(0.02)
    raise ServerError(f"it did not listen within {START_TIME:g} seconds")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Until it has ended: what it writes at its end would outlive its folder."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_TIME)
    except BaseException as interruption:
        process.kill()
        process.wait()
        if not isinstance(interruption, subprocess.TimeoutExpired):
            raise
