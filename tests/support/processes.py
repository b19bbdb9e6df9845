"""The program in processes of its own: a Hall to talk to, and commands that are run to the end."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

PATIENCE = 60.0
"""Seconds that a process may take for anything."""

Json = dict[str, Any]


class Lines:
    """What a process writes, line by line, without ever letting it wait for a reader."""

    def __init__(self, stream: IO[str]) -> None:
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._stream = stream
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def next(self) -> str:
        """The next line. Raises EOFError at the end."""
        line = self._queue.get(timeout=PATIENCE)
        if line is None:
            self._queue.put(None)
            raise EOFError
        return line

    def rest(self) -> list[str]:
        lines = []
        try:
            while True:
                lines.append(self.next())
        except EOFError:
            return lines


class Program:
    """`pychat` with arguments, running; `at` is what stands before the command."""

    stdin = subprocess.DEVNULL

    def __init__(self, *arguments: str, at: tuple[str, ...] = (), **environment: str) -> None:
        self.process = subprocess.Popen(
            [*at, sys.executable, "-m", "pychat", *arguments],
            stdin=self.stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, **environment},
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.output = Lines(self.process.stdout)
        self.errors = Lines(self.process.stderr)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for it; its exit code."""
        return self.process.wait(PATIENCE)

    def stop(self) -> None:
        """Let nothing of it behind, in whatever state it is."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        # The threads end with what they read.
        self.output.rest()
        self.errors.rest()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()


class Piped(Program):
    """One that is told line by line what to do."""

    stdin = subprocess.PIPE

    def write(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def sees(self, text: str) -> list[str]:
        """The next lines, up to one that has this in it."""
        lines = []
        while text not in "".join(lines[-1:]):
            lines.append(self.output.next())
        return lines

    def stop(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        super().stop()


class HallProcess(Program):
    """`pychat serve` on a free port of loopback, or where the options say."""

    def __init__(self, data: Path, *options: str, at: tuple[str, ...] = ()) -> None:
        super().__init__("serve", "--port", "0", "--data", str(data), *options, at=at)
        try:
            # One of a cluster may have to tell of its engines before.
            self.listening: Json = self.report("listening")
        except BaseException as fault:
            why = "\n".join(self.errors.rest()) if isinstance(fault, EOFError) else ""
            # Nobody else knows of it yet.
            self.stop()
            if why:
                raise AssertionError(why) from None
            raise
        self.port: int = self.listening["port"]
        self.address = f"127.0.0.1:{self.port}"

    def report(self, event: str) -> Json:
        """The next line of the report that tells of this."""
        while True:
            line: Json = json.loads(self.output.next())
            if line["event"] == event:
                return line


Serve = Callable[..., HallProcess]
Start = Callable[..., Program]


@pytest.fixture
def serve_process(tmp_path: Path) -> Iterator[Serve]:
    """Opens Halls whose log is in `tmp_path / "data"`; none outlives its test."""
    halls: list[HallProcess] = []

    def serve(*options: str, at: tuple[str, ...] = ()) -> HallProcess:
        halls.append(HallProcess(tmp_path / "data", *options, at=at))
        return halls[-1]

    yield serve
    for hall in halls:
        hall.stop()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts programs; none outlives its test."""
    programs: list[Program] = []

    def start(*arguments: str, **environment: str) -> Program:
        programs.append(Program(*arguments, **environment))
        return programs[-1]

    yield start
    for program in programs:
        program.stop()


def run(*arguments: str, given: str | bytes = "") -> subprocess.CompletedProcess[str]:
    """`pychat` with arguments, run to its end with `given` on standard input."""
    raw = given if isinstance(given, bytes) else given.encode()
    done = subprocess.run(
        [sys.executable, "-m", "pychat", *arguments],
        input=raw,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def interrupt(program: Program) -> int:
    """Ctrl+C; the exit code."""
    program.signal(signal.SIGINT)
    return program.end()


def read_one_line(*arguments: str) -> tuple[str, int, str]:
    """`pychat` whose output is closed after a line: that line, the exit code, its complaints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pychat", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        process.stdout.close()
        return line, process.wait(PATIENCE), process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
