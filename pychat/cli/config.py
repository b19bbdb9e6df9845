"""`pychat config`: where config.toml is, what holds, a change of it; and a Hall's pychat.toml."""

from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.hall_config import check, example

if TYPE_CHECKING:
    from pychat.tui.settings.options import Option
    from pychat.tui.settings.schema import Settings

config = typer.Typer(
    help="See and change what is set in config.toml; look at a Hall's pychat.toml.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
config.command()(check)
config.command()(example)
Key = Annotated[str, typer.Argument(metavar="KEY", show_default=False, help="As look.theme.")]


@config.command()
def path() -> None:
    """Tell where config.toml is, or would be."""
    from pychat.tui.settings.reading import config_path

    typer.echo(config_path())


@config.command()
def show(
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", show_default=False, help="As look.theme.")
    ] = None,
) -> None:
    """Print what holds, in the form of config.toml; of one KEY with what it may be.

    Example: pychat config show look.theme
    """
    settings = _settings()
    if key is not None:
        option = _option(key)
        typer.echo(f"{key} = {_toml(option, settings)}")
        typer.echo(f"{option.help} It may be {option.allowed}.")
        return
    from pychat.tui.settings.options import all_options, key_options

    listed = list(all_options().values())
    # Behind the preset that they change.
    at = next(index for index, option in enumerate(listed, 1) if option.key == "keys.preset")
    section = ""
    for option in (*listed[:at], *key_options(), *listed[at:]):
        if option.kind == "table":
            continue
        if option.path[0] != section:
            section = option.path[0]
            typer.echo(f"[{section}]")
        typer.echo(f"{option.path[1]} = {_toml(option, settings)}")


@config.command("set")
def set_(
    key: Key,
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE", show_default=False, help="`default` takes it out of the file."
        ),
    ],
) -> None:
    """Change one option in config.toml; the rest of the file stays as it is.

    Example: pychat config set look.clock 12h
    """
    from pychat.tui.settings.options import OptionError
    from pychat.tui.settings.reading import config_path
    from pychat.tui.settings.writing import WritingError, write

    option = _option(key)
    try:
        taken = option.parse(value, _settings())
        write(config_path(), option.path, list(taken) if isinstance(taken, tuple) else taken)
    except OptionError as fault:
        exits.fail("config", fault, exits.USAGE)
    except WritingError as fault:
        exits.fail("config", fault, exits.FAILED)


def _settings() -> "Settings":
    """After whatever is to be complained of in the file."""
    from pychat.tui.settings.reading import load

    loaded = load()
    for problem in loaded.problems:
        typer.echo(f"pychat config: {problem}", err=True)
    return loaded.settings


def _option(key: str) -> "Option":
    """Ends the program if there is none of that name."""
    from pychat.tui.settings.options import find, near

    option = find(key)
    if option is None:
        exits.fail("config", near(key), exits.USAGE)
    return option


def _toml(option: "Option", settings: "Settings") -> str:
    import json

    value = option.value_in(settings)
    if option.kind == "key":
        value = ",".join(value) or "none"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
