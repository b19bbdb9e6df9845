"""Whatever is on a command line everybody on the machine can see by `ps`: no secret goes there."""

from collections.abc import Iterator

import click
import typer.main

from pychat.cli.program import app

SECRET = ("password", "passphrase", "secret", "token", "private")


def options(command: click.Command, path: str = "pychat") -> Iterator[tuple[str, click.Parameter]]:
    for each in command.params:
        yield f"{path} {each.opts[0]}", each
    for name, below in getattr(command, "commands", {}).items():
        yield from options(below, f"{path} {name}")


def test_no_option_takes_a_secret() -> None:
    found = dict(options(typer.main.get_command(app)))
    assert "pychat serve --port" in found

    taking = {
        name: " ".join(each.opts).lower()
        for name, each in found.items()
        if not getattr(each, "is_flag", False)
    }
    assert [name for name, own in taking.items() if any(word in own for word in SECRET)] == []
