"""The window is closed, and there is still something to be painted."""

import io

from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from pychat.tui.vanishing import Vanishing


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError("Input/output error")

    def flush(self) -> None:
        raise OSError("Input/output error")


def test_a_terminal_that_has_gone_away_holds_nobody_up() -> None:
    painting = WriterThread(Vanishing(Gone()))
    painting.start()
    for _ in range(2 * MAX_QUEUED_WRITES):
        painting.write("x")

    painting.stop()

    assert not painting.is_alive()


def test_one_that_is_there_is_painted_and_asked() -> None:
    there = io.StringIO()
    terminal = Vanishing(there)
    terminal.write("painted")
    terminal.flush()

    assert (there.getvalue(), terminal.isatty()) == ("painted", False)
