"""Where one writes and reads: standard input and output, as a terminal or as pipes.

On a terminal that can erase a line, what is being written stands below all that arrives, and is
painted again after each line of it. On others, and with pipes, lines come and lines go.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from pychat.plain.editor import ERASE, Completer, Editor, Ended, Entered, Full, Offered
from pychat.plain.keyboard import Keyboard
from pychat.plain.reader import Reader
from pychat.plain.splitting import Splitter
from pychat.plain.writer import Writer
from pychat.tui import telling
from pychat.tui.slash import Mistake

CLOSING_SECONDS = 2.0
"""What is still to be written may take that long; a reader that stands still costs no more."""

AHEAD = 100
"""Lines that wait to be carried out; while there are so many, no more are taken."""

_PASTES, _PASTES_NO_MORE = "\x1b[?2004h", "\x1b[?2004l"


class Desk:
    """To be entered; `complete` makes what is written whole when Tab is pressed."""

    def __init__(self, complete: Completer, on_change: Callable[[], None]) -> None:
        """`on_change` is called when what is written has changed."""
        self.asks = sys.stdin is not None and sys.stdin.isatty()
        """Whether a person is there who can be asked."""
        self._shows = sys.stdout is not None and sys.stdout.isatty()
        self.editor = Editor(complete) if self.asks and self._shows and _can_erase() else None
        self._on_change = on_change
        self._lines: asyncio.Queue[str | Mistake | None] = asyncio.Queue(AHEAD)
        self._ahead: list[str] = []
        """Those of the lines that were typed here and are not carried out yet."""
        self._over = False

    async def __aenter__(self) -> Self:
        self.output = Writer(sys.stdout, self._end)
        self._modes = contextlib.ExitStack()
        if self.editor is not None:
            self._modes.enter_context(_line_by_key(self._begin))
        reading = self._read(Reader(sys.stdin)) if sys.stdin is not None else self._lines.put(None)
        self._reading = asyncio.create_task(reading, name="pychat input")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._reading.cancel()
        await asyncio.wait([self._reading])
        if self.editor is not None:
            self.output.put(ERASE + _PASTES_NO_MORE)
        await self.output.close(CLOSING_SECONDS)
        self._modes.close()

    async def line(self) -> str | Mistake | None:
        """The next one that was entered; None at the end of all input, again and again, and once
        nobody reads what is told."""
        if self._over:
            return None
        line = await self._lines.get()
        self._over = line is None
        if self._ahead:
            del self._ahead[0]
        return line

    def _end(self) -> None:
        while not self._lines.empty():
            self._lines.get_nowait()
        self._lines.put_nowait(None)

    @property
    def written(self) -> str:
        """What is typed and not carried out yet."""
        return "\n".join([*self._ahead, self.editor.text]) if self.editor is not None else ""

    def put(self, text: str) -> bool:
        """Into the line that is written. False if there is none, or something in it."""
        if self.editor is None or self.written:
            return False
        self.editor.put(text)
        self._paint()
        return True

    def say(self, text: str) -> None:
        """A line, or several; of what is harmless for a terminal."""
        if self.editor is None:
            self.output.put(f"{text}\n")
        else:
            # In one piece, so that the line below is never seen to go and come.
            self.output.put(f"{ERASE}{text}\n{self.editor.paint(_columns())}")

    def ring(self) -> None:
        if self._shows:
            self.output.put("\a")

    def prompt(self, text: str) -> None:
        if self.editor is not None and self.editor.prompt != text:
            self.editor.prompt = text
            self._paint()

    def _begin(self) -> None:
        self.output.put(_PASTES)
        self._paint()

    def _paint(self) -> None:
        if self.editor is not None:
            self.output.put(self.editor.paint(_columns()))

    async def _read(self, reader: Reader) -> None:
        if self.editor is None:
            splitter = Splitter()
            while chunk := await reader.chunk():
                for line in splitter.feed(chunk):
                    await self._lines.put(line)
            for line in splitter.end():
                await self._lines.put(line)
        else:
            keyboard = Keyboard()
            while chunk := await reader.chunk():
                await self._type(self.editor, keyboard, chunk)
        await self._lines.put(None)

    async def _type(self, editor: Editor, keyboard: Keyboard, chunk: bytes) -> None:
        for key in keyboard.feed(chunk):
            match editor.press(key):
                case Entered(text):
                    self._ahead.append(text)
                    await self._lines.put(text)
                case Ended():
                    await self._lines.put(None)
                case Offered(names):
                    self.say(telling.listed([name.strip() for name in names], len(names)))
                case Full():
                    self.say("This is too long to be written in one line; nothing was added.")
                case None:
                    pass
        self._paint()
        self._on_change()


@contextlib.contextmanager
def _line_by_key(begin: Callable[[], None]) -> Iterator[None]:
    """The terminal gives each key as it is pressed, and shows none by itself; Ctrl+C stays.
    `begin` is called when it does, also after a Ctrl+Z and what follows it."""
    import termios

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def change() -> None:
        modes = termios.tcgetattr(descriptor)
        # Ctrl+J is no Enter here, so a carriage return is to stay one.
        modes[0] &= ~termios.ICRNL
        modes[3] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
        modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
        termios.tcsetattr(descriptor, termios.TCSADRAIN, modes)
        begin()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCONT, change)
    change()
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGCONT)
        # It may have been closed under us.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _can_erase() -> bool:
    return sys.platform != "win32" and os.environ.get("TERM", "dumb") != "dumb"


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80
