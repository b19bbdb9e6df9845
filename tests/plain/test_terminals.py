"""Plain mode on a terminal of its own: keys go in, and nothing is drawn but the line below all."""

import asyncio
import re
import signal
from pathlib import Path

import pytest

from tests.support.fake_hall import FakeHall
from tests.support.harm import harm
from tests.support.processes import HallProcess, Serve, run
from tests.support.terminal import OpenTerminal, Terminal

ALLOWED = re.compile(rb"\x1b\[K|\x1b\[\d+C|\x1b\[\?2004[hl]")
"""Erase the line, go right in it, and have pastes marked: no more is done to a terminal."""


@pytest.fixture
def hall(serve_process: Serve) -> HallProcess:
    return serve_process()


def in_tea(terminal: OpenTerminal, hall: HallProcess, **environment: str) -> Terminal:
    person = terminal(
        "tui", hall.address, "--plain", "--name", "kim", "--room", "tea", **environment
    )
    person.sees("Nothing was said here yet.")
    return person


def lines(person: Terminal) -> list[str]:
    return [line.rstrip() for line in person.text.splitlines() if line.strip()]


def test_what_is_written_stays_below_what_arrives(
    terminal: OpenTerminal, hall: HallProcess
) -> None:
    kim = in_tea(terminal, hall)
    kim.type("half a sent")
    kim.sees("#tea> half a sent")
    run("send", hall.address, "tea", "kim, are you there?", "--name", "ada")
    kim.sees("ada left", "#tea> half a sent")

    assert lines(kim)[-1] == "#tea> half a sent"
    assert lines(kim)[-3].startswith("* ada: kim, are you there? (1, ")
    kim.type("ence\x1b[D\x1b[D\x1b[DX\r")
    kim.sees("kim: half a senteXnce (2, ", "#tea>")
    assert lines(kim)[-1] == "#tea>"
    assert kim.painted.count(b"\a") == 1
    assert b"\x1b" not in ALLOWED.sub(b"", kim.painted)


def test_tab_completes_a_paste_is_one_message_and_up_brings_it_back(
    terminal: OpenTerminal, hall: HallProcess
) -> None:
    kim = in_tea(terminal, hall)
    kim.type("/jo\tdev\r")
    kim.sees("#dev>")
    kim.type("/re\t")
    kim.sees("/react, /reconnect, /release, /reply, /retry")
    kim.type("\x15")
    kim.paste("one\ntwo")
    kim.sees("#dev> one␤two")
    kim.type("\r")
    kim.sees("kim: one (1, ", "\n  two")
    kim.type("\x1b[A\r")
    kim.sees("kim: one (2, ")


def test_the_name_is_asked_for_until_one_is_free(
    terminal: OpenTerminal, hall: HallProcess, tmp_path: Path
) -> None:
    in_tea(terminal, hall)
    # Somebody else, who has another key.
    other = terminal("tui", hall.address, "--plain", XDG_STATE_HOME=str(tmp_path / "other"))
    other.sees("What should people call you?", "Name:")
    other.type("no name\r")
    other.sees("Not this name: ")
    other.type("KIM\r")
    other.sees("the name 'KIM' is taken", "Enter takes KIM2.")
    other.type("\r")
    other.sees("You are KIM2 in ")


@pytest.mark.parametrize(("key", "code"), [("ctrl+c", 128 + signal.SIGINT), ("ctrl+d", 0)])
def test_ctrl_c_and_ctrl_d_leave_with_the_terminal_as_it_was(
    terminal: OpenTerminal, hall: HallProcess, key: str, code: int
) -> None:
    import termios

    kim = in_tea(terminal, hall)
    # A terminal makes a signal of Ctrl+C; this one is nobody's controlling terminal.
    assert termios.tcgetattr(kim._master)[3] & termios.ISIG
    if key == "ctrl+c":
        kim.process.send_signal(signal.SIGINT)
    else:
        kim.type("\x04")

    assert kim.end() == code
    modes = termios.tcgetattr(kim._master)
    assert modes[3] & termios.ICANON
    assert modes[3] & termios.ECHO
    assert modes[0] & termios.ICRNL
    assert kim.painted.rstrip().endswith(b"\x1b[?2004l")
    assert hall.report("went")["name"] == "kim"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_what_is_written_and_not_sent_is_in_the_line_again_at_the_next_start(
    terminal: OpenTerminal, hall: HallProcess, number: signal.Signals
) -> None:
    kim = in_tea(terminal, hall)
    kim.type("half a sentence")
    kim.sees("half a sentence")
    if number == signal.SIGKILL:
        kim.keeps("*.drafts", "half a sentence")
    kim.process.send_signal(number)
    kim.end()

    again = terminal("tui", hall.address, "--plain", "--name", "kim", "--room", "tea")
    again.sees("still there: #tea", "#tea> half a sentence")
    again.type("\r")
    again.sees("kim: half a sentence (1, ")


def test_a_stop_and_what_follows_it_leaves_the_line_as_it_was(
    terminal: OpenTerminal, hall: HallProcess
) -> None:
    import termios

    kim = in_tea(terminal, hall)
    kim.type("half")
    kim.sees("#tea> half")
    kim.process.send_signal(signal.SIGSTOP)
    modes = termios.tcgetattr(kim._master)
    modes[3] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(kim._master, termios.TCSANOW, modes)
    kim.process.send_signal(signal.SIGCONT)
    kim.type(" a line\x01X\r")

    kim.sees("kim: Xhalf a line (1, ")


def test_a_dumb_terminal_gets_lines_and_nothing_else(
    terminal: OpenTerminal, hall: HallProcess
) -> None:
    kim = terminal("tui", hall.address, "--name", "kim", TERM="dumb")
    kim.sees("You are kim in ")
    kim.type("/join tea\nhello\n")
    kim.sees("kim: hello (1, ")
    kim.type("/quit\n")

    assert kim.end() == 0
    assert b"\x1b" not in kim.painted


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
async def test_a_hall_that_means_harm_does_nothing_to_the_terminal(
    terminal: OpenTerminal, term: str
) -> None:
    async with FakeHall() as fake:
        telling = asyncio.create_task(harm(fake))
        kim = terminal(
            *("tui", fake.address, "--plain", "--name", "kim", "--room", "tea"), TERM=term
        )
        await asyncio.to_thread(kim.sees, "kim: the end (")
        kim.type("/who\r" if term != "dumb" else "/who\n")
        await asyncio.to_thread(kim.sees, "in #tea: ")
        kim.type("/quit\r" if term != "dumb" else "/quit\n")

        assert await asyncio.to_thread(kim.end) == 0
        telling.cancel()
    rest = ALLOWED.sub(b"", kim.painted) if term != "dumb" else kim.painted
    assert b"\x1b" not in rest
    assert not any(byte < 0x20 and byte not in b"\r\n\a" for byte in rest)
    assert kim._screen.title == ""
