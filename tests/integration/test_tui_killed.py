"""The terminal program and the Hall as processes: what was typed survives the end of both."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, HallProcess, Lines, Serve, Start
from tests.support.terminal import OpenTerminal, Terminal

LINES = [f"line {number}" for number in range(5)]


def said(output: Lines, count: int, sender: str = "kim") -> list[str]:
    """What the next lines of `pychat tail` tell."""
    return [output.next().split(sender, 1)[1].strip(" :>") for _ in range(count)]


def in_general(terminal: OpenTerminal, hall: HallProcess, name: str = "kim") -> Terminal:
    person = terminal("tui", hall.address, "--name", name, "--room", "general")
    person.sees("this is the beginning of #general")
    return person


def test_what_is_typed_without_a_hall_arrives_once_in_order_after_both_were_killed(
    terminal: OpenTerminal, serve_process: Serve, start: Start
) -> None:
    hall = serve_process()
    first = in_general(terminal, hall)
    hall.signal(signal.SIGKILL)
    hall.end()
    first.sees("reconnecting")
    for line in LINES:
        # Lines that are there at once are taken for a paste.
        first.type(f"{line}\r")
        first.sees(line)
    first.sees(*LINES, "5 queued")
    first.kill()

    again = serve_process("--port", str(hall.port))
    tail = start("tail", again.address, "general", "-n", "50")
    second = terminal("tui", again.address, "--name", "kim")
    second.sees("You are back in #general.")

    assert said(tail.output, len(LINES)) == LINES
    second.type("\x1b1")
    second.sees(*LINES)
    second.type("the last\r")
    assert said(tail.output, 1) == ["the last"]
    assert all(second.text.count(line) == 1 for line in LINES)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_what_is_written_and_not_sent_is_there_again_at_the_next_start(
    terminal: OpenTerminal, serve_process: Serve, number: signal.Signals
) -> None:
    hall = serve_process()
    first = in_general(terminal, hall)
    first.type("half a sentence")
    first.sees("half a sentence")
    if number == signal.SIGKILL:
        # Nothing else can be asked of a program that gets no notice.
        first.keeps("*.drafts", "half a sentence")
    first.process.send_signal(number)
    first.end()

    second = terminal("tui", hall.address, "--name", "kim")
    second.sees("still there:", "You are back in #general.")
    second.type("\x1b1")
    second.sees("half a sentence")


@pytest.mark.parametrize("name", ["kim", "lee"])
def test_what_is_typed_after_a_change_of_name_is_found_under_both(
    terminal: OpenTerminal, serve_process: Serve, start: Start, name: str
) -> None:
    hall = serve_process()
    first = in_general(terminal, hall)
    first.type("/name lee\r")
    first.sees("You are now called lee")
    hall.signal(signal.SIGKILL)
    hall.end()
    first.sees("reconnecting")
    for line in LINES:
        # Lines that are there at once are taken for a paste.
        first.type(f"{line}\r")
        first.sees(line)
    first.sees(*LINES, "5 queued")
    first.kill()

    again = serve_process("--port", str(hall.port))
    tail = start("tail", again.address, "general", "-n", "50")
    second = terminal("tui", again.address, "--name", name)
    second.sees("You are back in #general.")

    assert said(tail.output, len(LINES), name) == LINES


def test_two_programs_under_two_names_keep_their_lines_apart(
    terminal: OpenTerminal, serve_process: Serve, start: Start
) -> None:
    hall = serve_process()
    people = [in_general(terminal, hall, name) for name in ("kim", "lee")]
    hall.signal(signal.SIGKILL)
    hall.end()
    for person, name in zip(people, ("kim", "lee"), strict=True):
        person.sees("reconnecting")
        person.type(f"I am {name}\r")
        person.sees("1 queued")
        person.kill()

    again = serve_process("--port", str(hall.port))
    tail = start("tail", again.address, "general", "-n", "50")
    lee = terminal("tui", again.address, "--name", "lee")
    lee.sees("You are back in #general.")
    assert said(tail.output, 1, "lee") == ["I am lee"]
    kim = terminal("tui", again.address, "--name", "kim")
    kim.sees("You are back in #general.")
    assert said(tail.output, 1, "kim") == ["I am kim"]


def test_a_terminal_that_goes_away_without_a_signal_ends_it(
    hall: HallProcess, tmp_path: Path
) -> None:
    """It went on, and looked for keys as fast as it could."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pychat", "tui", hall.address, "--name", "kim"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "HOME": str(tmp_path)},
    )
    os.close(slave)
    with process:
        painted = b""
        while b"\x1b[?1049h" not in painted:
            painted += os.read(master, 65_536)
        os.close(master)

        assert process.wait(PATIENCE) == 128 + signal.SIGHUP
