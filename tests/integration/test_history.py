"""`history`: pages around any place, in any direction, until there is no more."""

from typing import Any

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Json, Wire

SAID = 23


@pytest.fixture
async def ann(hall: RunningHall) -> Wire:
    """In a room with 23 messages and, between them, edits, reactions and topics."""
    wire = await Wire.member(hall.port, "ann", "lobby")
    for number in range(SAID):
        seq = (await wire.say("lobby", f"m{number}"))["seq"]
        if number % 3 == 0:
            await wire.granted("topic", room="lobby", text=f"t{number}", nonce=f"t{number}")
        if number % 4 == 0:
            fields: Json = {"room": "lobby", "target": seq, "nonce": f"e{number}"}
            await wire.granted("edit", text=f"m{number}!", **fields)
        if number % 5 == 0:
            fields = {"room": "lobby", "target": seq, "nonce": f"r{number}"}
            await wire.granted("react", emojis=["x"], **fields)
    wire.unread.clear()
    return wire


async def page(wire: Wire, **fields: Any) -> Json:
    return await wire.granted("history", room="lobby", **fields)


async def whole(wire: Wire) -> list[Json]:
    reply = await page(wire, limit=200)
    assert (reply["more_before"], reply["more_after"]) == (False, False)
    assert len(reply["messages"]) == SAID
    return list(reply["messages"])


def seqs(messages: list[Json]) -> list[int]:
    return [each["seq"] for each in messages]


async def test_none_of_them_asks_for_the_newest(ann: Wire) -> None:
    reply = await page(ann, limit=4)

    assert seqs(reply["messages"]) == seqs(await whole(ann))[-4:]
    assert (reply["more_before"], reply["more_after"]) == (True, False)


@pytest.mark.parametrize("limit", [1, 2, 7, 22, 23, 24, 200])
async def test_pages_backwards_add_up_to_the_whole(ann: Wire, limit: int) -> None:
    reply = await page(ann, limit=limit)
    told = reply["messages"]

    while reply["more_before"]:
        reply = await page(ann, limit=limit, before=told[0]["seq"])
        assert 1 <= len(reply["messages"]) <= limit
        assert reply["more_after"] is True
        told = reply["messages"] + told

    assert told == await whole(ann)


@pytest.mark.parametrize("limit", [1, 2, 7, 22, 23, 24, 200])
async def test_pages_forwards_add_up_to_the_whole(ann: Wire, limit: int) -> None:
    reply = await page(ann, limit=limit, after=0)
    assert reply["more_before"] is False
    told = reply["messages"]

    while reply["more_after"]:
        reply = await page(ann, limit=limit, after=told[-1]["seq"])
        assert 1 <= len(reply["messages"]) <= limit
        assert reply["more_before"] is True
        told = told + reply["messages"]

    assert told == await whole(ann)


@pytest.mark.parametrize("place", [0, 1, 11, 21, 22])
@pytest.mark.parametrize("limit", [1, 2, 5, 200])
async def test_around_has_the_message_asked_for(ann: Wire, place: int, limit: int) -> None:
    messages = await whole(ann)

    reply = await page(ann, around=messages[place]["seq"], limit=limit)

    told = seqs(reply["messages"])
    first = seqs(messages).index(told[0])
    assert messages[place]["seq"] in told
    assert len(told) == min(limit, SAID)
    assert told == seqs(messages)[first : first + len(told)]
    assert reply["more_before"] == (first > 0)
    assert reply["more_after"] == (first + len(told) < SAID)


async def test_around_the_middle_shows_both_sides(ann: Wire) -> None:
    messages = await whole(ann)

    told = seqs((await page(ann, around=messages[11]["seq"], limit=5))["messages"])

    assert told[0] < messages[11]["seq"] < told[-1]


async def test_around_a_place_that_is_no_message_shows_what_is_near(ann: Wire) -> None:
    messages = await whole(ann)
    between = messages[0]["seq"] + 1
    assert between not in seqs(messages)

    told = seqs((await page(ann, around=between, limit=2))["messages"])

    assert messages[0]["seq"] in told or messages[1]["seq"] in told


async def test_before_and_after_need_not_be_messages(ann: Wire) -> None:
    messages = await whole(ann)
    between = messages[0]["seq"] + 1

    assert seqs((await page(ann, before=between))["messages"]) == seqs(messages[:1])
    assert seqs((await page(ann, after=between))["messages"]) == seqs(messages[1:])


async def test_before_the_first_and_after_the_last_there_is_nothing(ann: Wire) -> None:
    messages = await whole(ann)

    before = await page(ann, before=messages[0]["seq"])
    after = await page(ann, after=messages[-1]["seq"])

    assert (before["messages"], before["more_before"]) == ([], False)
    assert (after["messages"], after["more_after"]) == ([], False)


async def test_far_ahead_of_the_head_there_is_nothing(ann: Wire) -> None:
    assert (await page(ann, after=2**53 - 1))["messages"] == []
    newest = await page(ann, before=2**53 - 1, limit=1)
    assert newest["messages"] == (await whole(ann))[-1:]


async def test_an_empty_room_has_no_history(ann: Wire) -> None:
    await ann.granted("join", room="den")

    reply = await ann.granted("history", room="den")

    assert reply["messages"] == []
    assert (reply["more_before"], reply["more_after"]) == (False, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"before": 3, "after": 1},
        {"before": 3, "around": 2},
        {"after": 1, "around": 2},
        {"before": 3, "after": 1, "around": 2},
        {"limit": 0},
        {"limit": 201},
        {"limit": -1},
        {"before": -1},
        {"after": 2**53},
        {"after": "1"},
        {"around": 1.5},
    ],
)
async def test_what_cannot_be_asked(ann: Wire, fields: Json) -> None:
    assert await ann.refused("history", room="lobby", **fields) == "bad-request"


async def test_history_in_one_packet_with_sends_is_one_state_of_the_log(ann: Wire) -> None:
    sends = [ann.command("send", room="lobby", text=f"x{n}", nonce=f"x{n}") for n in range(5)]
    asked = ann.command("history", room="lobby", limit=200)

    messages = (await ann.reply(asked))["messages"]
    replies = [await ann.reply(each) for each in sends]

    added = seqs(messages)[SAID:]
    assert added == [each["seq"] for each in replies][: len(added)]


async def test_a_page_is_cut_where_it_passes_a_mebibyte(hall: RunningHall) -> None:
    wire = await Wire.member(hall.port, "ann", "wide")
    ids = [
        wire.command("send", room="wide", text=f"{n:04}" + "😀" * 7_996, nonce=str(n))
        for n in range(200)
    ]
    sent = [(await wire.reply(each))["seq"] for each in ids]
    wire.unread.clear()

    backwards: list[int] = []
    reply = await wire.granted("history", room="wide", limit=200)
    while True:
        backwards = seqs(reply["messages"]) + backwards
        if not reply["more_before"]:
            break
        assert len(reply["messages"]) > 20
        reply = await wire.granted("history", room="wide", limit=200, before=backwards[0])
    forwards: list[int] = []
    more = True
    while more:
        after = forwards[-1] if forwards else 0
        reply = await wire.granted("history", room="wide", limit=200, after=after)
        forwards += seqs(reply["messages"])
        more = reply["more_after"]
    around = await wire.granted("history", room="wide", limit=200, around=sent[100])

    assert backwards == forwards == sent
    assert sent[100] in seqs(around["messages"])
    assert (around["more_before"], around["more_after"]) == (True, True)
