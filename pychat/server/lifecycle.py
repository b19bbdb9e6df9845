"""From `pychat serve` to its exit code: bind, open, serve, drain."""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Callable
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from pychat import __version__
from pychat.protocol import names
from pychat.server import limits
from pychat.server.admin import SOCKET as ADMIN_SOCKET
from pychat.server.admin import AdminSocket
from pychat.server.backplane.directory import SqliteDirectory
from pychat.server.backplane.interface import Backplane, LedgerError, RegistryError, Retention
from pychat.server.backplane.registry import SqliteRegistry
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.certificate import encryption_of
from pychat.server.cluster.faults import ClusterError
from pychat.server.counters import Histogram
from pychat.server.hall import HallConfig
from pychat.server.inviting import invitation, leave_word, serving
from pychat.server.listener import BindError, Listener, bind, check_host, is_local
from pychat.server.reloading import Reloading
from pychat.server.report import OperatorReport
from pychat.server.server import SYSTEM_CLOCK, Server
from pychat.server.settings.applying import (
    access,
    adopt,
    deadlines,
    flood,
    operators,
    retention,
)
from pychat.server.settings.reading import Source, parse_listen
from pychat.server.settings.schema import Settings
from pychat.server.tls import TlsError

if TYPE_CHECKING:
    from pychat.server.status import StatusPage

DAY = 24 * 3600 * 1000
"""Milliseconds."""

_OWN_DESCRIPTORS = 100
"""Besides one for each connection: files, the loop's own, what listens."""


def run(settings: Settings, source: Source, data: Path) -> int:
    """Serve until SIGINT or SIGTERM; the process's exit code. Errors are told on stderr.

    `source` is where SIGHUP reads the settings anew; `data` is the folder of all that is kept.
    """
    adopt(settings)
    _allow_descriptors()
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(settings, source, data))
    except (BindError, ClusterError, LedgerError, RegistryError, TlsError) as fault:
        print(f"pychat serve: {fault}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _allow_descriptors() -> None:
    """Many systems let a process have 1,024 until it asks for more, and that is a connection each.

    Where that many are not to be had, those who come wait until others have gone.
    """
    count = limits.CONNECTIONS + _OWN_DESCRIPTORS
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
    clock, commits = SYSTEM_CLOCK.wall, Histogram()
    return Backplane(
        ledger=SqliteLedger(data / "hall.db", clock, retention, commits),
        directory=SqliteDirectory(data / "sessions.db", clock),
        registry=SqliteRegistry(data / "people.db"),
        retention=retention or Retention(),
        commits=commits,
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


async def _serve(settings: Settings, source: Source, data: Path) -> None:
    stop = _stop_signal()
    report = OperatorReport(sys.stdout, quiet=settings.hall.quiet)
    server, backplane, apply = _server(settings, report, data, stop.set)
    sockets = bind(check_host(settings.listen.host), settings.listen.port)
    encryption = encryption_of(settings.listen, data, local=is_local(sockets))
    listener = Listener(server, sockets, encryption)
    renewals = (encryption.renew,) if encryption is not None else ()
    reloading = Reloading(source, settings, apply, report, renewals)
    if not sys.stdout.isatty():
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloading.reload)
    status = _status_page(settings.metrics.listen, server, backplane.commits, listener, data)
    admin = AdminSocket(server, data / ADMIN_SOCKET, reloading.reload)
    try:
        await server.start()
        try:
            # The first look at a name makes the table, which takes a fifth of a second.
            names.skeleton("")
            # What lives as long as the server need not be looked at by every collection.
            gc.collect()
            gc.freeze()
            await admin.open()
            if status is not None:
                await status.open()
            listener.start_serving()
            _tell(report, listener, status, data)
            await stop.wait()
        finally:
            listener.close()
            admin.close()
            await server.stop()
        report.stopped()
    finally:
        listener.close()
        if status is not None:
            status.close()
        report.close()


def _tell(
    report: OperatorReport, listener: Listener, status: "StatusPage | None", data: Path
) -> None:
    """Where the Hall is reached, and how."""
    sockets, encryption = listener.sockets, listener.encryption
    for sock in sockets:
        host, port = sock.getsockname()[:2]
        report.listening(host, port, str(data))
    here = serving(sockets, encryption)
    leave_word(data, here)
    if encryption is not None:
        report.inviting(encryption.fingerprint, invitation(here))
    elif not is_local(sockets):
        text = "nothing is encrypted: all who are on the way can read what is said"
        report.fault("warning", text)
    if status is not None:
        report.watched(*status.sockets[0].getsockname()[:2])


def _server(
    settings: Settings, report: OperatorReport, data: Path, given_up: Callable[[], None]
) -> tuple[Server, Backplane, Callable[[Settings], None]]:
    """With it what it stands on, and how it takes other settings. `given_up` is called by one that
    has to be stopped. Raises ClusterError."""
    if settings.cluster.servers:
        # Here, since a Hall by itself knows nothing of the others.
        from pychat.server.cluster.opening import node_server, rules_of

        node, backplane = node_server(settings, _hall_config(settings), report, data, given_up)

        def apply(settings: Settings) -> None:
            _apply(node, settings)
            node.agree(rules_of(settings))

        return node, backplane, apply
    backplane = sqlite_backplane(data, retention(settings))
    server = Server(
        _hall_config(settings),
        backplane,
        report,
        deadlines=deadlines(settings),
        flood=flood(settings),
    )
    return server, backplane, partial(_apply, server)


def _status_page(
    listen: str, server: Server, commits: Histogram, listener: Listener, data: Path
) -> "StatusPage | None":
    """Bound already, where there is to be one. Raises BindError."""
    if not listen:
        return None
    # Here, since they load Prometheus's library, which takes as long as half of the server.
    from pychat.server.metrics import exposition
    from pychat.server.status import StatusPage

    host, port = parse_listen(listen)
    sockets = bind(check_host(host), port)
    metrics = exposition(server, commits, lambda: listener.turned_away)
    return StatusPage(sockets, metrics, lambda: server.draining, data)


def _hall_config(settings: Settings) -> HallConfig:
    return msgspec.structs.replace(
        hall_config(settings.hall.name, retention(settings)),
        linger=settings.deadlines.linger,
        access=access(settings),
        operators=operators(settings),
    )


def _apply(server: Server, settings: Settings) -> None:
    """Let these settings hold from now on, as far as that can be."""
    adopt(settings)
    _allow_descriptors()
    server.reconfigure(_hall_config(settings), deadlines(settings), flood(settings))


def _stop_signal() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM, or as the terminal is closed that the report is on; the
    second ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_soon(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)

    hanging_up = (signal.SIGHUP,) if sys.stdout.isatty() else ()
    for number in (signal.SIGINT, signal.SIGTERM, *hanging_up):
        loop.add_signal_handler(number, stop_soon, number)
    return stop
