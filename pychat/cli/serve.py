"""`pychat serve`: open a Hall."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from pychat.cli import exits
from pychat.cli.parameters import DataFolder, data_folder, listed
from pychat.protocol import limits

_LOOPBACK = "127.0.0.1"

_TLS_MODES = ("auto", "off")


class ServeCommand(TyperCommand):
    """Has an option with one value or two, which nothing that reads command lines knows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        whole: list[str] = []
        for arg in args:
            mode = arg.removeprefix("--tls=")
            after = whole[-1:] == ["--tls"]
            if mode in _TLS_MODES and (after or mode != arg):
                whole += [mode, ""] if after else ["--tls", mode, ""]
            else:
                whole.append(arg)
        return super().parse_args(ctx, whole)


def serve(
    context: typer.Context,
    positional: Annotated[
        str | None, typer.Argument(metavar="HOST", show_default=False, help="The same as --host.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="HOST",
            show_default=False,
            help="The address to listen on; 0.0.0.0 or :: for all of this machine's.  "
            f"[default: {_LOOPBACK}, this machine only]",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port to listen on; 0 takes a free one.")
    ] = limits.DEFAULT_PORT,
    data: DataFolder = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="PYCHAT_SERVER_CONFIG",
            show_default=False,
            show_envvar=False,
            help="Settings, as `pychat config example` prints them; what is given here comes "
            "before them.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Leave what is said out of the report.")
    ] = False,
    flood: Annotated[
        str,
        typer.Option(
            metavar="BURST/RATE",
            help="What one person may say at once, and a second after that, before it is delayed; "
            "or off.",
        ),
    ] = "10/5",
    tls: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="auto|off|CERT KEY",
            show_default=False,
            help="Encrypt with the Hall's own key wherever others get in; never; or always, with "
            "the certificate and the key in these files (PEM).  [default: auto]",
        ),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            show_default=False,
            help="Show figures for Prometheus and a health check there, over HTTP.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="NATS,...",
            show_default=False,
            help="Be one node of a Hall on several machines, by these NATS servers "
            "(nats://HOST:PORT, with commas between).",
        ),
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="What this node is called.  [default: the machine's name]",
        ),
    ] = None,
    keep_days: Annotated[
        int | None,
        typer.Option(
            min=1, max=36_500, metavar="N", show_default=False, help="Let go of what is older."
        ),
    ] = None,
    keep_messages: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=limits.MAX_INTEGER,
            metavar="N",
            show_default=False,
            help="Keep only the newest so many of each room.",
        ),
    ] = None,
) -> None:
    """Open a Hall, and report who comes, who goes and what is said until Ctrl+C.

    Example: pychat serve 0.0.0.0 --data /srv/chat
    """
    if positional is not None and host is not None and positional != host:
        both = f"HOST is {positional} and --host is {host}; give one of them"
        exits.fail("serve", both, exits.USAGE)

    from pychat.server.lifecycle import run
    from pychat.server.settings.reading import ConfigError, Source

    given = {
        key: context.params[name]
        for name, key in _SETTINGS.items()
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    }
    if host is not None or positional is not None:
        given["listen.host"] = positional if host is None else host
    if data is not None:
        given["hall.data"] = str(data)
    if cluster is not None:
        given["cluster.servers"] = listed(cluster)
    if tls is not None:
        given |= _tls_settings(*tls)
    if "flood.control" in given:
        given |= _flood_settings(flood)
    source = Source(file=config, environment=os.environ, given=given)
    try:
        settings = source.read()
    except ConfigError as fault:
        exits.fail("serve", "\n  ".join(fault.faults), exits.USAGE)
    folder = Path(settings.hall.data) if settings.hall.data else None
    raise typer.Exit(run(settings, source, data_folder(folder)))


_SETTINGS = {
    "port": "listen.port",
    "quiet": "hall.quiet",
    "flood": "flood.control",
    "metrics": "metrics.listen",
    "node": "cluster.node",
    "keep_days": "keep.days",
    "keep_messages": "keep.messages",
}
"""By the parameters that set them."""


def _tls_settings(mode: str, key: str) -> dict[str, object]:
    return {"listen.certificate": mode, "listen.key": key} if key else {"listen.tls": mode}


def _flood_settings(text: str) -> dict[str, object]:
    """Ends the program if it is none."""
    from pychat.server.flood import FloodError, parse_flood

    try:
        flood = parse_flood(text)
    except FloodError as fault:
        exits.fail("serve", fault, exits.USAGE)
    if flood is None:
        return {"flood.control": False}
    return {"flood.control": True, "flood.burst": flood.burst, "flood.rate": flood.rate}
