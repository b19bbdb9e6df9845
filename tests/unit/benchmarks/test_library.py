"""The long log is one that pychat imports."""

from io import BytesIO
from pathlib import Path

from benchmarks import library
from pychat.server.backplane.importing import import_room


def test_the_vocabulary_has_no_word_twice() -> None:
    words = library.words()
    assert len(words) == len(set(words)) == library.VOCABULARY
    assert words == library.words()


def test_the_log_is_imported_whole(tmp_path: Path) -> None:
    export = "\n".join(library.lines(200)) + "\n"
    done = import_room(tmp_path / "hall.db", BytesIO(export.encode()))
    assert (done.room, done.added) == (library.ROOM, 200)
