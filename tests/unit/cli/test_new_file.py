"""A new file has its name when it is whole, and never takes another's."""

import stat
from pathlib import Path

import pytest
import typer

from pychat.cli.new_file import new_file


def test_it_is_private_and_gets_its_name_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new"
    with new_file("backup", path) as part:
        part.write_text("content")
        assert not path.exists()
        assert part.parent == path.parent

    assert path.read_text() == "content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(part: Path) -> None:
        part.with_name(f"{part.name}-wal").write_text("x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), new_file("backup", tmp_path / "new") as part:
        fail(part)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_left_alone(tmp_path: Path, capsys) -> None:
    path = tmp_path / "old"
    path.write_text("old")

    with pytest.raises(typer.Exit) as end, new_file("backup", path):
        pytest.fail("nothing is to be tried")

    assert end.value.exit_code == 2
    assert "is there already; choose another name" in capsys.readouterr().err
    assert path.read_text() == "old"


@pytest.mark.parametrize("links", [True, False])
def test_one_that_came_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    path = tmp_path / "raced"
    if not links:
        monkeypatch.setattr("os.link", _no_links)

    with pytest.raises(typer.Exit), new_file("backup", path):
        path.write_text("first")

    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.link", _no_links)

    with new_file("backup", tmp_path / "new") as part:
        part.write_text("content")

    assert [file.name for file in tmp_path.iterdir()] == ["new"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys) -> None:
    with pytest.raises(typer.Exit) as end, new_file("backup", tmp_path / "no" / "new"):
        pytest.fail("nothing is to be tried")

    assert end.value.exit_code == 1
    assert "cannot be written: No such file or directory" in capsys.readouterr().err


def _no_links(*_: object) -> None:
    raise OSError(1, "Operation not permitted")
