"""People who talk in a room of a Hall, in a process of its own: they decode nothing they hear.

    python -m benchmarks.client.crowd PORT ROOM COUNT RATE LAST

COUNT messages of eight people, RATE a second or as fast as the Hall takes them if that is 0. When
all are acknowledged, one more with the text LAST. They begin at a line on the standard input, and
leave at its end, so that nobody comes or goes while they talk.
"""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Sequence

from benchmarks.client.talk import NAMES, talk
from pychat.protocol import codec, commands, limits
from pychat.protocol.framing import FrameReader

_WINDOW = 64
"""Messages of one person on their way at a time."""


class Person:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._frames = FrameReader(limits.SERVER_FRAME_BYTES)
        self._ids = 0
        self._answered = 0
        self._said = asyncio.Event()
        self._refusal = "no word"
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def enter(cls, port: int, room: str, name: str) -> "Person":
        person = cls(*await asyncio.open_connection("127.0.0.1", port))
        hello = commands.Hello(id=0, protocol=[limits.PROTOCOL], client="crowd", name=name)
        person._write(hello)
        person._write(commands.Join(id=0, room=room))
        person._ids = 1  # what the reply to that is counted as
        person._listening = asyncio.create_task(person._listen())
        return person

    async def say(self, room: str, text: str) -> None:
        self._ids += 1
        self._write(commands.Send(id=self._ids, room=room, text=text, nonce=uuid.uuid4().hex))
        await self.acknowledged(but=_WINDOW - 1)

    async def acknowledged(self, but: int = 0) -> None:
        """Return when all that was said is in the Hall's log, but for so many."""
        while self._ids - self._answered > but:
            if self._reader.at_eof():
                raise ConnectionError(f"the Hall has hung up: {self._refusal}")
            self._said.clear()
            await self._said.wait()

    async def leave(self) -> None:
        # Else the Hall would keep the name for a while.
        self._write(commands.Quit(id=0))
        if self._listening is not None:
            await self._listening

    async def _listen(self) -> None:
        while data := await self._reader.read(262_144):
            self._frames.feed(data)
            while (payload := self._frames.read()) is not None:
                kind = payload[:20]
                if b'"sent"' in kind or b'"joined"' in kind:
                    self._answered += 1
                    self._said.set()
                elif b'"ping"' in kind:
                    self._write(commands.Pong())
                elif b'"error"' in kind:
                    self._refusal = payload.decode()
                    self._writer.close()
        self._said.set()

    def _write(self, command: commands.ClientMessage) -> None:
        self._writer.write(codec.encode_frame(command))


async def _say_all(people: Sequence[Person], room: str, count: int, rate: int) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    for number, text in enumerate(talk(count, count)):
        ahead = number / rate - (clock() - began) if rate else 0
        if ahead > 0.001:
            await asyncio.sleep(ahead)
        await people[number % len(people)].say(room, text)
    for person in people:
        await person.acknowledged()


async def _run(port: int, room: str, count: int, rate: int, last: str) -> None:
    people = [await Person.enter(port, room, name) for name in NAMES]
    for person in people:
        await person.acknowledged()
    print("in", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await _say_all(people, room, count, rate)
    await people[0].say(room, last)
    await people[0].acknowledged()
    await asyncio.to_thread(sys.stdin.read)
    for person in people:
        await person.leave()


class Crowd:
    """Eight people in a room, who have not said anything yet."""

    def __init__(self, port: int, room: str, count: int, *, rate: int = 0, last: str) -> None:
        arguments = [str(port), room, str(count), str(rate), last]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.client.crowd", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin = self._process.stdin
        self._process.stdout.readline()

    def talk(self) -> None:
        self._stdin.write(b"\n")
        self._stdin.flush()

    def leave(self) -> None:
        """When all has been said."""
        self._stdin.close()
        self._process.wait()

    def fall_silent(self) -> None:
        """At once, in the middle of a sentence."""
        self._process.terminate()
        self._process.wait()


if __name__ == "__main__":
    asyncio.run(
        _run(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    )
