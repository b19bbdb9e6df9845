"""`pychat tui` as most people write it, without the library that reads the command line.

That takes as long to load as all screens of pychat. Whatever is written otherwise, and whatever is
to be complained of, is left to it: `pychat.cli.tui` says what the command is.
"""

import gc
from collections.abc import Sequence

from pychat.cli.terminal import can_draw


def tui(arguments: Sequence[str]) -> int | None:
    """The exit code; None where nothing was done, since this is not for here to understand."""
    host: str | None
    name: str | None = None
    match arguments:
        case ["tui"]:
            host = None
        case ["tui", host]:
            pass
        case ["tui", host, "--name", str(name)] | ["tui", "--name", str(name), host]:
            pass
        case _:
            return None
    if (host or "").startswith("-") or (name or "").startswith("-") or not can_draw():
        return None
    # What is loaded from here on stays, 100,000 objects and more: each look at them takes 40 ms.
    gc.set_threshold(250_000, 50, 1_000)

    from pychat.client import AddressError
    from pychat.tui.settings.destination import destination
    from pychat.tui.settings.reading import load

    loaded = load()
    try:
        where = None if host is None else destination(loaded.settings, host, name)
    except AddressError:
        return None

    from pychat.tui.start import run

    return run(where, loaded)
