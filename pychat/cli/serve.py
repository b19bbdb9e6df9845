"""`pychat serve`: open a Hall."""

from pathlib import Path
from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import DataFolder, data_folder
from pychat.protocol import limits

_LOOPBACK = "127.0.0.1"


def serve(
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
        tuple[Path, Path] | None,
        typer.Option(
            metavar="CERT KEY",
            show_default=False,
            help="Encrypt, with the certificate and the key in these files (PEM).",
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

    from pychat.server.backplane.interface import Retention
    from pychat.server.flood import FloodError, parse_flood
    from pychat.server.lifecycle import DAY, ServeConfig, run
    from pychat.server.listener import HostError, check_host

    given = [each for each in (positional, host, _LOOPBACK) if each is not None]
    try:
        checked = check_host(given[0])
        flood_limits = parse_flood(flood)
    except (HostError, FloodError) as fault:
        exits.fail("serve", fault, exits.USAGE)
    config = ServeConfig(
        host=checked,
        port=port,
        data=data_folder(data),
        quiet=quiet,
        flood=flood_limits,
        tls=tls,
        retention=Retention(
            max_age=keep_days * DAY if keep_days else None, max_messages=keep_messages
        ),
    )
    raise typer.Exit(run(config))
