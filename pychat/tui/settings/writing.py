"""One option changed in config.toml. Everything else in the file stays as it is, comments too.

tomlkit takes as long to load as the settings to read: only what writes loads this.
"""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit.exceptions import TOMLKitError

from pychat.client import disk
from pychat.protocol.errors import PychatError
from pychat.tui.settings.reading import FILE_BYTES

_BEGINNING = "# pychat's settings. F2 in the program shows what there is; so does\n"
_BEGINNING += "# `pychat config show`.\n"


class WritingError(PychatError):
    """The file is as it was; the text says why."""


def write(path: Path, key: tuple[str, ...], value: object) -> None:
    """Set an option, or take it out of the file if `value` is None. Raises WritingError.

    It is in the place of the old file at once and whole; where that is a link, of what it leads to.
    """
    document = _read(path)
    try:
        _change(cast(MutableMapping[str, Any], document), key, value)
        written = tomlkit.dumps(document).encode()
    except (TOMLKitError, TypeError, ValueError, AttributeError) as error:
        raise WritingError(f"{'.'.join(key)} cannot be written into {path}: {error}") from None
    if len(written) > FILE_BYTES:
        raise WritingError(f"{path} would be larger than {FILE_BYTES:,} bytes")
    try:
        target = path.resolve()
        disk.make_folder(target.parent)
        disk.put(target, written, durably=True)
    except OSError as error:
        raise WritingError(f"{path} cannot be written: {disk.why(error)}") from None


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.parse(_BEGINNING)
    except (TOMLKitError, UnicodeDecodeError, RecursionError):
        raise WritingError(f"{path} is no TOML: mend it by hand, it is not overwritten") from None
    except OSError as error:
        raise WritingError(f"{path} cannot be read: {disk.why(error)}") from None


def _change(table: MutableMapping[str, Any], key: tuple[str, ...], value: object) -> None:
    *sections, name = key
    for section in sections:
        if section not in table:
            if value is None:
                return
            table[section] = tomlkit.table()
        table = table[section]
    if value is None:
        table.pop(name, None)
    elif name in table and hasattr(table[name], "trivia"):
        fresh = tomlkit.item(value)
        # What stands behind it on its line.
        fresh.trivia.comment_ws = table[name].trivia.comment_ws
        fresh.trivia.comment = table[name].trivia.comment
        table[name] = fresh
    else:
        table[name] = value
