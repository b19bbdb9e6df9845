"""Disks that do not keep what they were given."""

from pathlib import Path

_PAGE = 4096


def damage(path: Path, pages: int = 8) -> None:
    """Overwrite pages in the middle of the file."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // _PAGE * _PAGE)
        file.write(b"\xa5" * pages * _PAGE)
