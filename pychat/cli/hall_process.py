"""A Hall in a process of its own, for as long as a block runs."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pychat.protocol.errors import PychatError

_OPEN_SECONDS = 20.0
_STOP_SECONDS = 10.0


class HallError(PychatError):
    """`pychat serve` did not open a Hall; the text is what it said."""


@contextlib.contextmanager
def open_hall(data: Path, port: int) -> Iterator[int]:
    """Run `pychat serve` on loopback; gives the port. Raises HallError."""
    command = [sys.executable, "-m", "pychat", "serve", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(  # noqa: S603  # this very program
        [*command, "--quiet"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        yield _opened(process)
    finally:
        _stop(process)


def _opened(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    assert process.stderr is not None
    ports: queue.Queue[int | None] = queue.Queue()
    # They end with the process, whose pipes they keep empty.
    threading.Thread(target=_read_report, args=(process.stdout, ports), daemon=True).start()
    complaints: list[str] = []
    complaining = threading.Thread(target=complaints.extend, args=(process.stderr,), daemon=True)
    complaining.start()
    try:
        port = ports.get(timeout=_OPEN_SECONDS)
    except queue.Empty:
        raise HallError(f"the Hall did not open within {_OPEN_SECONDS:g} s") from None
    if port is None:
        complaining.join(_STOP_SECONDS)
        said = "".join(complaints).strip().removeprefix("pychat serve: ")
        raise HallError(said or "the Hall ended before it was open")
    return port


def _read_report(lines: IO[str], ports: "queue.Queue[int | None]") -> None:
    for line in lines:
        with contextlib.suppress(ValueError):
            fields = json.loads(line)
            if fields["event"] == "listening":
                ports.put(fields["port"])
    ports.put(None)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
