"""From `pychat serve` to its exit code: bind, open, serve, drain."""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import cast

import msgspec

from pychat import __version__
from pychat.protocol import names
from pychat.server import limits
from pychat.server.backplane.directory import SqliteDirectory
from pychat.server.backplane.interface import Backplane, LedgerError, RegistryError, Retention
from pychat.server.backplane.registry import SqliteRegistry
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.flood import FloodLimits
from pychat.server.hall import HallConfig
from pychat.server.listener import BindError, bind
from pychat.server.report import OperatorReport
from pychat.server.server import SYSTEM_CLOCK, Server
from pychat.server.tls import TlsError, server_context

DAY = 24 * 3600 * 1000
"""Milliseconds."""

_OWN_DESCRIPTORS = 100
"""Besides one for each connection: files, the loop's own, what listens."""


class ServeConfig(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    """Checked by `listener.check_host`."""
    port: int
    """0 takes any free one."""
    data: Path
    """The folder that the Hall's log is in."""
    quiet: bool = False
    flood: FloodLimits | None = None
    tls: tuple[Path, Path] | None = None
    """A certificate and its key; without them what is said crosses the network in the clear."""
    retention: Retention = Retention()


def run(config: ServeConfig) -> int:
    """Serve until SIGINT or SIGTERM; the process's exit code. Errors are told on stderr."""
    _allow_descriptors(limits.CONNECTIONS + _OWN_DESCRIPTORS)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(config))
    except (BindError, LedgerError, RegistryError, TlsError) as fault:
        print(f"pychat serve: {fault}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _allow_descriptors(count: int) -> None:
    """Many systems let a process have 1,024 until it asks for more, and that is a connection each.

    Where that many are not to be had, those who come wait until others have gone.
    """
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return cast(Callable[[], asyncio.AbstractEventLoop], uvloop.new_event_loop)


def sqlite_backplane(data: Path, retention: Retention | None = None) -> Backplane:
    """The default: files in one folder, for one process."""
    clock = SYSTEM_CLOCK.wall
    return Backplane(
        ledger=SqliteLedger(data / "hall.db", clock, retention),
        directory=SqliteDirectory(data / "sessions.db", clock),
        registry=SqliteRegistry(data / "people.db"),
        retention=retention or Retention(),
    )


def hall_config(name: str, retention: Retention | None = None) -> HallConfig:
    manual = resources.files("pychat.server").joinpath("manual.md").read_text("utf-8")
    if retention is not None and retention.bounded:
        manual = f"{manual.rstrip()}\n- {_promise(retention)}\n"
    return HallConfig(name=name, server=f"pychat/{__version__}", manual=manual)


def _promise(retention: Retention) -> str:
    """What those who join are told of how long their words stay."""
    days = (retention.max_age or 0) // DAY
    age = f"for {days:,} day{'s' * (days != 1)}" if days else ""
    most = retention.max_messages
    count = f"the last {most:,} of each room" if most else ""
    if not age:
        return f"This Hall keeps messages as long as they are {count}."
    return f"This Hall keeps messages {age}{f', and only {count}' * bool(count)}."


async def _serve(config: ServeConfig) -> None:
    stop = _stop_signal()
    report = OperatorReport(sys.stdout, quiet=config.quiet)
    server = Server(
        hall_config("pychat", config.retention),
        sqlite_backplane(config.data, config.retention),
        report,
        flood=config.flood,
    )
    tls = server_context(*config.tls) if config.tls is not None else None
    listener = await bind(server, config.host, config.port, tls)
    try:
        await server.start()
        # The first look at a name makes the table, which takes a fifth of a second.
        names.skeleton("")
        # What lives as long as the server need not be looked at by every collection.
        gc.collect()
        gc.freeze()
        await listener.start_serving()
        for sock in listener.sockets:
            host, port = sock.getsockname()[:2]
            report.listening(host, port, str(config.data))
        await stop.wait()
        listener.close()
        await server.stop()
        report.stopped()
    finally:
        listener.close()
        report.close()


def _stop_signal() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM; the second ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_soon(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop_soon, number)
    return stop
