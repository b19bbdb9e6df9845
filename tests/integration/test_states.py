"""Each command of a room in each state of its sender: what is refused, with which code."""

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Json, Wire

IN_ROOM: list[tuple[str, Json]] = [
    ("leave", {}),
    ("members", {}),
    ("send", {"text": "hi", "nonce": "n"}),
    ("edit", {"target": 1, "text": "hi", "nonce": "n"}),
    ("delete", {"target": 1, "nonce": "n"}),
    ("react", {"target": 1, "emojis": [], "nonce": "n"}),
    ("topic", {"text": "hi", "nonce": "n"}),
    ("history", {}),
    ("search", {"text": "hi"}),
    ("typing", {}),
]
commands = pytest.mark.parametrize(("kind", "fields"), IN_ROOM, ids=[each[0] for each in IN_ROOM])


@pytest.fixture
async def ann(hall: RunningHall) -> Wire:
    wire = await Wire.member(hall.port, "ann", "lobby")
    await wire.say("lobby", "hi")
    return wire


@commands
async def test_in_the_hall(hall: RunningHall, ann: Wire, kind: str, fields: Json) -> None:
    eve = await Wire.enter(hall.port, "eve")

    assert await eve.refused(kind, room="lobby", **fields) == "not-in-room"
    assert await eve.refused(kind, room="nowhere", **fields) == "no-such-room"
    assert [each["type"] for each in await ann.drain()] == ["message"]


@commands
async def test_in_another_room(hall: RunningHall, ann: Wire, kind: str, fields: Json) -> None:
    eve = await Wire.member(hall.port, "eve", "street")

    assert await eve.refused(kind, room="lobby", **fields) == "not-in-room"
    assert await eve.refused(kind, room="Lobby", **fields) == "not-in-room"


@commands
async def test_after_leaving(hall: RunningHall, ann: Wire, kind: str, fields: Json) -> None:
    eve = await Wire.member(hall.port, "eve", "lobby")
    await eve.granted("leave", room="lobby")

    assert await eve.refused(kind, room="lobby", **fields) == "not-in-room"


@commands
@pytest.mark.parametrize("room", ["", "a b", "x" * 65])
async def test_a_room_that_cannot_be(ann: Wire, kind: str, fields: Json, room: str) -> None:
    assert await ann.refused(kind, room=room, **fields) in ("bad-room", "no-such-room")


@commands
async def test_in_the_room_it_is_granted(ann: Wire, kind: str, fields: Json) -> None:
    seq = (await ann.granted("history", room="lobby"))["messages"][0]["seq"]
    if "target" in fields:
        fields = fields | {"target": seq}

    await ann.granted(kind, room="lobby", **fields)


@commands
async def test_a_field_of_the_wrong_type_is_named(ann: Wire, kind: str, fields: Json) -> None:
    for field in fields.keys() | {"room"}:
        wrong = {"room": "lobby"} | fields | {field: {"an": "object"}}
        reply = await ann.ask(kind, **wrong)
        assert (reply["type"], reply.get("code")) == ("error", "bad-request"), field
        assert field in reply["text"]


@commands
async def test_a_missing_field_is_named(ann: Wire, kind: str, fields: Json) -> None:
    for field in fields.keys() | ({"room"} if kind != "search" else set()):
        left = {
            name: value for name, value in ({"room": "lobby"} | fields).items() if name != field
        }
        reply = await ann.ask(kind, **left)
        assert (reply["type"], reply.get("code")) == ("error", "bad-request"), field
        assert field in reply["text"]
