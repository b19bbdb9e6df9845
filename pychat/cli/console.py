"""The other end of a Hall's admin.sock: one request, one answer."""

import json
from pathlib import Path
from typing import Any, NoReturn

from pychat.cli import exits

_PATIENCE = 10.0
"""Seconds for each step: a Hall on a slow disk answers when that has it."""

_ANSWER_BYTES = 16 * 1024 * 1024
"""Far above the longest, of five hundred people in a hundred rooms each."""

Json = dict[str, Any]


def ask(data: Path, kind: str, *, command: str = "admin", **fields: object) -> Json:
    """What the Hall whose data folder this is answers. Ends the program, whose `command` asks,
    where it says no, and where there is none."""
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        answer = _exchange(data, {"type": kind, "id": 1, **given})
    except TimeoutError:
        text = f"the Hall has not answered within {_PATIENCE:g} s"
        _fail(command, text, exits.UNREACHABLE)
    except (FileNotFoundError, ConnectionRefusedError):
        text = f"no Hall is open with the folder {data}; --data names another"
        _fail(command, text, exits.UNREACHABLE)
    except PermissionError:
        text = f"only who runs the Hall with the folder {data} may do this; try it as that user"
        _fail(command, text, exits.REFUSED)
    except (OSError, ValueError, AttributeError) as fault:
        _fail(command, f"the Hall cannot be asked: {fault}", exits.UNREACHABLE)
    if answer["type"] == "error":
        _fail(command, answer["text"], exits.REFUSED)
    return answer


def _exchange(data: Path, request: Json) -> Json:
    """Raises OSError, ValueError; AttributeError where the system has no such sockets."""
    from pychat.server import unixsocket
    from pychat.server.admin import SOCKET

    with unixsocket.connect(data / SOCKET, _PATIENCE) as sock, sock.makefile("rwb") as lines:
        lines.write(json.dumps(request).encode() + b"\n")
        lines.flush()
        line = lines.readline(_ANSWER_BYTES)
    if not line.endswith(b"\n"):
        raise ConnectionError("it hung up")
    answer: Json = json.loads(line)
    return answer


def _fail(command: str, sentence: str, code: int) -> NoReturn:
    from pychat.protocol.text import clean_line

    exits.fail(command, clean_line(sentence), code)
