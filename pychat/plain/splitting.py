"""A pipe's bytes as lines. Pure: what cannot be said is told instead, and harms no other line."""

from pychat.protocol import limits
from pychat.tui.slash import Mistake

LINE_BYTES = limits.CLIENT_FRAME_BYTES
"""Of one line; a message of that many does not fit a frame."""


class Splitter:
    def __init__(self) -> None:
        self._rest = b""
        self._number = 0
        self._skipping = False
        """Whether the line is too long already, and its end is still to come."""

    def feed(self, data: bytes) -> list[str | Mistake]:
        first, *more = data.split(b"\n")
        lines: list[str | Mistake] = []
        for part in more:
            lines += self._whole(self._rest + first)
            self._rest, first = b"", part
        self._rest += first
        if len(self._rest) > LINE_BYTES:
            self._rest, was, self._skipping = b"", self._skipping, True
            if not was:
                lines.append(self._too_long())
        return lines

    def end(self) -> list[str | Mistake]:
        """What stands after the last newline."""
        return self._whole(self._rest) if self._rest or self._skipping else []

    def _whole(self, raw: bytes) -> list[str | Mistake]:
        skipping, self._skipping = self._skipping, False
        if not skipping and len(raw) > LINE_BYTES:
            mistake = self._too_long()
            self._number += 1
            return [mistake]
        self._number += 1
        if skipping:
            return []
        try:
            return [raw.removesuffix(b"\r").decode()]
        except UnicodeDecodeError as fault:
            return [
                Mistake(f"line {self._number} is not UTF-8 at byte {fault.start}; it was not said")
            ]

    def _too_long(self) -> Mistake:
        return Mistake(
            f"line {self._number + 1} has more than {LINE_BYTES:,} bytes; it was not said, since a "
            f"message has at most {limits.TEXT_CHARS:,} characters"
        )
