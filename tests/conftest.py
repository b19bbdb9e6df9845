"""Fixtures that every kind of test may use.

Property tests try the same examples in every run, so that a run says something of the change and
not of chance; HYPOTHESIS_PROFILE=seeking looks for new ones.
"""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.engines import engine, hall_name
from tests.support.processes import serve_process, start

if TYPE_CHECKING:
    from tests.support.terminal import OpenTerminal

__all__ = ["engine", "hall_name", "serve_process", "start"]

# What whoever runs the tests has set is none of their business.
for variable in [name for name in os.environ if name.startswith("PYCHAT_")]:
    del os.environ[variable]
# Where this is set each of the hundreds of programs that tests start compiles pychat anew, which is
# a quarter of what it costs; so does each worker with the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ["XDG_CONFIG_HOME"] = str(Path(__file__).with_name("no-config"))

# Each app and Hall leaves cycles behind: collecting them as often as Python does by default takes a
# fifth of the whole run.
gc.set_threshold(50_000, 20, 50)

# No deadline for one example: a busy machine is no fault of it.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("seeking", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_addoption(parser: pytest.Parser) -> None:
    # Here, since options are asked of no conftest further down.
    parser.addoption(
        "--take-pictures",
        action="store_true",
        help="write the pictures in tests/tui/pictures anew, instead of comparing them",
    )
    parser.addoption(
        "--cluster",
        action="store_true",
        help="where a test takes the fixture `hall`, give it three nodes of one, each port in turn",
    )


@pytest.fixture
def terminal(tmp_path: Path) -> "Iterator[OpenTerminal]":
    """Opens terminals that share a home; none outlives its test."""
    # Here, since it cannot be imported everywhere.
    from tests.support.terminal import Terminal

    terminals: list[Terminal] = []

    def open_terminal(*arguments: str, **environment: str) -> Terminal:
        terminals.append(Terminal(tmp_path / "home", *arguments, **environment))
        return terminals[-1]

    yield open_terminal
    for each in terminals:
        each.close()
