"""Drafts on disk, beside the queue of what was said: the next program finds them, however this one
ended. It is the queue's lock that keeps another program away from the file.

A draft has not been said: it is written without waiting for the disk, so a crash of the machine
may cost the last seconds of one, and one of the program nothing.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from pychat.client import disk
from pychat.protocol.text import clean
from pychat.tui.drafts import Meant, Place

KEPT_BYTES = 1_048_576
"""Of all drafts together, as UTF-8. Those written last are kept."""

KEPT_DRAFTS = 200
"""Twice as many as a person has rooms."""

_FILE_BYTES = 8 * KEPT_BYTES
"""JSON takes six for a control character; what is larger was not written by this program."""

_Kept = tuple[dict[Place, str], dict[Place, Meant]]

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Draft(msgspec.Struct):
    room: str | None
    text: str
    meant: Meant | None = None


class _File(msgspec.Struct):
    drafts: list[_Draft]


def left_in(path: Path) -> list[Place]:
    """The places of which a file has drafts; none, if it cannot be read. It stays as it is."""
    try:
        return [draft.room for draft in _read(path) if draft.text.strip()]
    except (OSError, *_FAULTS):
        return []


class DraftStore:
    """Nothing in it raises: what goes wrong is told by `fault`."""

    def __init__(self, path: Path | None) -> None:
        """Without a path nothing is kept."""
        self.fault = ""
        """Why the drafts of before, or those of now, are not there: a sentence."""
        self.refuses = False
        """Whether the disk has refused the last writing, and is to be asked again."""
        self._path = path
        self.meant: dict[Place, Meant] = {}
        """What the drafts that were loaded are to become."""
        self._written: _Kept = ({}, {})

    def load(self) -> dict[Place, str]:
        """What the program before has left. A damaged file is put aside."""
        if self._path is None or not self._path.exists():
            return {}
        try:
            found = _read(self._path)
        except _FAULTS:
            self._put_aside(self._path)
            return {}
        except OSError as error:
            self.fault = (
                f"What you had written and not sent cannot be read in {self._path}: "
                f"{error.strerror or error}."
            )
            return {}
        texts = {draft.room: clean(draft.text) for draft in found if draft.text.strip()}
        self.meant = {
            draft.room: draft.meant
            for draft in found
            if draft.meant is not None and draft.room in texts
        }
        self._written = (dict(texts), dict(self.meant))
        return texts

    def save(
        self, texts: dict[Place, str], meant: Mapping[Place, Meant] | None = None
    ) -> list[Place]:
        """The places of which nothing is kept, since it is too much or cannot be written."""
        if self._path is None:
            return list(texts)
        kept = _within_bounds(texts)
        means = {place: each for place, each in (meant or {}).items() if place in kept}
        if (kept, means) != self._written and not self._write(self._path, kept, means):
            return list(texts)
        return [place for place in texts if place not in kept]

    def _write(self, path: Path, texts: dict[Place, str], meant: dict[Place, Meant]) -> bool:
        drafts = [_Draft(place, text, meant.get(place)) for place, text in texts.items()]
        try:
            if not drafts:
                # A full disk allows that, too: what was sent is not to come again. It proves
                # nothing about the next draft.
                path.unlink(missing_ok=True)
                self._written = (texts, meant)
                return True
            # It may have been cleared away since it was made.
            disk.make_folder(path.parent)
            disk.put(path, msgspec.json.encode(_File(drafts)))
        except (OSError, UnicodeEncodeError) as error:
            reason = disk.why(error) if isinstance(error, OSError) else error
            self.fault = f"What you write and do not send is not kept on disk: {reason} ({path})."
            self.refuses = isinstance(error, OSError)
            return False
        self.fault, self.refuses = "", False
        self._written = (texts, meant)
        return True

    def _put_aside(self, path: Path) -> None:
        aside = path.with_suffix(".damaged-drafts")
        try:
            path.replace(aside)
        except OSError:
            aside = path
        self.fault = (
            f"What you had written and not sent cannot be read: the file is damaged. It is {aside}."
        )


def _read(path: Path) -> list[_Draft]:
    if path.stat().st_size > _FILE_BYTES:
        raise msgspec.DecodeError(f"more than {_FILE_BYTES:,} bytes")
    return msgspec.json.decode(path.read_bytes(), type=_File).drafts


def _within_bounds(texts: dict[Place, str]) -> dict[Place, str]:
    kept: dict[Place, str] = {}
    left = KEPT_BYTES
    for place, text in reversed(texts.items()):
        size = len(text.encode("utf-8", "surrogatepass"))
        if size <= left and len(kept) < KEPT_DRAFTS:
            left -= size
            kept[place] = text
    return dict(reversed(kept.items()))
