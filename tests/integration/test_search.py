"""`search`: what is found, in which order, and in pages."""

from typing import Any

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Json, Wire


@pytest.fixture
async def ann(hall: RunningHall) -> Wire:
    wire = await Wire.member(hall.port, "ann", "lobby", "den")
    bob = await Wire.member(hall.port, "bob", "lobby")
    await wire.say("lobby", "apple pie")
    await bob.say("lobby", "Apple cake")
    await wire.say("den", "an apple a day")
    await wire.say("den", "a pear")
    return wire


async def found(wire: Wire, text: str, **fields: Any) -> list[str]:
    return [
        each["text"] for each in (await wire.granted("search", text=text, **fields))["messages"]
    ]


async def test_it_finds_in_all_rooms_newest_first(ann: Wire) -> None:
    reply = await ann.granted("search", text="apple")

    told = [(each["room"], each["text"]) for each in reply["messages"]]
    assert told[0] == ("den", "an apple a day")
    assert sorted(told) == [
        ("den", "an apple a day"),
        ("lobby", "Apple cake"),
        ("lobby", "apple pie"),
    ]
    assert reply["more"] is False


async def test_a_room_and_a_sender_narrow_it(ann: Wire) -> None:
    assert await found(ann, "apple", room="LOBBY") == ["Apple cake", "apple pie"]
    assert await found(ann, "apple", sender="ann") == ["an apple a day", "apple pie"]
    assert await found(ann, "apple", sender="ANN", room="lobby") == ["apple pie"]
    assert await found(ann, "apple", sender="nobody") == []


async def test_it_finds_nothing_where_nothing_is(ann: Wire) -> None:
    reply = await ann.granted("search", text="plum")

    assert (reply["messages"], reply["more"]) == ([], False)


async def test_what_is_edited_is_found_by_its_new_text_only(ann: Wire) -> None:
    first = await ann.say("lobby", "a quince")
    await ann.granted("edit", room="lobby", target=first["seq"], text="a medlar", nonce="e")

    assert await found(ann, "quince") == []
    assert await found(ann, "medlar") == ["a medlar"]


async def test_what_is_deleted_is_not_found(ann: Wire) -> None:
    first = await ann.say("lobby", "a quince")
    await ann.granted("delete", room="lobby", target=first["seq"], nonce="d")

    assert await found(ann, "quince") == []


@pytest.mark.parametrize(
    "text", ['"', "apple OR", "NOT", "a*", "(", "room:den", "' ; --", "^", "x" * 200, "AND"]
)
async def test_the_text_is_words_and_never_a_query(ann: Wire, text: str) -> None:
    assert (await ann.granted("search", text=text))["type"] == "found"


async def test_before_leaves_out_what_is_not_older(ann: Wire) -> None:
    newest = (await ann.granted("search", text="pear"))["messages"][0]

    assert await found(ann, "pear", before=newest["time"]) == []
    assert await found(ann, "pear", before=newest["time"] + 1) == ["a pear"]


async def test_a_page_says_whether_there_is_more(ann: Wire) -> None:
    for number in range(5):
        await ann.say("lobby", f"plum {number}")

    for limit, more in ((4, True), (5, False), (100, False)):
        reply = await ann.granted("search", text="plum", limit=limit)
        assert len(reply["messages"]) == min(limit, 5)
        assert reply["more"] is more
    assert await found(ann, "plum", limit=2) == ["plum 4", "plum 3"]


async def test_a_room_that_one_is_not_in_is_not_searched(ann: Wire, hall: RunningHall) -> None:
    eve = await Wire.member(hall.port, "eve", "street")

    assert await found(eve, "apple") == []
    assert await eve.refused("search", text="apple", room="lobby") == "not-in-room"
    assert await eve.refused("search", text="apple", room="nowhere") == "no-such-room"


async def test_who_is_in_no_room_finds_nothing(ann: Wire, hall: RunningHall) -> None:
    eve = await Wire.enter(hall.port, "eve")

    assert await found(eve, "apple") == []


async def test_a_room_left_is_not_searched(ann: Wire) -> None:
    await ann.granted("leave", room="lobby")

    assert await found(ann, "apple") == ["an apple a day"]


@pytest.mark.parametrize("fields", [{"limit": 0}, {"limit": 101}, {"before": -1}, {"sender": 5}])
async def test_what_cannot_be_asked(ann: Wire, fields: Json) -> None:
    assert await ann.refused("search", text="apple", **fields) == "bad-request"


async def test_what_is_found_is_cut_to_a_mebibyte(hall: RunningHall) -> None:
    wire = await Wire.member(hall.port, "ann", "wide")
    ids = [
        wire.command("send", room="wide", text="plum " + "😀" * 7_990, nonce=str(n))
        for n in range(50)
    ]
    for each in ids:
        await wire.reply(each)

    reply = await wire.granted("search", text="plum", limit=100)

    assert reply["more"] is True
    assert 20 < len(reply["messages"]) < 50
