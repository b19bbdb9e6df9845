"""The commands of `pychat`. What a command needs is imported when it runs."""

from typing import Annotated

import typer

from pychat.cli.admin import admin
from pychat.cli.audit import audit
from pychat.cli.backup import backup
from pychat.cli.chat import chat
from pychat.cli.config import config
from pychat.cli.doctor import doctor
from pychat.cli.export import export
from pychat.cli.grant import grant
from pychat.cli.import_ import import_
from pychat.cli.invite import invite
from pychat.cli.key import key
from pychat.cli.keys import keys
from pychat.cli.rooms import rooms
from pychat.cli.send import send
from pychat.cli.serve import ServeCommand, serve
from pychat.cli.tail import tail
from pychat.cli.trust import trust
from pychat.cli.tui import tui
from pychat.cli.web import web

# Without markup typer does not load rich, and --version stays fast.
app = typer.Typer(
    name="pychat",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with `pychat chat`: it opens a Hall on this machine and goes in.",
)
everyday = (chat, serve, invite, tui, web, send, tail, rooms, trust)
for command in (*everyday, grant, audit, backup, export, doctor, keys):
    app.command(cls=ServeCommand if command is serve else None)(command)
app.command("import")(import_)
app.add_typer(config, name="config")
app.add_typer(key, name="key")
app.add_typer(admin, name="admin")


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
