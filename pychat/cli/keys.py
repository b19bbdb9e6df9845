"""`pychat keys`: what this terminal sends for the keys that pychat has."""

from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.terminal import on_terminal


def keys(
    free: Annotated[
        bool, typer.Option("--free", help="Show whatever is pressed, until Ctrl+C twice.")
    ] = False,
) -> None:
    """Try the keys: which of them arrive from this terminal, and what to press instead.

    Asks for one key after the other and prints a table at the end.

    Example: pychat keys
    """
    if not on_terminal():
        exits.fail("keys", "this is no terminal; there are no keys to try", exits.USAGE)
    from pychat.tui.key_test import KeyTest
    from pychat.tui.own_keys import keymap_of
    from pychat.tui.settings.reading import load

    test = KeyTest(keymap_of(load().settings.keys), free=free)
    typer.echo(test.run() or "")
