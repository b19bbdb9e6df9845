"""`list`, `members` and `leave`; how rooms come and go."""

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Wire


async def test_a_fresh_hall_has_no_rooms(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port)

    reply = await wire.granted("list")

    assert (reply["rooms"], reply["more"]) == ([], False)


@pytest.mark.one_node
async def test_a_room_is_listed_with_its_members_topic_and_head(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await Wire.member(hall.port, "bob", "lobby")
    sent = await ann.granted("topic", room="lobby", text="tea", nonce="t")
    outsider = await Wire.enter(hall.port, "eve")

    reply = await outsider.granted("list")

    assert reply["rooms"] == [{"name": "lobby", "members": 2, "topic": "tea", "seq": sent["seq"]}]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
async def test_pages_of_the_list_add_up_to_the_whole(hall: RunningHall, limit: int) -> None:
    names = ["alpha", "Beta", "delta", "gamma", "Öl", "zeta", "übung"]
    wire = await Wire.member(hall.port, "ann", *names)
    whole = (await wire.granted("list"))["rooms"]

    paged: list[dict[str, object]] = []
    after: dict[str, object] = {}
    while True:
        page = await wire.granted("list", limit=limit, **after)
        assert len(page["rooms"]) <= limit
        paged += page["rooms"]
        if not page["more"]:
            break
        after = {"after": page["rooms"][-1]["name"]}

    assert paged == whole
    assert sorted(room["name"] for room in whole) == sorted(names)
    assert [room["name"] for room in whole][:4] == ["alpha", "Beta", "delta", "gamma"]


async def test_a_page_may_start_after_a_room_that_is_no_more(hall: RunningHall) -> None:
    wire = await Wire.member(hall.port, "ann", "a", "b", "c")
    await wire.granted("leave", room="b")

    page = await wire.granted("list", after="b")

    assert [room["name"] for room in page["rooms"]] == ["c"]


@pytest.mark.parametrize("limit", [1, 2, 5, 1000])
async def test_pages_of_the_members_add_up_to_the_whole(hall: RunningHall, limit: int) -> None:
    names = ["ann", "Bob", "cyd", "Dee", "eve"]
    wires = [await Wire.member(hall.port, name, "lobby") for name in names]
    paged: list[str] = []
    after: dict[str, object] = {}

    while True:
        page = await wires[0].granted("members", room="lobby", limit=limit, **after)
        assert page["count"] == 5
        paged += [member["name"] for member in page["members"]]
        if not page["more"]:
            break
        after = {"after": paged[-1]}

    assert paged == names


async def test_more_than_200_members_are_told_in_pages(hall: RunningHall) -> None:
    names = [f"user-{number:03}" for number in range(203)]
    for name in names:
        last = await Wire.member(hall.port, name, "lobby")

    page = await last.granted("members", room="lobby", after=names[199])
    whole = await last.granted("members", room="lobby", limit=1000)
    outsider = await Wire.enter(hall.port, "zed")
    joined = await outsider.granted("join", room="lobby")

    assert [member["name"] for member in page["members"]] == names[200:]
    assert [member["name"] for member in whole["members"]] == names
    assert joined["count"] == 204
    assert [member["name"] for member in joined["members"]] == names[:200]


async def test_who_leaves_hears_no_more_and_the_others_are_told(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")

    await bob.granted("leave", room="LOBBY")
    await ann.say("lobby", "gone?")

    assert [each["name"] for each in (await ann.event("presence"))["joined"]] == ["bob"]
    assert [each["name"] for each in (await ann.event("presence"))["left"]] == ["bob"]
    assert not [each for each in await bob.drain() if each["type"] == "message"]
    assert (await ann.granted("members", room="lobby"))["count"] == 1


async def test_who_quits_leaves_all_rooms_with_the_reason(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby", "den")
    bob = await Wire.member(hall.port, "bob", "lobby", "den")

    await bob.granted("quit", reason="bedtime")

    for room in ("lobby", "den"):
        await ann.event("presence", room=room)
        told = await ann.event("presence", room=room)
        assert told["left"] == [{"name": "bob", "reason": "bedtime"}]


@pytest.mark.one_node
async def test_an_empty_room_without_history_goes_with_its_last_member(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby", "den")

    await ann.granted("leave", room="lobby")
    assert [each["name"] for each in (await ann.granted("list"))["rooms"]] == ["den"]

    await ann.granted("quit")
    bob = await Wire.enter(hall.port, "bob")
    assert (await bob.granted("list"))["rooms"] == []


async def test_an_empty_room_with_history_stays(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await ann.say("lobby", "remember me")
    await ann.granted("leave", room="lobby")

    rooms = (await ann.granted("list"))["rooms"]
    joined = await ann.granted("join", room="lobby")

    assert [(each["name"], each["members"]) for each in rooms] == [("lobby", 0)]
    assert [each["text"] for each in joined["messages"]] == ["remember me"]


async def test_a_message_on_its_way_as_the_last_member_leaves_is_not_lost(
    hall: RunningHall,
) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    sending = ann.command("send", room="lobby", text="last words", nonce="n")
    leaving = ann.command("leave", room="lobby")

    assert (await ann.reply(sending))["type"] == "sent"
    assert (await ann.reply(leaving))["type"] == "ok"
    joined = await ann.granted("join", room="lobby")
    assert [each["text"] for each in joined["messages"]] == ["last words"]


async def test_a_room_left_can_be_joined_again(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")
    await bob.granted("leave", room="lobby")
    await bob.granted("join", room="lobby")

    await ann.say("lobby", "again")

    assert (await bob.event("message"))["text"] == "again"
    assert await bob.refused("join", room="lobby") == "already-in-room"
