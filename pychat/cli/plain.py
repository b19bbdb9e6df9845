"""`pychat tui` in lines: how its end becomes an exit code."""

from typing import TYPE_CHECKING

from pychat.cli import exits

if TYPE_CHECKING:
    from pychat.client import Address, Trust
    from pychat.tui.settings.schema import Settings

_CODES = {
    "left": 0,
    "kept out": exits.FAILED,
    "failed": exits.FAILED,
    "refused": exits.REFUSED,
    "unconfirmed": exits.UNREACHABLE,
}


def talk(
    address: "Address",
    name: str | None,
    room: str | None,
    settings: "Settings",
    trust: "Trust | None" = None,
) -> int:
    """The exit code, after whatever is to be told on standard error."""
    import typer

    from pychat.plain.start import run

    ending = run(address, name, room, trust, settings)
    for sentence in filter(None, ending.why.split("\n")):
        typer.echo(f"pychat tui: {sentence}", err=True)
    return 128 + ending.signal if ending.how == "signal" else _CODES[ending.how]
