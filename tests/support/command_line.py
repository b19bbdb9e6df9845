"""What the command line of `pychat` understands."""

import functools
from typing import Any

import typer.main

from pychat.cli.program import app

_program = functools.cache(lambda: typer.main.get_command(app))


def command_of(words: list[str]) -> tuple[str, set[str]]:
    """The name of the command that these words after `pychat` begin with, and the options that it,
    or one below it, has."""
    found: Any = _program()
    for word in words:
        if word not in getattr(found, "commands", {}):
            break
        found = found.commands[word]
    return str(found.name), set(_options(found))


def _options(of: Any) -> list[str]:
    own = [name for each in of.params for name in each.opts]
    below = [_options(each) for each in getattr(of, "commands", {}).values()]
    return sum(below, own)
