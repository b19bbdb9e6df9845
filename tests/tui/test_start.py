"""The terminal client as a program of its own, on a terminal of its own."""

import os
import pty
import subprocess
import sys

IN_A_TERMINAL = """
import sys
from pychat.client import Address
from pychat.tui.start import run
sys.exit(run(Address("127.0.0.1", 1), "kim"))
"""

TEXTUAL_LOADED = "import sys, pychat.tui.start; sys.exit('textual' in sys.modules)"


def test_a_hall_that_is_not_there_is_told_in_one_line_after_the_screen_is_back() -> None:
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-c", IN_A_TERMINAL],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color"},
    )
    os.close(theirs)
    painted = b""
    try:
        while chunk := os.read(ours, 65_536):
            painted += chunk
    except OSError:
        # The program has gone, and its end of the terminal with it.
        pass
    os.close(ours)

    assert program.wait(timeout=30) == 1
    after = painted.rpartition(b"\x1b[?1049l")[2].decode()
    assert "Nobody is listening at 127.0.0.1:1." in after
    assert "Traceback" not in painted.decode(errors="replace")


def test_textual_is_not_loaded_before_the_frame_rate_is_set() -> None:
    assert subprocess.run([sys.executable, "-c", TEXTUAL_LOADED], check=False).returncode == 0
