"""The operator's socket: who may ask, what is asked and answered, and what it does in the Hall."""

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pychat.server import admin
from pychat.server.admin import AdminSocket
from pychat.server.reloading import Outcome
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Wire

Json = dict[str, Any]


class Operator:
    """One who is connected to the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def ask(self, kind: str, **fields: object) -> Json:
        self.write(json.dumps({"type": kind, "id": 7, **fields}).encode() + b"\n")
        return await self.answer()

    def write(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> Json:
        answer: Json = json.loads(await self._reader.readline())
        return answer

    async def at_end(self) -> bool:
        try:
            return await self._reader.read() == b""
        except ConnectionResetError:
            return True


class Desk:
    def __init__(self, hall: RunningHall, path: Path) -> None:
        self.hall = hall
        self.path = path
        self.outcome = Outcome(["limits.users"], ["listen.port"], ["a fault"])
        self.socket = AdminSocket(hall.server, path, lambda: self.outcome)
        self._open: list[Operator] = []

    async def operator(self) -> Operator:
        streams = await asyncio.open_unix_connection(str(self.path))
        self._open.append(Operator(*streams))
        return self._open[-1]

    async def close(self) -> None:
        for each in self._open:
            each.writer.close()
        self.socket.close()


async def hello(wire: Wire, name: str) -> str:
    """How it is refused."""
    return await wire.refused("hello", protocol=[1], client="wire", name=name)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with running_hall() as hall:
        desk = Desk(hall, tmp_path / "a")
        await desk.socket.open()
        yield desk
        await desk.close()


async def test_nobody_but_the_owner_has_the_socket_and_it_goes_with_the_hall(desk: Desk) -> None:
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o600

    await desk.close()

    assert not desk.path.exists()


async def test_who_is_not_the_owner_is_sent_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin.unixsocket, "is_of_the_owner", lambda sock: False)

    assert await (await desk.operator()).at_end()


async def test_a_socket_that_was_left_behind_is_no_hindrance(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "a"))
    async with running_hall() as hall:
        desk = Desk(hall, tmp_path / "a")
        await desk.socket.open()

        assert (await (await desk.operator()).ask("stats"))["type"] == "figures"
        await desk.close()


async def test_a_deep_folder_has_a_socket_too(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    folder.mkdir(parents=True)
    async with running_hall() as hall:
        desk = Desk(hall, folder / "admin.sock")
        await desk.socket.open()

        def ask() -> bytes:
            with admin.unixsocket.connect(desk.path, 5) as sock:
                sock.sendall(b'{"type":"stats","id":1}\n')
                return sock.recv(1_000)

        assert b'"figures"' in await asyncio.to_thread(ask)
        await desk.close()


async def test_a_folder_that_takes_no_socket_leaves_the_hall_open(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_hall() as hall:
        desk = Desk(hall, tmp_path / "missing" / "a")
        await desk.socket.open()
        await desk.close()

        ada = await Wire.enter(hall.port, "ada")
        assert ada.welcome["name"] == "ada"
        assert "`pychat admin` cannot be used" in caplog.text
        await ada.close()


async def test_people_are_listed_in_the_hall_and_in_a_room_page_by_page(desk: Desk) -> None:
    ada = await Wire.member(desk.hall.port, "ada", "tea")
    bob = await Wire.enter(desk.hall.port, "bob")
    operator = await desk.operator()

    everybody = await operator.ask("who")

    assert [each["name"] for each in everybody["people"]] == ["ada", "bob"]
    assert everybody["people"][0]["rooms"] == ["tea"]
    assert not everybody["more"]
    first = await operator.ask("who", limit=1)
    assert ([each["name"] for each in first["people"]], first["more"]) == (["ada"], True)
    rest = await operator.ask("who", limit=1, after="ada")
    assert ([each["name"] for each in rest["people"]], rest["more"]) == (["bob"], False)
    in_tea = await operator.ask("who", room="tea")
    assert [each["name"] for each in in_tea["people"]] == ["ada"]
    assert (await operator.ask("who", room="nowhere"))["code"] == "no-such-room"
    for limit in (0, 501):
        assert (await operator.ask("who", limit=limit))["code"] == "bad-request"
    await ada.close()
    await bob.close()


async def test_the_console_is_in_no_list_and_sees_no_room_of_two(desk: Desk) -> None:
    ada = await Wire.enter(desk.hall.port, "ada")
    bob = await Wire.enter(desk.hall.port, "bob")
    await ada.ask("join", room="@bob")
    operator = await desk.operator()

    assert [each["rooms"] for each in (await operator.ask("who"))["people"]] == [[], []]
    assert (await operator.ask("who", room="@ada,bob"))["code"] == "no-such-room"
    assert (await operator.ask("list"))["rooms"] == []
    assert (await ada.ask("whois", name="(console)"))["code"] == "no-such-name"
    await ada.close()
    await bob.close()


async def test_a_notice_reaches_everybody_who_is_in(desk: Desk) -> None:
    ada = await Wire.member(desk.hall.port, "ada", "tea")
    stranger = await Wire.connect(desk.hall.port)
    operator = await desk.operator()

    assert (await operator.ask("notice", text="tea at six"))["type"] == "ok"
    assert (await operator.ask("notice", text="two\nlines"))["code"] == "bad-text"

    assert (await ada.event("notice"))["text"] == "tea at six"
    assert (await stranger.ask("list"))["code"] == "hello-first"
    await ada.close()
    await stranger.close()


async def test_who_is_kicked_out_of_a_room_or_the_hall_learns_why(desk: Desk) -> None:
    ada = await Wire.member(desk.hall.port, "ada", "tea")
    bob = await Wire.member(desk.hall.port, "bob", "tea")
    operator = await desk.operator()

    assert (await operator.ask("kick", name="bob", room="tea", reason="spam"))["type"] == "ok"
    assert (await bob.say("tea", "still here?"))["code"] == "not-in-room"
    assert (await operator.ask("kick", name="ada"))["type"] == "ok"

    bye = await ada.bye()
    assert (bye["code"], bye["reconnect"]) == ("kicked", False)
    assert (await operator.ask("kick", name="ada"))["code"] == "no-such-name"
    await ada.close()
    await bob.close()


async def test_a_ban_keeps_somebody_out_until_it_is_lifted(desk: Desk) -> None:
    operator = await desk.operator()

    assert (await operator.ask("ban", name="mallory", seconds=60))["type"] == "ok"
    assert [each["name"] for each in (await operator.ask("bans"))["bans"]] == ["mallory"]
    banned = await Wire.connect(desk.hall.port)
    assert await hello(banned, "mallory") in ("not-allowed", "banned")
    assert (await operator.ask("unban", name="mallory"))["type"] == "ok"

    again = await Wire.enter(desk.hall.port, "mallory")
    await banned.close()
    await again.close()


async def test_locked_down_the_hall_takes_no_newcomers(desk: Desk) -> None:
    operator = await desk.operator()

    assert (await operator.ask("lockdown", level=1))["type"] == "ok"
    newcomer = await Wire.connect(desk.hall.port)
    assert await hello(newcomer, "ada") == "not-allowed"
    assert (await operator.ask("lockdown", level=0))["type"] == "ok"
    for level in (-1, 4):
        assert (await operator.ask("lockdown", level=level))["code"] == "bad-request"

    ada = await Wire.enter(desk.hall.port, "ada")
    await newcomer.close()
    await ada.close()


async def test_an_operator_is_granted_once_and_revoked_once(desk: Desk) -> None:
    operator = await desk.operator()

    assert (await operator.ask("grant", name="Ada"))["type"] == "ok"
    assert desk.hall.server.hall.conduct.granted >= {"ada"}
    assert (await operator.ask("grant", name="ada"))["code"] == "not-allowed"
    assert (await operator.ask("grant", name="ada", granted=False))["type"] == "ok"
    assert (await operator.ask("grant", name="ada", granted=False))["code"] == "not-allowed"
    assert (await operator.ask("grant", name="(console)"))["code"] == "bad-name"


async def test_an_invitation_has_a_token_and_each_has_another(desk: Desk) -> None:
    operator = await desk.operator()

    made = await operator.ask("admit", seconds=60, uses=2)
    other = await operator.ask("admit")

    assert made["type"] == other["type"] == "admitted"
    assert made["token"] != other["token"]
    for uses in (0, 1_001):
        assert (await operator.ask("admit", uses=uses))["code"] == "bad-request"


async def test_settings_are_read_again_and_what_came_of_it_is_told(desk: Desk) -> None:
    answer = await (await desk.operator()).ask("reload")

    assert answer == {
        "type": "reloaded",
        "id": 7,
        "changed": ["limits.users"],
        "later": ["listen.port"],
        "faults": ["a fault"],
    }


async def test_figures_count_what_happens(desk: Desk) -> None:
    operator = await desk.operator()
    before = (await operator.ask("stats"))["figures"]
    ada = await Wire.member(desk.hall.port, "ada", "tea")
    await ada.say("tea", "hello")
    assert (await ada.ask("join", room="tea"))["code"] == "already-in-room"

    after = (await operator.ask("stats"))["figures"]

    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert changed == {
        "accepted_connections": 1,
        "connections": 1,
        "users": 1,
        "rooms": 1,
        "commits": 1,
        "events": 1,
        "deliveries": 1,
        "refusals": 1,
    }
    await ada.close()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no json",
        b"[]",
        b'{"type":"who"}',
        b'{"type":"send","id":1,"room":"tea","text":"x","nonce":"n"}',
        b'{"type":"who","id":-1}',
        b'{"type":"kick","id":1,"name":7}',
        b'{"type":"\xff","id":1}',
        b"[" * 60_000,
    ],
    ids=range(9),
)
async def test_what_is_no_request_is_refused_and_the_next_is_answered(
    desk: Desk, line: bytes
) -> None:
    operator = await desk.operator()
    operator.write(line + b"\n")

    assert (await operator.answer())["code"] == "bad-request"
    assert (await operator.ask("stats"))["type"] == "figures"


async def test_a_line_may_have_so_many_bytes_and_no_more(desk: Desk) -> None:
    operator = await desk.operator()
    request = b'{"type":"stats","id":7}'

    operator.write(request.ljust(admin.LINE_BYTES) + b"\n")
    assert (await operator.answer())["type"] == "figures"
    operator.write(b" " * (admin.LINE_BYTES + 1))

    assert "65536" in (await operator.answer())["text"]
    assert await operator.at_end()


async def test_so_many_consoles_are_open_at_one_time_and_no_more(desk: Desk) -> None:
    consoles = [await desk.operator() for _ in range(admin.CONSOLES)]
    for console in consoles:
        assert (await console.ask("stats"))["type"] == "figures"

    assert await (await desk.operator()).at_end()
    consoles[0].writer.close()
    for _ in range(3):  # turns of the loop, in which the server sees that
        await consoles[1].ask("stats")

    assert (await (await desk.operator()).ask("stats"))["type"] == "figures"


async def test_who_does_not_read_is_waited_for_and_misses_nothing(desk: Desk) -> None:
    ada = await Wire.member(desk.hall.port, "ada", *(f"room-{n}" * 4 for n in range(40)))
    operator = await desk.operator()
    for number in range(2_500):
        operator.write(b'{"type":"who","id":%d}\n' % number)
        if number % 500 == 0:
            await ada.drain()

    (console,) = desk.socket.consoles
    waiting = console._transport.get_write_buffer_size()
    assert waiting < 200_000
    for number in range(2_500):
        assert (await operator.answer())["id"] == number
    await ada.close()


async def test_requests_that_come_together_are_answered_in_order(desk: Desk) -> None:
    operator = await desk.operator()
    operator.write(
        b'{"type":"ban","id":1,"name":"mallory"}\n{"type":"bans","id":2}\n{"type":"stats","id":3}\n'
    )

    assert [(await operator.answer())["id"] for _ in range(3)] == [1, 2, 3]
