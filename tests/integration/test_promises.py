"""§4 under load: one order, nothing missing, nothing twice, nothing that leaks."""

import asyncio

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Json, Wire

LOGGED = ("message", "edited", "deleted", "reacted", "topic")


async def logged(wire: Wire, upto: int, room: str = "lobby") -> list[Json]:
    """The room's logged events in the order of arrival, read until `upto`."""
    events: list[Json] = []
    while not events or events[-1]["seq"] < upto:
        message = wire.unread.pop(0) if wire.unread else await wire.read()
        if message["type"] in LOGGED and message["room"] == room:
            events.append(message)
    return events


async def flood(wire: Wire, count: int, room: str = "lobby") -> list[Json]:
    """Send without waiting in between; the replies."""
    ids = []
    for number in range(count):
        ids.append(wire.command("send", room=room, text=f"{number}", nonce=f"{number}"))
        if number % 10 == 9:
            await asyncio.sleep(0)  # let the others have their turn
    return [await wire.reply(each) for each in ids]


def assert_chain(events: list[Json], head: int) -> None:
    for event in events:
        assert event["prev"] == head
        assert event["seq"] > head
        head = event["seq"]
    times = [event["time"] for event in events]
    assert times == sorted(times)


async def test_a_flood_has_one_order_for_all_who_hear_it(hall: RunningHall) -> None:
    wires = [await Wire.member(hall.port, f"user-{n}", "lobby") for n in range(5)]

    replies = await asyncio.gather(*(flood(wire, 100) for wire in wires))

    head = max(reply["seq"] for told in replies for reply in told)
    heard = [await logged(wire, head) for wire in wires]
    assert len(heard[0]) == 500
    assert all(each == heard[0] for each in heard)
    assert_chain(heard[0], 0)
    for wire, told in zip(wires, replies, strict=True):
        mine = [each for each in heard[0] if each["sender"] == wire.welcome["name"]]
        assert [each["text"] for each in mine] == [str(n) for n in range(100)]
        assert [each["seq"] for each in mine] == [each["seq"] for each in told]


async def test_history_has_the_order_that_was_heard(hall: RunningHall) -> None:
    wires = [await Wire.member(hall.port, f"user-{n}", "lobby") for n in range(3)]
    replies = await asyncio.gather(*(flood(wire, 60) for wire in wires))
    heard = await logged(wires[0], max(each["seq"] for told in replies for each in told))

    page = await wires[1].granted("history", room="lobby", limit=200)

    fields = ("seq", "time", "sender", "text")
    assert [[each[f] for f in fields] for each in page["messages"]] == [
        [each[f] for f in fields] for each in heard
    ]


@pytest.mark.parametrize("catch_up", [False, True])
async def test_who_joins_in_a_flood_misses_nothing_and_hears_nothing_twice(
    hall: RunningHall, catch_up: bool
) -> None:
    wires = [await Wire.member(hall.port, f"user-{n}", "lobby") for n in range(4)]
    late = [await Wire.enter(hall.port, f"late-{n}") for n in range(6)]
    flooding = [asyncio.ensure_future(flood(wire, 125)) for wire in wires]
    fields: Json = {"after": 0, "epoch": late[0].welcome["epoch"]} if catch_up else {}

    joined = []
    for number, wire in enumerate(late):
        watched = wires[0]
        while len(watched.unread) < 60 * number:  # spread over the flood
            await late[number].granted("ping")
        joined.append(await wire.granted("join", room="lobby", limit=200, **fields))
    replies = [await each for each in flooding]

    head = max(reply["seq"] for told in replies for reply in told)
    whole = await logged(wires[0], head)
    assert len({each["seq"] for each in joined}) > 1
    for wire, reply in zip(late, joined, strict=True):
        live = await logged(wire, head) if reply["seq"] < head else []
        assert live == [each for each in whole if each["seq"] > reply["seq"]]
        before = [each["seq"] for each in whole if each["seq"] <= reply["seq"]]
        told = reply["events"] if catch_up else reply["messages"]
        assert [each["seq"] for each in told] == (before if catch_up else before[-200:])


async def test_who_leaves_and_joins_in_a_flood_hears_each_event_once(hall: RunningHall) -> None:
    wire = await Wire.member(hall.port, "ann", "lobby")
    flitting = await Wire.enter(hall.port, "bob")
    flooding = asyncio.ensure_future(flood(wire, 300))
    heard: list[Json] = []
    head = 0

    while not flooding.done():
        joined = await flitting.granted("join", room="lobby", after=head)
        heard += joined["events"]
        await flitting.granted("ping")
        await flitting.granted("leave", room="lobby")
        heard += [each for each in flitting.unread if each["type"] == "message"]
        flitting.unread.clear()
        head = heard[-1]["seq"] if heard else 0
    await flooding
    heard += (await flitting.granted("join", room="lobby", after=head))["events"]

    assert [each["text"] for each in heard] == [str(n) for n in range(300)]
    assert_chain(heard, 0)


async def test_the_senders_event_comes_before_its_sent(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await Wire.member(hall.port, "bob", "lobby")
    first = (await ann.say("lobby", "target"))["seq"]
    ann.unread.clear()
    fields: list[tuple[str, Json]] = [
        ("send", {"text": "x"}),
        ("edit", {"target": first, "text": "y"}),
        ("react", {"target": first, "emojis": ["x"]}),
        ("topic", {"text": "z"}),
        ("delete", {"target": first}),
    ]
    ids = [ann.command(kind, room="lobby", nonce=kind, **each) for kind, each in fields]

    order: list[tuple[str, int]] = []
    while len(order) < 10:
        message = await ann.read()
        if "seq" in message:
            order.append(("sent" if message["type"] == "sent" else "event", message["seq"]))
        else:
            assert message["type"] == "presence"

    seqs = [seq for kind, seq in order if kind == "sent"]
    assert len(ids) == len(seqs) == 5
    for seq in seqs:
        assert order.index(("event", seq)) < order.index(("sent", seq))


async def test_replies_come_in_the_order_of_the_commands(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await flood(ann, 20)
    ann.unread.clear()
    kinds: list[tuple[str, Json]] = [
        ("ping", {}),
        ("history", {"room": "lobby"}),
        ("list", {}),
        ("search", {"text": "1"}),
        ("join", {"room": "den"}),
        ("members", {"room": "den"}),
        ("join", {"room": "den"}),
        ("manual", {}),
        ("away", {"away": True}),
        ("leave", {"room": "den"}),
        ("history", {"room": "nowhere"}),
        ("join", {"room": "lobby"}),
        ("history", {"room": "lobby", "around": 3}),
        ("typing", {"room": "lobby"}),
        ("no such command", {}),
        ("name", {"name": "anna"}),
        ("ping", {}),
    ]
    ids = [ann.command(kind, **fields) for _ in range(3) for kind, fields in kinds]

    answered: list[int] = []
    while len(answered) < len(ids):
        message = await ann.read()
        if "id" in message:
            answered.append(message["id"])

    assert answered == ids


async def test_durable_replies_of_a_room_come_in_the_order_of_the_commands(
    hall: RunningHall,
) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    ids = [ann.command("send", room="lobby", text=f"{n}", nonce=f"{n}") for n in range(50)]

    answered: list[int] = []
    while len(answered) < len(ids):
        message = await ann.read()
        if "id" in message:
            answered.append(message["id"])

    assert answered == ids


async def test_a_room_is_private(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "secret")
    eve = await Wire.member(hall.port, "eve", "street")
    zed = await Wire.enter(hall.port, "zed")
    said = await ann.say("secret", "the password is swordfish")
    fields: Json = {"room": "secret", "target": said["seq"]}
    await ann.granted("edit", text="swordfish!", nonce="e", **fields)
    await ann.granted("react", emojis=["🐟"], nonce="r", **fields)
    await ann.granted("typing", room="secret")
    await ann.granted("away", away=True)
    await ann.granted("delete", nonce="d", **fields)

    for outsider in (eve, zed):
        assert await outsider.drain() == []
        for kind in ("history", "members", "typing", "leave"):
            assert await outsider.refused(kind, room="secret") == "not-in-room"
        assert (await outsider.granted("search", text="swordfish"))["messages"] == []
        assert "secret" not in (await outsider.granted("ping"))["heads"]
        for around in ("around", "before", "after"):
            reply = await outsider.refused("history", room="secret", **{around: said["seq"]})
            assert reply == "not-in-room"


async def test_who_left_is_an_outsider(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "secret")
    eve = await Wire.member(hall.port, "eve", "secret", "street")
    await ann.say("secret", "swordfish")
    await eve.granted("leave", room="secret")
    eve.unread.clear()

    await ann.say("secret", "swordfish again")

    assert await eve.drain() == []
    assert await eve.refused("history", room="secret") == "not-in-room"
    assert (await eve.granted("search", text="swordfish"))["messages"] == []
    assert (await eve.granted("ping"))["heads"] == {"street": 0}


async def test_rooms_have_logs_of_their_own(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby", "den")

    for number in range(5):
        await ann.say("lobby", f"l{number}")
        await ann.say("den", f"d{number}")

    events = [each for each in await ann.drain() if each["type"] == "message"]
    for room in ("lobby", "den"):
        assert_chain([each for each in events if each["room"] == room], 0)
