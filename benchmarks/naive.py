"""The server that one writes first: asyncio streams, json, each member served in turn.

    python naive.py PORT

It speaks as much of pychat's protocol as the load generator does, and keeps nothing.
"""

import asyncio
import itertools
import json
import struct
import sys
import time
from typing import Any

_HEADER = struct.Struct(">I")
_rooms: dict[str, dict[str, asyncio.StreamWriter]] = {}
_seqs = itertools.count(1)


async def _send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    payload = json.dumps(message, separators=(",", ":")).encode()
    writer.write(_HEADER.pack(len(payload)) + payload)
    await writer.drain()


async def _tell(room: str, event: dict[str, Any], but: str | None = None) -> None:
    for name, writer in list(_rooms[room].items()):
        if name != but:
            await _send(writer, event)


async def _join(writer: asyncio.StreamWriter, command: dict[str, Any], name: str) -> None:
    room = command["room"]
    members = _rooms.setdefault(room, {})
    members[name] = writer
    listed = [_member(each) for each in sorted(members)[:200]]
    reply = {"type": "joined", "id": command["id"], "room": room, "members": listed}
    await _send(writer, {**reply, "count": len(members)})
    await _tell(room, {"type": "presence", "room": room, "joined": [_member(name)]}, but=name)


async def _say(writer: asyncio.StreamWriter, command: dict[str, Any], name: str) -> None:
    seq, now = next(_seqs), int(time.time() * 1000)
    event = {"type": "message", "room": command["room"], "seq": seq, "prev": seq - 1}
    event |= {"time": now, "sender": name, "nonce": command["nonce"], "text": command["text"]}
    await _tell(command["room"], event)
    await _send(writer, {"type": "sent", "id": command["id"], "seq": seq, "time": now})


async def _list(writer: asyncio.StreamWriter, command: dict[str, Any]) -> None:
    after, limit = command.get("after", ""), command.get("limit", 200)
    left = [name for name in sorted(_rooms[command["room"]]) if name > after]
    reply = {"type": "members", "id": command["id"], "more": len(left) > limit}
    await _send(writer, {**reply, "members": [_member(name) for name in left[:limit]]})


def _member(name: str) -> dict[str, Any]:
    return {"name": name, "role": "member", "away": False, "verified": False}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    name = ""
    try:
        while True:
            (length,) = _HEADER.unpack(await reader.readexactly(4))
            command = json.loads(await reader.readexactly(length))
            match command["type"]:
                case "hello":
                    name = command["name"]
                    await _send(writer, {"type": "welcome", "id": command["id"], "name": name})
                case "join":
                    await _join(writer, command, name)
                case "send":
                    await _say(writer, command, name)
                case "members":
                    await _list(writer, command)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        for members in _rooms.values():
            members.pop(name, None)
        writer.close()


async def _main(port: int) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
