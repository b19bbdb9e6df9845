"""A setting of which it is said that a change holds at once is not kept anywhere from the start."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

import pychat.server
from pychat.server import lifecycle
from pychat.server.settings.applying import deadlines, flood
from pychat.server.settings.schema import Option, Settings, Value, options

SOURCES = Path(pychat.server.__file__).parent

AT_START = ("", "__init__")
"""As a file is loaded, or a part of the server made."""

ANEW = "adopt"
"""The function that looks again at each change, whatever was kept before."""


def another(option: Option) -> Value:
    """Than its default, and one that it may be."""
    if option.kind is bool:
        return not option.default
    if option.kind is tuple:
        return ("k" * (43 if option.field == "allowed_keys" else 3),)
    if option.kind is str:
        return "another"
    least, most = option.bounds
    assert isinstance(option.default, int | float)
    return option.default + 1 if option.default + 1 <= most else least


def handed(settings: Settings) -> tuple[object, ...]:
    """What the server is told of them at each change."""
    return lifecycle._hall_config(settings), deadlines(settings), flood(settings)


def changed(option: Option) -> Settings:
    tree = msgspec.to_builtins(Settings())
    tree[option.section][option.field] = another(option)
    return msgspec.convert(tree, Settings)


@cache
def looks() -> dict[str, list[str]]:
    """In which functions each bound is looked at."""
    found: dict[str, list[str]] = {}
    for path in SOURCES.rglob("*.py"):
        if path.parent.name != "settings":
            for bound, function in _looks(ast.parse(path.read_text("utf-8")), ""):
                found.setdefault(bound, []).append(function)
    return found


def _looks(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
    for name, below in ast.iter_fields(node):
        inside = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and name == "body":
            inside = node.name
        for each in below if isinstance(below, list) else [below]:
            match each:
                case ast.Attribute(value=ast.Name(id="limits"), attr=bound):
                    yield bound, inside
                case ast.AST():
                    yield from _looks(each, inside)


AT_ONCE = [option for option in options().values() if not option.needs_restart]
LATER = [option for option in options().values() if option.needs_restart and option.bound]


@pytest.mark.parametrize("option", AT_ONCE, ids=lambda option: option.key)
def test_what_is_said_to_hold_at_once_is_handed_on_or_looked_at_when_it_is_used(
    option: Option,
) -> None:
    if handed(changed(option)) != handed(Settings()):
        return
    where = looks().get(option.bound or "", [])

    assert set(where) - set(AT_START)
    assert ANEW in where or not set(where) & set(AT_START)


@pytest.mark.parametrize("option", LATER, ids=lambda option: option.key)
def test_a_bound_that_is_said_to_hold_later_is_kept_from_the_start(option: Option) -> None:
    assert set(looks()[option.bound or ""]) & set(AT_START)
