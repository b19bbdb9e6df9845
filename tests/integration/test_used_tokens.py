"""A token is good once; and again where the `welcome` that it was used for may be lost."""

import asyncio
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pychat.server.backplane.directory import SqliteDirectory
from pychat.server.deadlines import Deadlines
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import PATIENCE, Json, Wire, framed

QUIET = Deadlines(silence=0.1, dead=0.3, sweep=0.02)


async def resume(hall: RunningHall, token: str) -> Wire:
    return await Wire.enter(hall.port, resume=token)


async def resumes(hall: RunningHall, token: str) -> bool:
    wire = await resume(hall, token)
    return bool(wire.welcome["resumed"])


async def until_away(bob: Wire, name: str = "ann") -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            members = (await bob.granted("members", room="lobby"))["members"]
            if {each["name"]: each["away"] for each in members}[name]:
                return


@pytest.fixture
async def bob(hall: RunningHall) -> Wire:
    return await Wire.member(hall.port, "bob", "lobby")


@pytest.fixture
async def token(hall: RunningHall, bob: Wire) -> str:
    """Of ann, who is away."""
    ann = await Wire.member(hall.port, "ann", "lobby")
    ann.abort()
    await until_away(bob)
    return str(ann.welcome["resume"])


async def test_one_who_read_the_welcome_and_closed_has_used_the_token(
    hall: RunningHall, bob: Wire, token: str
) -> None:
    again = await resume(hall, token)
    await again.close()
    await until_away(bob)

    assert not await resumes(hall, token)
    assert await resumes(hall, again.welcome["resume"])


async def test_one_whose_connection_was_reset_has_not(
    hall: RunningHall, bob: Wire, token: str
) -> None:
    for _ in range(3):
        lost = await resume(hall, token)
        lost.reset()
        await until_away(bob)
    again = await resume(hall, token)

    assert (again.welcome["resumed"], again.welcome["rooms"]) == (True, ["lobby"])
    again.reset()
    await until_away(bob)
    assert await resumes(hall, again.welcome["resume"])


async def test_after_another_word_a_reset_does_not_bring_it_back(
    hall: RunningHall, bob: Wire, token: str
) -> None:
    again = await resume(hall, token)
    await again.granted("ping")
    again.reset()
    await until_away(bob)

    assert not await resumes(hall, token)


async def test_an_answered_ping_is_another_word() -> None:
    quick = Deadlines(silence=0.05, dead=60, sweep=0.02)
    async with running_hall(deadlines=quick) as hall:
        bob = await Wire.member(hall.port, "bob", "lobby")
        ann = await Wire.member(hall.port, "ann", "lobby")
        again = await resume(hall, ann.welcome["resume"])
        await again.event("ping")
        again.send({"type": "pong"})
        await again.event("ping")
        again.reset()
        await until_away(bob)

        assert not await resumes(hall, ann.welcome["resume"])


async def test_one_of_whom_nothing_was_heard_until_the_timeout_has_it_still() -> None:
    async with running_hall(deadlines=QUIET) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        again = await resume(hall, ann.welcome["resume"])
        assert (await again.bye())["code"] == "timeout"

        assert await resumes(hall, ann.welcome["resume"])


async def test_a_used_token_is_no_key_to_a_connection_that_has_its_welcome(
    hall: RunningHall, token: str
) -> None:
    again = await resume(hall, token)
    # On loopback too an acknowledgement may be delayed for a moment; a word is one at once. In a
    # cluster it is one for all nodes when the Hall's log has it, as it has what it decides after.
    await again.granted("away", away=False)

    thief = await resume(hall, token)

    assert (thief.welcome["resumed"], thief.welcome["rooms"]) == (False, [])
    assert (await again.granted("ping"))["heads"] == {"lobby": 0}


# -- a half-open wire -----------------------------------------------------------------------------


class Swallowed:
    """Says `hello` with a token over a socket that takes less than a `welcome`: the rest stays in
    the server's kernel, as with a wire that lost it."""

    def __init__(self, hall: RunningHall, token: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        self._socket.connect(("127.0.0.1", hall.port))
        self._send({"type": "hello", "id": 1, "protocol": [1], "client": "x", "resume": token})

    def _send(self, command: Json) -> None:
        self._socket.sendall(framed(json.dumps(command).encode()))

    def ping(self) -> None:
        self._send({"type": "ping", "id": 2})

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def swallowed(hall: RunningHall, token: str) -> Iterator[Swallowed]:
    swallowed = Swallowed(hall, token)
    yield swallowed
    swallowed.close()


async def until_noted(hall: RunningHall, what: str, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while [note.what for note in hall.report.notes].count(what) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what it holds")
@pytest.mark.one_node
async def test_one_whose_welcome_a_half_open_wire_swallowed_comes_back_at_once(
    hall: RunningHall, bob: Wire, token: str, swallowed: Swallowed
) -> None:
    await until_noted(hall, "back", 1)

    again = await resume(hall, token)

    assert (again.welcome["resumed"], again.welcome["name"]) == (True, "ann")
    assert (await again.granted("join", room="lobby"))["count"] == 2
    # The one that it was taken from does it no harm when it ends.
    swallowed.close()
    await bob.say("lobby", "still there?")
    assert (await again.event("message"))["text"] == "still there?"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what it holds")
@pytest.mark.one_node
async def test_a_half_open_wire_on_which_another_word_came_keeps_its_session(
    hall: RunningHall, bob: Wire, token: str, swallowed: Swallowed
) -> None:
    await until_noted(hall, "back", 1)
    swallowed.ping()
    await bob.drain()

    assert not await resumes(hall, token)


# -- over a restart -------------------------------------------------------------------------------


async def test_a_token_whose_successor_never_arrived_outlasts_the_server(tmp_path: Path) -> None:
    def directory() -> SqliteDirectory:
        return SqliteDirectory(tmp_path / "sessions.db", SYSTEM_CLOCK.wall)

    async with running_hall(None, directory()) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        ann.reset()
        await until_noted(hall, "away", 1)
        await resume(hall, ann.welcome["resume"])
    async with running_hall(None, directory()) as hall:
        again = await resume(hall, ann.welcome["resume"])

        assert (again.welcome["resumed"], again.welcome["name"]) == (True, "ann")


async def test_a_token_that_was_used_is_used_after_a_restart(tmp_path: Path) -> None:
    def directory() -> SqliteDirectory:
        return SqliteDirectory(tmp_path / "sessions.db", SYSTEM_CLOCK.wall)

    async with running_hall(None, directory()) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        again = await resume(hall, ann.welcome["resume"])
        await again.close()
        await until_noted(hall, "away", 1)
    async with running_hall(None, directory()) as hall:
        assert not await resumes(hall, ann.welcome["resume"])
        assert await resumes(hall, again.welcome["resume"])
