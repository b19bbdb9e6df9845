"""The bytes of a terminal as keys. Pure; what has come in part waits for the rest of it."""

import codecs
import re
from typing import NamedTuple

SEQUENCE_CHARS = 32
"""Of an escape sequence; what is longer is none."""

PASTED_CHARS = 100_000
"""Of one paste, what is kept; twelve times what a message may have."""


class Key(NamedTuple):
    name: str
    """`text`, `paste`, or what is pressed, such as `left`, `ctrl+a`, `alt+b`."""
    text: str = ""


_CONTROL = {"\r": "enter", "\t": "tab", "\x7f": "backspace", "\x08": "backspace"}
_SEQUENCES = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "H": "home",
    "F": "end",
    "1~": "home",
    "7~": "home",
    "4~": "end",
    "8~": "end",
    "3~": "delete",
    "1;5C": "alt+f",
    "1;5D": "alt+b",
    "1;3C": "alt+f",
    "1;3D": "alt+b",
}
_SEQUENCE = re.compile(r"\x1b(?:\[([0-?]*[ -/]*[@-~])|O(.))", re.DOTALL)
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?\Z")
_PLAIN = re.compile(r"[^\x00-\x1f\x7f]+")
_PASTE_BEGINS, _PASTE_ENDS = "200~", "\x1b[201~"


class Keyboard:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._pasting: list[str] | None = None
        self._pasted = 0

    def feed(self, data: bytes) -> list[Key]:
        self._rest += self._decoder.decode(data)
        keys: list[Key] = []
        while self._rest:
            key = self._paste() if self._pasting is not None else self._key()
            if key is None:
                break
            if key.name:
                keys.append(key)
        return keys

    def _key(self) -> Key | None:
        """The next one, without a name if it means nothing; None if more has to come."""
        if plain := _PLAIN.match(self._rest):
            return self._took(plain.end(), "text", plain[0])
        first = self._rest[0]
        if first != "\x1b":
            return self._took(1, _CONTROL.get(first) or f"ctrl+{chr(ord(first) | 0x60)}")
        if found := _SEQUENCE.match(self._rest):
            if found[1] == _PASTE_BEGINS:
                self._pasting, self._pasted = [], 0
            return self._took(found.end(), _SEQUENCES.get(found[1] or found[2], ""))
        if _BEGUN.match(self._rest) and len(self._rest) <= SEQUENCE_CHARS:
            return None
        second = self._rest[1:2]
        if second.isprintable() or second == "\r":
            return self._took(2, f"alt+{_CONTROL.get(second, second.lower())}")
        return self._took(1, "")

    def _took(self, chars: int, name: str, text: str = "") -> Key:
        self._rest = self._rest[chars:]
        return Key(name, text)

    def _paste(self) -> Key | None:
        assert self._pasting is not None
        text, end, after = self._rest.partition(_PASTE_ENDS)
        if not end:
            # The end itself may have come in part.
            kept = next(
                (n for n in range(len(_PASTE_ENDS) - 1, 0, -1) if text.endswith(_PASTE_ENDS[:n])),
                0,
            )
            text, after = text[: len(text) - kept], text[len(text) - kept :]
        room = PASTED_CHARS - self._pasted
        self._pasting.append(text[:room])
        self._pasted += len(text[:room])
        self._rest = after
        if not end:
            return None
        pasted, self._pasting = "".join(self._pasting), None
        return Key("paste", pasted.replace("\r\n", "\n").replace("\r", "\n"))
