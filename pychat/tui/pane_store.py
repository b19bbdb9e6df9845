"""What was chosen by F7 and F8, on disk, for each class of widths. Nothing in it raises."""

from pathlib import Path

import msgspec
import platformdirs

from pychat.client import disk
from pychat.tui.panes import Choices

_FILE_BYTES = 4_096
"""All that can be chosen takes a tenth of it; what is larger was not written by this program."""


class _Choice(msgspec.Struct):
    width: str
    pane: str
    shown: bool


class _File(msgspec.Struct):
    choices: list[_Choice]


def panes_path() -> Path:
    return platformdirs.user_state_path("pychat") / "panes.json"


def kept_choices(path: Path | None = None) -> Choices:
    """None of a file that cannot be read."""
    try:
        with (path or panes_path()).open("rb") as file:
            found = msgspec.json.decode(file.read(_FILE_BYTES), type=_File)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {(each.width, each.pane): each.shown for each in found.choices}


def keep_choices(choices: Choices, path: Path | None = None) -> None:
    path = path or panes_path()
    kept = [_Choice(width, pane, shown) for (width, pane), shown in choices.items()]
    try:
        disk.make_folder(path.parent)
        disk.put(path, msgspec.json.encode(_File(kept)))
    except OSError:
        # It is chosen again by the same key.
        return
