"""`pychat`: its commands, and how it ends. What a command needs is imported when it runs."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.backup import backup
from pychat.cli.chat import chat
from pychat.cli.doctor import doctor
from pychat.cli.export import export
from pychat.cli.import_ import import_
from pychat.cli.rooms import rooms
from pychat.cli.send import send
from pychat.cli.serve import serve
from pychat.cli.tail import tail
from pychat.cli.tui import tui

# Without markup typer does not load rich, and --version stays fast.
app = typer.Typer(
    name="pychat",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with `pychat chat`: it opens a Hall on this machine and goes in.",
)
for command in (chat, serve, tui, send, tail, rooms, backup, export, doctor):
    app.command()(command)
app.command("import")(import_)


def _show_version(wanted: bool) -> None:
    if wanted:
        from pychat import __version__

        typer.echo(f"pychat {__version__}")
        raise typer.Exit


@app.callback()
def pychat(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show it and exit."),
    ] = False,
) -> None:
    """Chat rooms in the terminal that a team hosts itself with one command."""


def run() -> None:
    """The program. Ends it with one of the exit codes of `exits`, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            # A terminal that cannot show a character is no reason to stop.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app(windows_expand_args=False)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else exits.FAILED
    except OSError as fault:
        code = exits.FAILED
        typer.echo(f"pychat: {fault.strerror or fault}", err=True)
    except Exception as fault:  # noqa: BLE001  # the last boundary
        code = exits.FAILED
        _report(fault)
    sys.exit(_flushed(code))


def _report(fault: Exception) -> None:
    import traceback

    if os.environ.get("PYCHAT_TRACEBACK"):
        traceback.print_exception(fault)
        return
    where = traceback.extract_tb(fault.__traceback__)[-1]
    typer.echo(
        f"pychat: a fault of pychat's own, {fault!r} in {Path(where.filename).name}, line "
        f"{where.lineno}. Please report it; with PYCHAT_TRACEBACK=1 it tells more.",
        err=True,
    )


def _flushed(code: int) -> int:
    """What is written last fails here and not while Python shuts down."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        exits.forget_output()
    except OSError as fault:
        exits.forget_output()
        if code == 0:
            typer.echo(f"pychat: {fault.strerror}", err=True)
            return exits.FAILED
    return code
