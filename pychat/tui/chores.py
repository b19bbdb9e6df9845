"""What one asks of the program itself: a report, a room as a file, a text written elsewhere."""

import asyncio
import os
import platform
import shlex
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from textual.app import SuspendNotSupported

from pychat.client import CommandError
from pychat.protocol import limits
from pychat.protocol.text import clean
from pychat.tui import telling, wishes

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

EDITED_BYTES = 1_048_576
"""Of a file that comes back from an editor; no message is nearly as long."""

Chore = (
    wishes.Export
    | wishes.Editor
    | wishes.Disconnect
    | wishes.Alias
    | wishes.Doctor
    | wishes.Version
)


async def carry_out(hall: "HallScreen", wish: Chore) -> None:
    match wish:
        case wishes.Export():
            await _export(hall, wish.file)
        case wishes.Editor():
            await edit(hall)
        case wishes.Disconnect():
            await hall.client.disconnect()
        case wishes.Alias():
            _alias(hall, wish)
        case wishes.Doctor():
            for line in await _report(hall):
                hall.tell(line)
        case wishes.Version():
            hall.tell(_versions())
        case _:
            assert_never(wish)


# A room as a file


async def _export(hall: "HallScreen", written: str) -> None:
    from pychat.tui import exporting

    if hall.app.is_web:
        # Whoever has the page's address would write as the person who serves it.
        raise CommandError("not-allowed", "in a browser pychat writes no files; /export elsewhere")
    view = hall.client.mirror.room(hall.here or "")
    if view is None:
        raise CommandError("not-in-room", "you are in no room here; go into the one you mean first")
    try:
        path = await asyncio.to_thread(Path(written).expanduser)
        count = await exporting.export(hall.client, view, path)
    except (exporting.ExportError, RuntimeError) as error:
        # Without a home there is no `~`.
        raise CommandError("export", str(error)) from None
    hall.tell(f"{telling.messages(count)} of this room are in {path.absolute()} now.")


# A text written elsewhere


async def edit(hall: "HallScreen") -> None:
    """What is in the composer, in the editor of the person's choice; it comes back there."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="pychat-") as folder:
        path = Path(folder, "message.md")
        await asyncio.to_thread(path.write_text, hall.composer.text, "utf-8")
        try:
            # The screen is the editor's, while the connection lives on.
            with hall.app.suspend(), hall.app.batch_update():
                process = await asyncio.create_subprocess_exec(*command, str(path))
                code = await process.wait()
        except SuspendNotSupported:
            raise CommandError("editor", "this terminal cannot be lent to an editor") from None
        except OSError as error:
            why = f"{command[0]} cannot be run: {error.strerror}; set EDITOR to one that can"
            raise CommandError("editor", why) from None
        if code:
            raise CommandError("editor", f"{command[0]} ended with {code}; your text is as it was")
        text = await asyncio.to_thread(_read, path)
    hall.composer.exchange(text)
    hall.composer.focus()


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(EDITED_BYTES)
    return clean(data.decode("utf-8", "replace")).rstrip("\n")


# Words of one's own


def _alias(hall: "HallScreen", wish: wishes.Alias) -> None:
    from pychat.tui import slash
    from pychat.tui.aliases import MOST

    aliases = hall.aliases
    if not wish.word:
        known = "; ".join(f"/{word} is {meant}" for word, meant in aliases.known.items())
        hall.tell(f"{known}." if known else "You have no alias; /alias NAME /COMMAND makes one.")
    elif wish.drop:
        if aliases.drop(wish.word):
            hall.tell(f"/{wish.word} is none of your aliases any more.")
        else:
            hall.complain(f"/{wish.word} is none of your aliases; /alias lists them")
    elif not wish.meant:
        meant = aliases.known.get(wish.word)
        hall.tell(f"/{wish.word} is {meant}." if meant else f"/{wish.word} is no alias of yours.")
    elif wish.word in slash.SPELLINGS or wish.word in slash.ALIASES:
        hall.complain(f"/{wish.word} is a command already; choose another word")
    elif isinstance(mistake := slash.parse(wish.meant), slash.Mistake) and mistake.unknown:
        hall.complain(mistake.text)
    elif not aliases.put(wish.word, wish.meant):
        hall.complain(f"you have {MOST} aliases, and there can be no more: /alias -r NAME")
    else:
        hall.tell(f"/{wish.word} is {wish.meant} from now on.")
    if aliases.fault:
        hall.tell(aliases.fault)


# A report


def _versions() -> str:
    return (
        f"pychat {version('pychat')}, protocol {limits.PROTOCOL}, on Python "
        f"{platform.python_version()} with Textual {version('textual')}."
    )


async def _report(hall: "HallScreen") -> list[str]:
    """In sentences; nothing in it is secret."""
    client, size = hall.client, hall.app.size
    waits = len(client.outbox)
    environment = " ".join(
        f"{name}={os.environ[name]}"
        for name in ("TERM", "COLORTERM", "TERM_PROGRAM", "TMUX", "NO_COLOR", "SSH_TTY")
        if os.environ.get(name)
    )
    lines = [
        _versions(),
        f"Terminal of {size.width} by {size.height}, {environment or 'which tells nothing'}.",
        await _connection(hall),
        f"{telling.messages(waits)} to be sent. {hall.unkept or 'What waits is kept on disk.'}",
    ]
    from pychat.tui.settings.live import pychat_app

    app = pychat_app(hall)
    lines.append(f"Settings: {app.config_path or 'in no file'}.")
    return lines + list(app.problems)


async def _connection(hall: "HallScreen") -> str:
    client = hall.client
    if client.state != "connected":
        return f"Not connected: {client.trouble or 'you have ended it.'}"
    began = asyncio.get_running_loop().time()
    await client.ping()
    milliseconds = (asyncio.get_running_loop().time() - began) * 1000
    return f"Connected; the Hall answers within {max(1, round(milliseconds))} ms."
