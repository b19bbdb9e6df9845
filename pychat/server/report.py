"""What the operator sees: who comes, who goes and what is said, room by room."""

import collections
import contextlib
import datetime
import io
import logging
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any, TextIO

import msgspec

from pychat.protocol import events, fingerprint
from pychat.protocol.invitation import Invitation
from pychat.protocol.text import clean, clean_line
from pychat.server.effects import Noted

_LINES = 10_000
"""What may wait for a reader of the report (a pager, a slow terminal) before lines are dropped."""

_PAUSE_SECONDS = 0.05
"""Between two writes: a thread that woke up for each line would cost more than the line."""

_ROOM_COLOURS = (32, 33, 34, 35, 36, 92, 93, 94, 95, 96)
_DIM, _BOLD, _PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"

Fields = dict[str, Any]

Happening = events.LoggedEvent | Noted | Fields

_encode = msgspec.json.Encoder().encode


class LineWriter:
    """Makes lines and writes them on a thread of its own: a pipe that nobody reads must not stop
    the chat, and lines that are made together cost less."""

    def __init__(self, stream: TextIO, line: Callable[[float, Happening], str]) -> None:
        """`line` tells of something at a time, in seconds since the epoch."""
        self._stream = stream
        self._line = line
        self._happened: collections.deque[tuple[float, Happening]] = collections.deque()
        self._dropped = 0
        self._waiting = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="report", daemon=True)
        self._thread.start()

    def write(self, what: Happening) -> None:
        """It must not change any more."""
        if len(self._happened) >= _LINES:
            self._dropped += 1
            return
        self._happened.append((time.time(), what))
        if not self._waiting.is_set():
            self._waiting.set()

    def close(self, timeout: float = 1.0) -> None:
        """Give what is left up to `timeout` seconds to be written."""
        self._closing.set()
        self._waiting.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        # OSError, ValueError: the reader is gone; the chat goes on
        with contextlib.suppress(OSError, ValueError):
            while not self._closing.is_set():
                self._waiting.wait()
                self._waiting.clear()
                self._write_waiting()
                self._closing.wait(_PAUSE_SECONDS)
            self._write_waiting()

    def _write_waiting(self) -> None:
        while self._happened:
            happened = [self._happened.popleft() for _ in range(len(self._happened))]
            lines = [self._line(when, what) for when, what in happened]
            dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(f"({dropped} lines were not shown: nobody read them)")
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()


class OperatorReport:
    """One line for each thing that happens: coloured for a terminal, else JSON."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        """`quiet` leaves the text of messages and topics out."""
        self._quiet = quiet
        if isinstance(stream, io.TextIOWrapper):
            # JSON is UTF-8 in any locale; a terminal shows a `?` for what it cannot show.
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace")
        self._render = _coloured if stream.isatty() else _json
        self._writer = LineWriter(stream, self._line)
        _forward_faults(self)

    def close(self) -> None:
        self._writer.close()

    def listening(self, host: str, port: int, data: str) -> None:
        self._writer.write({"event": "listening", "host": host, "port": port, "data": data})

    def inviting(self, key: bytes, invitation: Invitation) -> None:
        self._writer.write(
            {
                "event": "encrypted",
                "fingerprint": fingerprint.written(key),
                "invitation": str(invitation),
            }
        )

    def watched(self, host: str, port: int) -> None:
        """Metrics and health are told there."""
        self._writer.write({"event": "watched", "host": host, "port": port})

    def reloaded(self, changed: list[str], later: list[str], faults: list[str]) -> None:
        """Settings by their keys, never their values: one is a password."""
        self._writer.write(
            {"event": "reloaded", "changed": changed, "later": later, "faults": faults}
        )

    def stopped(self) -> None:
        self._writer.write({"event": "stopped"})

    def noted(self, note: Noted) -> None:
        self._writer.write(note)

    def said(self, event: events.LoggedEvent) -> None:
        self._writer.write(event)

    def fault(self, level: str, text: str) -> None:
        self._writer.write({"event": "fault", "level": level, "text": text})

    def _line(self, when: float, what: Happening) -> str:
        if isinstance(what, Noted):
            what = _noted(what)
        elif not isinstance(what, dict):
            what = _said(what, quiet=self._quiet)
        return self._render(when, what)


def _noted(note: Noted) -> Fields:
    key = "new_name" if note.what == "renamed" else "reason"
    fields = {"event": note.what, "name": note.name, "room": note.room, key: note.text}
    return {k: v for k, v in fields.items() if v is not None}


def _said(event: events.LoggedEvent, *, quiet: bool) -> Fields:
    if event.room.startswith("@"):
        # Between two people: the operator learns that something was said, and no more.
        return {"event": "direct", "name": event.sender}
    verb, details = _TOLD[type(event)]
    fields = {"event": verb, "room": event.room, "name": event.sender, "seq": event.seq}
    for detail in details:
        if detail != "text" or not quiet:
            fields[detail] = getattr(event, detail)
    return fields


_TOLD: dict[type, tuple[str, tuple[str, ...]]] = {
    events.Message: ("said", ("text",)),
    events.Edited: ("edited", ("target", "text")),
    events.Deleted: ("deleted", ("target",)),
    events.Reacted: ("reacted", ("target", "emojis")),
    events.Topic: ("topic", ("text",)),
}
"""What it is called, and what is told of it besides room, name and place."""


class _FaultHandler(logging.Handler):
    """What the server's modules log reaches the operator through the same lines."""

    def __init__(self, report: OperatorReport) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        self._report.fault(record.levelname.lower(), self.format(record))


def _forward_faults(report: OperatorReport) -> None:
    log = logging.getLogger("pychat")
    log.handlers = [_FaultHandler(report)]
    log.propagate = False


def _json(when: float, fields: Fields) -> str:
    fields["time"] = datetime.datetime.fromtimestamp(when, datetime.UTC)
    # JSON leaves C1 and bidi characters as they are, and a log is read on terminals. Before it is
    # encoded: cleaning turns U+2028 into a line end, and joins a mark to the letter of an escape.
    return _plain(fields) or _encode({key: _clean(value) for key, value in fields.items()}).decode()


def _plain(fields: Fields) -> str | None:
    """The line, if there is nothing in it to clean, as in most."""
    try:
        line = _encode(fields).decode()
    except UnicodeEncodeError:  # half of a character
        return None
    return line if line.isascii() and line.isprintable() and "\\" not in line else None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    return [_clean(each) for each in value] if isinstance(value, list) else value


def _coloured(when: float, fields: Fields) -> str:
    clock = datetime.datetime.fromtimestamp(when).astimezone().strftime("%H:%M:%S")
    room = str(fields.get("room", ""))
    place = f" {_colour(room)}#{clean_line(room)}{_PLAIN}" if room else ""
    return f"{_DIM}{clock}{_PLAIN}{place} {_sentence(fields)}"


def _colour(room: str) -> str:
    return f"\x1b[{_ROOM_COLOURS[zlib.crc32(room.encode()) % len(_ROOM_COLOURS)]}m"


def _sentence(fields: Fields) -> str:
    name = f"{_BOLD}{clean_line(str(fields.get('name', '')))}{_PLAIN}"
    said = clean(str(fields.get("text", ""))).replace("\n", "\n" + " " * 9)
    reason = f" ({clean_line(str(fields['reason']))})" if "reason" in fields else ""
    match fields["event"]:
        case "listening":
            return _where(fields)
        case "encrypted":
            return _of_encryption(fields)
        case "watched":
            return f"metrics and health are told on {_BOLD}{_place(fields)}{_PLAIN}"
        case "reloaded":
            return _of_reload(fields)
        case "said":
            return f"{name}: {said}" if "text" in fields else f"{name} said something"
        case "edited":
            return f"{name} edited {fields['target']}: {said}"
        case "direct":
            return f"{name} said something to somebody"
        case "deleted":
            return f"{name} deleted {fields['target']}"
        case "reacted":
            emojis = clean_line(" ".join(fields["emojis"])) or "nothing any more"
            return f"{name} reacted to {fields['target']} with {emojis}"
        case "topic":
            return f"{name} set the topic: {said}" if said else f"{name} changed the topic"
        case "renamed":
            return f"{name} is now {_BOLD}{clean_line(fields['new_name'])}{_PLAIN}"
        case "fault":
            return f"\x1b[31m{fields['level']}{_PLAIN}: {said}"
        case verb:
            return f"{_DIM}{name}{_DIM} {_PHRASES.get(verb, verb)}{reason}{_PLAIN}"


_PHRASES = {
    "came": "came into the Hall",
    "went": "left the Hall",
    "joined": "joined",
    "left": "left",
    "away": "is away",
    "back": "is back",
}


def _of_reload(fields: Fields) -> str:
    changed, later = ", ".join(fields["changed"]), ", ".join(fields["later"])
    told = [f"settings were read again; changed: {changed or 'nothing'}"]
    if later:
        told.append(f"from the next start on: {later}")
    told += [f"\x1b[31mleft as it was{_PLAIN}: {clean_line(fault)}" for fault in fields["faults"]]
    return "\n         ".join(told)


def _of_encryption(fields: Fields) -> str:
    key = " ".join(fingerprint.grouped(fingerprint.parse(fields["fingerprint"])))
    return (
        f"what is said is encrypted; the Hall's key is {key}\n{' ' * 9}"
        f"for those who are to come: {_BOLD}pychat tui '{fields['invitation']}'{_PLAIN}"
    )


def _where(fields: Fields) -> str:
    return f"the Hall is open on {_BOLD}{_place(fields)}{_PLAIN}; its log is in {fields['data']}"


def _place(fields: Fields) -> str:
    host, port = fields["host"], fields["port"]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
