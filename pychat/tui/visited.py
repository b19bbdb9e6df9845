"""The Halls that one was in last, for `pychat tui` without a host. Nothing in it raises."""

from pathlib import Path

import msgspec
import platformdirs

from pychat.client import Address, disk
from pychat.client.address import AddressError, parse_address

KEPT = 10
"""Halls; the last is the first."""

_FILE_BYTES = 16_384
"""Ten of the longest names that DNS has, many times over."""


class _File(msgspec.Struct):
    halls: list[str]


def visited_path() -> Path:
    return platformdirs.user_state_path("pychat") / "visited.json"


def visited(path: Path | None = None) -> list[Address]:
    """Those of a file that cannot be read are forgotten."""
    try:
        with (path or visited_path()).open("rb") as file:
            halls = msgspec.json.decode(file.read(_FILE_BYTES), type=_File).halls
        return [parse_address(hall) for hall in halls[:KEPT]]
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, AddressError):
        return []


def remember(address: Address, path: Path | None = None) -> None:
    path = path or visited_path()
    before = visited(path)
    halls = [address, *(each for each in before if each != address)][:KEPT]
    if halls == before:
        return
    try:
        disk.make_folder(path.parent)
        disk.put(path, msgspec.json.encode(_File([str(each) for each in halls])))
    except OSError:
        # It is asked for next time, as it was the first time.
        return
