"""What the message log alone costs: appending, resizing, older pages, one painted message.

    python -m benchmarks.client.message_log [MESSAGES]

The app runs in a pseudo-terminal of 120x40 whose other end is drained, so that escape sequences
are made and written. Times are CPU of the process.
"""

import asyncio
import fcntl
import gc
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from datetime import UTC
from threading import Thread
from time import process_time

import msgspec

os.environ.setdefault("TEXTUAL_FPS", "240")

from textual import work
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import OptionList, TextArea

from benchmarks.client.talk import NAMES, talk
from pychat.protocol.replies import Message
from pychat.tui.log import MessageLog
from pychat.tui.log.layout import Layout

COLUMNS, LINES = 120, 40


def messages(first: int, count: int) -> list[Message]:
    """As they come from the wire, so that what they hold is theirs alone."""
    told = [
        Message(
            room="general",
            seq=seq,
            time=1_700_000_000_000 + seq * 7_000,
            sender=NAMES[seq * 7 % len(NAMES)],
            text=text,
            reactions={"👍": NAMES[:3]} if seq % 25 == 0 else None,
        )
        for seq, text in enumerate(talk(first, count), first)
    ]
    return msgspec.json.decode(msgspec.json.encode(told), type=list[Message])


class Bench(App[None]):
    CSS = "OptionList { width: 20; } TextArea { height: 3; }"

    def __init__(self, count: int, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._count = count
        self._tell = tell
        self._log = MessageLog(tz=UTC, now=lambda: 1_700_000_000_000)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(*NAMES)
            yield self._log
        composer = TextArea()
        composer.cursor_blink = False
        yield composer

    def on_mount(self) -> None:
        self._measure()

    async def _cost(self, act: Callable[[], object]) -> float:
        """CPU milliseconds of something and of painting it."""
        start = process_time()
        act()
        await asyncio.sleep(0.1)
        return (process_time() - start) * 1000

    async def _costs(self, times: int, act: Callable[[int], object]) -> str:
        costs = sorted([await self._cost(lambda i=i: act(i)) for i in range(times)])
        return f"{costs[len(costs) // 2]:.2f} ms (max {costs[-1]:.2f})"

    @work
    async def _measure(self) -> None:
        count, log, tell = self._count, self._log, self._tell
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 50, 1_000)
        log.show([], key="general", more_before=True)
        history = messages(1_000_000, count)
        start = process_time()
        for at in range(0, count, 100):
            log.append(history[at : at + 100])
        spent = process_time() - start
        tell(f"append, batches of 100       {spent / count * 1e6:8.2f} µs a message")
        tell(f"nothing, painted             {await self._costs(9, lambda i: None)}")
        single = [messages(2_000_000 + i, 1) for i in range(40)]
        pages = [messages(1_000_000 - 100 * (i + 1), 100) for i in range(20)]
        widths = [(119, 40), (121, 38), (90, 30), (120, 40)]

        cost = await self._costs(40, lambda i: log.append(single[i]))
        tell(f"one message, painted         {cost}")
        cost = await self._costs(20, lambda i: self._resize(*widths[i % 4]))
        tell(f"resize, painted              {cost}")
        tell(f"  of that the log's own      {own_resize(log)}")
        log.scroll_to(y=log.scroll_y - 500, animate=False)
        tell(f"older page of 100, unpainted {own_prepend(log, pages[:10])}")
        cost = await self._costs(10, lambda i: log.prepend(pages[10 + i], True))
        tell(f"older page of 100, painted   {cost}")
        cost = await self._costs(20, lambda i: log.scroll_to(y=log.scroll_y - 3, animate=False))
        tell(f"scroll by 3 lines, painted   {cost}")
        start = process_time()
        log.show(history, key="random", more_before=False)
        tell(f"show of all                  {(process_time() - start) * 1000:8.2f} ms")
        self.exit()

    def _resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def own_resize(log: MessageLog) -> str:
    """The log's part, for a width that it never had."""
    costs = []
    window = log._transcript.window
    for width in range(60, 100):
        start = process_time()
        log._transcript.resize(Layout.of(width, narrow=False, margin=1), window)
        log._transcript.settle()
        costs.append((process_time() - start) * 1000)
    log._settled_size = None
    log.refresh()
    costs.sort()
    return f"{costs[len(costs) // 2]:.2f} ms (max {costs[-1]:.2f})"


def own_prepend(log: MessageLog, pages: list[list[Message]]) -> str:
    costs = []
    for page in pages:
        start = process_time()
        log._transcript.prepend(page, True)
        log._transcript.settle()
        costs.append((process_time() - start) * 1000)
    costs.sort()
    return f"{costs[len(costs) // 2]:.2f} ms (max {costs[-1]:.2f})"


def lines_of(fd: int) -> Iterator[str]:
    with os.fdopen(fd) as told:
        yield from told


def drain(terminal: int) -> None:
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        return  # the other end is closed: Linux says so with EIO


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    read, write = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        os.close(read)
        os.environ["TERM"] = "xterm-256color"
        os.environ["COLORTERM"] = "truecolor"
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        Bench(count, lambda line: os.write(write, f"{line}\n".encode()) and None).run()
        os._exit(0)
    os.close(write)
    Thread(target=drain, args=(terminal,), daemon=True).start()
    for line in lines_of(read):
        print(line, end="", flush=True)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()
