"""The characters that we draw with, and what stands for them in ASCII."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

import pychat.tui
from pychat.tui.glyphs import ASCII, in_ascii

SOURCES = sorted(Path(pychat.tui.__file__).parent.rglob("*.py"))
NOT_DRAWN = {
    # What people write is read, completed or said by these; the table itself.
    "emoji.py",
    "glyphs.py",
    "inline.py",
    "markup.py",
    "message_commands.py",
    "render.py",
    "wrap.py",
}


def drawn(tree: ast.AST) -> Iterator[str]:
    """The texts of a module, without its docstrings."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


@pytest.mark.parametrize("source", [each for each in SOURCES if each.name not in NOT_DRAWN])
def test_whatever_is_drawn_can_be_drawn_in_ascii(source: Path) -> None:
    texts = "".join(drawn(ast.parse(source.read_text(encoding="utf-8"))))

    assert {char for char in in_ascii(texts) if not char.isascii()} == set()


@pytest.mark.parametrize(("mark", "plain"), ASCII.items())
def test_it_takes_as_many_cells(mark: str, plain: str) -> None:
    assert cell_len(mark) == cell_len(plain)
    assert plain.isascii()


def test_what_people_write_is_left_as_it_is() -> None:
    assert in_ascii("zoë: 日本 👍 “ja”") == "zoë: 日本 👍 “ja”"
