"""Every key of the table, as terminals send it, through real ones: all of them in one go."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from pychat.tui.keymap import defaults, label
from tests.support.terminal import OpenTerminal, Terminal

KEYS = [key for keys in defaults().values() for key in keys]

CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "end": "F", "home": "H"}
TILDE = {"delete": 3, "pageup": 5, "pagedown": 6, "f5": 15, "f7": 18, "f8": 19}
PLAIN = {"f1": "\x1bOP", "f2": "\x1bOQ"}
CODES = {"enter": 13, "tab": 9, "backspace": 127, "escape": 27}
MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4, "super": 8}


def legacy(key: str) -> str | None:
    """As a terminal of old sends it; None where there is nothing to be sent."""
    *held, bare = key.split("+")
    known = _with_modifiers(held, bare)
    if known is not None or {"shift", "super"} & set(held):
        return known
    if held == ["ctrl"]:
        return chr(ord(bare) & 0x1F) if len(bare) == 1 else None
    typed = chr(CODES[bare]) if bare in CODES else bare
    return f"\x1b{typed}" if held else typed


def csi_u(key: str) -> str:
    *held, bare = key.split("+")
    known = _with_modifiers(held, bare)
    if known is not None:
        return known
    number = 1 + sum(MODIFIERS[each] for each in held)
    return f"\x1b[{CODES.get(bare) or ord(bare)};{number}u"


def _with_modifiers(held: list[str], bare: str) -> str | None:
    """What both ways have in common."""
    number = 1 + sum(MODIFIERS[each] for each in held)
    if bare in CURSOR:
        return f"\x1b[1;{number}{CURSOR[bare]}" if held else f"\x1b[{CURSOR[bare]}"
    if bare in TILDE:
        return f"\x1b[{TILDE[bare]};{number}~" if held else f"\x1b[{TILDE[bare]}~"
    return PLAIN.get(bare)


def shown(person: Terminal) -> list[str]:
    """The names of the keys that came, in whatever order and lines."""
    said = person.text.partition("Ctrl+C twice ends.")[2]
    return sorted(word for word in said.split() if word != "then")


def arrive(
    person: Terminal, sent: dict[str, str], same: Mapping[str, str] = MappingProxyType({})
) -> None:
    """`same`: as which others some arrive."""
    person.sees("Press any key")
    # An Escape at the end: before another key it would be Alt.
    last = sent.pop("escape")
    person.type("".join(sent.values()))
    expected = sorted(label(same.get(key, key)) for key in sent)
    person.until(lambda: len(shown(person)) >= len(expected))
    assert shown(person) == expected
    person.type(last)
    person.until(lambda: "Esc" in shown(person))
    person.type("\x03\x03")
    assert person.end() == 0


def test_all_keys_arrive_as_csi_u(terminal: OpenTerminal) -> None:
    arrive(terminal("keys", "--free"), {key: csi_u(key) for key in KEYS})


class InTmux(Terminal):
    folder = Path()

    def command(self, *arguments: str) -> list[str]:
        program = [sys.executable, "-m", "pychat", *arguments]
        files = ("-S", str(self.folder / "socket"), "-f", str(self.folder / "conf"))
        return ["tmux", *files, "new-session", *program]


@pytest.fixture
def in_tmux(tmp_path: Path) -> Iterator[InTmux]:
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    # A socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        InTmux.folder = Path(folder)
        (InTmux.folder / "conf").write_text(
            'set -g default-terminal "screen-256color"\n'
            "set -g status off\nset -g destroy-unattached on\n"
        )
        person = InTmux(tmp_path / "home", "keys", "--free", TMUX="")
        yield person
        person.close()


def test_all_keys_that_a_terminal_of_old_has_arrive_in_tmux(in_tmux: InTmux) -> None:
    ways = {key: legacy(key) for key in KEYS}
    sent = {key: way for key, way in ways.items() if way is not None}

    assert {key for key in KEYS if key not in sent} == {
        *("shift+enter", "ctrl+enter", "ctrl+shift+enter", "ctrl+backspace"),
        *("super+backspace", "super+x", "super+z", "super+y"),
    }
    # They delete the same.
    arrive(in_tmux, sent, {"alt+backspace": "ctrl+w"})
