"""What the operator sees: who comes, who goes and what is said, room by room."""

import contextlib
import datetime
import io
import logging
import queue
import threading
import zlib
from collections.abc import MutableMapping
from typing import Any, TextIO

import msgspec
import structlog

from pychat.protocol import events
from pychat.protocol.text import clean, clean_line
from pychat.server.effects import Noted

_LINES = 10_000
"""What may wait for a reader of the report (a pager, a slow terminal) before lines are dropped."""

_ROOM_COLOURS = (32, 33, 34, 35, 36, 92, 93, 94, 95, 96)
_DIM, _BOLD, _PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"


class LineWriter:
    """Writes lines on a thread of its own: a pipe that nobody reads must not stop the chat."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._queue: queue.Queue[str | None] = queue.Queue(_LINES)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="report", daemon=True)
        self._thread.start()

    def msg(self, line: str) -> None:
        try:
            self._queue.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    info = warning = error = msg

    def close(self, timeout: float = 1.0) -> None:
        """Give what is left up to `timeout` seconds to be written."""
        try:
            self._queue.put(None, timeout=timeout)
        except queue.Full:
            return
        self._thread.join(timeout)

    def _write(self) -> None:
        # OSError, ValueError: the reader is gone; the chat goes on
        with contextlib.suppress(OSError, ValueError):
            while (line := self._queue.get()) is not None:
                if self._dropped:
                    dropped, self._dropped = self._dropped, 0
                    self._stream.write(f"({dropped} lines were not shown: nobody read them)\n")
                self._stream.write(line + "\n")
                if self._queue.empty():
                    self._stream.flush()
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
        self._writer = LineWriter(stream)
        self._log: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
            self._writer,
            processors=_TERMINAL if stream.isatty() else _LINES_OF_JSON,
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        )
        _forward_faults(self)

    def close(self) -> None:
        self._writer.close()

    def listening(self, host: str, port: int, data: str) -> None:
        self._log.info("listening", host=host, port=port, data=data)

    def stopped(self) -> None:
        self._log.info("stopped")

    def noted(self, note: Noted) -> None:
        fields = {"name": note.name, "room": note.room}
        key = "new_name" if note.what == "renamed" else "reason"
        fields[key] = note.text
        self._log.info(note.what, **{k: v for k, v in fields.items() if v is not None})

    def said(self, event: events.LoggedEvent) -> None:
        fields: dict[str, object] = {"room": event.room, "name": event.sender, "seq": event.seq}
        what = _VERBS[type(event)]
        if isinstance(event, events.Edited | events.Deleted | events.Reacted):
            fields["target"] = event.target
        if isinstance(event, events.Reacted):
            fields["emojis"] = event.emojis
        elif not isinstance(event, events.Deleted) and not self._quiet:
            fields["text"] = event.text
        self._log.info(what, **fields)

    def fault(self, level: str, text: str) -> None:
        self._log.error("fault", level=level, text=text)


_VERBS: dict[type, str] = {
    events.Message: "said",
    events.Edited: "edited",
    events.Deleted: "deleted",
    events.Reacted: "reacted",
    events.Topic: "topic",
}


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


def _json(fields: dict[str, Any], **_: object) -> str:
    # JSON leaves C1 and bidi characters as they are, and a log is read on terminals. Before it is
    # encoded: cleaning turns U+2028 into a line end, and joins a mark to the letter of an escape.
    return msgspec.json.encode({key: _clean(value) for key, value in fields.items()}).decode()


def _clean(value: object) -> object:
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return clean(value) if isinstance(value, str) else value


def _coloured(_: object, __: str, fields: MutableMapping[str, Any]) -> str:
    clock = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
    room = fields.get("room")
    place = f" {_colour(room)}#{clean_line(room)}{_PLAIN}" if room else ""
    return f"{_DIM}{clock}{_PLAIN}{place} {_sentence(fields)}"


def _colour(room: str) -> str:
    return f"\x1b[{_ROOM_COLOURS[zlib.crc32(room.encode()) % len(_ROOM_COLOURS)]}m"


def _sentence(fields: MutableMapping[str, Any]) -> str:
    name = f"{_BOLD}{clean_line(str(fields.get('name', '')))}{_PLAIN}"
    said = clean(str(fields.get("text", ""))).replace("\n", "\n" + " " * 9)
    reason = f" ({clean_line(str(fields['reason']))})" if "reason" in fields else ""
    match fields["event"]:
        case "listening":
            return _where(fields)
        case "said":
            return f"{name}: {said}" if "text" in fields else f"{name} said something"
        case "edited":
            return f"{name} edited {fields['target']}: {said}"
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


def _where(fields: MutableMapping[str, Any]) -> str:
    host, port = fields["host"], fields["port"]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"the Hall is open on {_BOLD}{address}{_PLAIN}; its log is in {fields['data']}"


_TERMINAL: list[structlog.typing.Processor] = [_coloured]
_LINES_OF_JSON: list[structlog.typing.Processor] = [
    structlog.processors.TimeStamper("iso", key="time"),
    structlog.processors.JSONRenderer(_json),
]
