"""`pychat config check` and `example`: pychat.toml, the settings of a Hall."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pychat.cli import exits

_OTHERS = 0o077


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="pychat.toml.")],
) -> None:
    """Tell all that is wrong in a Hall's pychat.toml, and in PYCHAT_… of the environment.

    Example: pychat config check /etc/pychat/pychat.toml
    """
    from pychat.server.settings.reading import ConfigError, Source

    try:
        settings = Source(file=file, environment=os.environ).read()
    except ConfigError as fault:
        for each in fault.faults:
            typer.echo(each, err=True)
        raise typer.Exit(exits.USAGE) from None
    from pychat.server.settings.applying import changes
    from pychat.server.settings.schema import Settings
    from pychat.server.tls import Encryption, TlsError

    if settings.listen.certificate:
        try:
            Encryption(Path(settings.listen.certificate), Path(settings.listen.key))
        except TlsError as fault:
            exits.fail("config", fault, exits.FAILED)
    in_file = "PYCHAT_ACCESS_PASSWORD" not in os.environ
    if settings.access.password and in_file and file.stat().st_mode & _OTHERS:
        text = "has the Hall's password, and others on this machine may read it"
        typer.echo(f"{file} {text}: chmod 600 {file}", err=True)
    changed = changes(Settings(), settings)
    typer.echo(f"{file} is well; it changes {len(changed)} of the defaults")


def example() -> None:
    """Print a pychat.toml with every setting of a Hall, its default, unit, bounds and reason.

    Example: pychat config example > pychat.toml
    """
    from pychat.server.settings.example import example as written

    typer.echo(written(), nl=False)
