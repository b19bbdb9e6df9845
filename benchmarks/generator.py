"""The load generator: compiled from benchmarks/load when its sources change, run once a load."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

SOURCES = Path(__file__).parent / "load"
BUILD = Path(__file__).parent / "build"
SLACK = 30.0
"""Seconds that a load may take beyond its warm-up and its window, until it is given up."""

Report = dict[str, Any]


class LoadError(Exception):
    """The load did not run to its end; the text says why."""


def missing() -> str | None:
    """Why the generator cannot be made on this machine."""
    if not Path("/proc/self/stat").exists():
        return "the load generator uses epoll and /proc, which only Linux has"
    if shutil.which("cc") is None:
        return "there is no C compiler called cc, and the load generator is written in C"
    return None


def build() -> Path:
    """The program, compiled if need be. Raises LoadError with what the compiler said."""
    program = BUILD / "load"
    sources = sorted(SOURCES.glob("*.c"))
    newest = max(each.stat().st_mtime for each in [*sources, *SOURCES.glob("*.h")])
    if program.exists() and program.stat().st_mtime >= newest:
        return program
    BUILD.mkdir(exist_ok=True)
    command = ["cc", "-O2", "-Wall", "-Wextra", "-o", str(program), *map(str, sources)]
    # TLS where OpenSSL's headers are; else all but the workloads with TLS.
    with_tls = [*command, "-DWITH_TLS", "-lssl", "-lcrypto"]
    if subprocess.run(with_tls, capture_output=True, check=False).returncode == 0:
        return program
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LoadError(f"the load generator does not compile: {done.stderr[-2000:]}")
    return program


def arguments(mode: str, **options: float | str) -> list[str]:
    """in_flight=1 becomes --in-flight 1."""
    words = [mode]
    for name, value in options.items():
        words += ["--" + name.replace("_", "-"), str(value)]
    return words


def run(mode: str, limit: float, **options: float | str) -> Report:
    """One load from its beginning to its end, within `limit` seconds. Raises LoadError."""
    command = [str(build()), *arguments(mode, limit=int(limit), **options)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    return _report(done.stdout, done.returncode, limit)


@contextlib.contextmanager
def held(limit: float, **options: float | str) -> Iterator[Report]:
    """Idle connections, open as long as the context is. Raises LoadError."""
    command = [str(build()), *arguments("idle", limit=int(limit), **options)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            yield _report(line, process.wait() if not line else 0, limit)
        finally:
            process.kill()


def _report(output: bytes, code: int, limit: float) -> Report:
    if not output.strip():
        late = f"it did not end within {limit:g} seconds" if code == -14 else f"it ended by {code}"
        raise LoadError(late)
    report = cast(Report, json.loads(output))
    if "error" in report:
        raise LoadError(report["error"])
    return report
