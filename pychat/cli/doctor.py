"""`pychat doctor`: whether a Hall can be open here, and what to do if not."""

import json
import socket
import time
from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import AsJson, DataFolder, data_folder, listed
from pychat.protocol import limits

if TYPE_CHECKING:
    from pychat.server.backplane.checkup import Finding

_PATIENCE = 3.0
"""Seconds for an answer from the port."""


def doctor(
    data: DataFolder = None,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="The address that the Hall listens on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="And its port.")
    ] = limits.DEFAULT_PORT,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="NATS,...",
            show_default=False,
            help="Look at these NATS servers and the Hall in them instead (nats://HOST:PORT).",
        ),
    ] = None,
    streams: Annotated[
        str,
        typer.Option(metavar="NAME", help="What the Hall's streams there begin with."),
    ] = "pychat",
    monitor: Annotated[
        str,
        typer.Option(
            metavar="HTTP,...",
            show_default=False,
            help="Ask these servers of NATS themselves how they sync (http://HOST:8222).",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Look at programs, data folder, log, lock, port and disk, and tell what to do.

    With --cluster: at NATS, the streams, how they are synced, the snapshot and the nodes. It
    changes nothing, and the Hall may be open. Ends with 1 if there is a fault.

    Example: pychat doctor --data /srv/chat
    """
    import msgspec

    from pychat.server.backplane.checkup import check

    faulty = False
    if cluster is None:
        findings = [*check(data_folder(data)), _port(host, port)]
    else:
        findings = _in_cluster(cluster, streams, monitor)
    width = max(len(finding.about) for finding in findings)
    for finding in findings:
        faulty |= finding.level == "fault"
        if as_json:
            typer.echo(json.dumps(msgspec.to_builtins(finding)))
        else:
            typer.echo(_as_text(finding, width))
    raise typer.Exit(exits.FAILED if faulty else 0)


def _in_cluster(servers: str, streams: str, monitor: str) -> "list[Finding]":
    import asyncio
    import logging

    from pychat.server.backplane.checkup import Finding

    try:
        from pychat.server.cluster.checkup import check
    except ModuleNotFoundError as fault:
        text = f"a cluster needs the package {fault.name}"
        return [Finding("fault", "nats", text, "install pychat[cluster]")]
    # What the connection reports is among the findings.
    logging.getLogger("pychat.cluster").addHandler(logging.NullHandler())
    monitors = listed(monitor) if monitor else []
    return asyncio.run(check(listed(servers), streams, monitors))


def _as_text(finding: "Finding", width: int) -> str:
    from pychat.protocol.text import clean_line

    line = f"{finding.level:<7}  {finding.about:<{width}}  {finding.text}"
    return clean_line(f"{line}: {finding.advice}" if finding.advice else line)


def _port(host: str, port: int) -> "Finding":
    from pychat.server.backplane.checkup import Finding

    place = f"{host}, port {port}"
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            if _is_hall(connection):
                return Finding("ok", "port", f"a Hall answers at {place}")
            text = f"something that is no Hall listens at {place}"
            return Finding("fault", "port", text, "stop it, or choose another port for the Hall")
    except ConnectionRefusedError:
        return Finding("ok", "port", f"nobody listens at {place}: it is free")
    except OSError as fault:
        text = f"{place} cannot be reached: {fault.strerror or fault}"
        return Finding("warning", "port", text, "see whether --host is an address of this machine")


def _is_hall(connection: socket.socket) -> bool:
    """Asks for a protocol that no Hall speaks: so nobody comes in, and the refusal tells."""
    from pychat.protocol import codec, commands, replies
    from pychat.protocol.errors import FrameError, ProtocolError
    from pychat.protocol.framing import FrameReader

    hello = commands.Hello(id=1, protocol=[], client="pychat doctor")
    frames = FrameReader(limits.SERVER_FRAME_BYTES)
    until = time.monotonic() + _PATIENCE
    try:
        connection.sendall(codec.encode_frame(hello))
        while time.monotonic() < until and (arrived := connection.recv(4_096)):
            frames.feed(arrived)
            if (payload := frames.read()) is not None:
                return isinstance(codec.decode_server(payload), replies.Error | replies.Bye)
    except (OSError, ProtocolError, FrameError):
        pass
    return False
