"""`join`: what `joined` tells, and how one catches up with `after`."""

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Wire


async def say_many(wire: Wire, room: str, texts: list[str]) -> list[int]:
    """Say all without waiting in between; the seqs."""
    ids = [
        wire.command("send", room=room, text=text, nonce=f"{index}:{text[:40]}")
        for index, text in enumerate(texts)
    ]
    return [(await wire.reply(each))["seq"] for each in ids]


async def test_joining_a_new_room(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann")

    joined = await wire.granted("join", room="lobby")

    del joined["id"]
    assert joined == {
        "type": "joined",
        "room": "lobby",
        "topic": "",
        "members": [{"name": "ann", "role": "owner", "away": False, "verified": False}],
        "count": 1,
        "seq": 0,
        "recovered": False,
        "messages": [],
        "missed": 0,
        "more": False,
    }


async def test_joining_tells_topic_members_and_the_newest_page(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    await bob.granted("topic", room="lobby", text="tea & cake", nonce="t")
    seqs = await say_many(bob, "lobby", [f"m{n}" for n in range(8)])
    await bob.granted("edit", room="lobby", target=seqs[7], text="m7!", nonce="e")
    await bob.granted("delete", room="lobby", target=seqs[6], nonce="d")
    last = await bob.granted("react", room="lobby", target=seqs[5], emojis=["👍"], nonce="r")
    ann = await Wire.enter(hall.port, "ann")

    joined = await ann.granted("join", room="Lobby", limit=3)

    assert joined["room"] == "lobby"
    assert joined["topic"] == "tea & cake"
    assert [member["name"] for member in joined["members"]] == ["ann", "bob"]
    assert (joined["count"], joined["seq"], joined["more"]) == (2, last["seq"], True)
    assert [each["text"] for each in joined["messages"]] == ["m5", "", "m7!"]
    assert joined["messages"][0]["reactions"] == {"👍": ["bob"]}
    assert joined["messages"][1]["deleted"] is True
    assert joined["messages"][2]["edited"] > 0


@pytest.mark.parametrize(("limit", "shown", "more"), [(4, 4, True), (5, 5, False), (6, 5, False)])
async def test_more_tells_whether_older_ones_are_there(
    hall: RunningHall, limit: int, shown: int, more: bool
) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    await say_many(bob, "lobby", [f"m{n}" for n in range(5)])
    ann = await Wire.enter(hall.port, "ann")

    joined = await ann.granted("join", room="lobby", limit=limit)

    assert (len(joined["messages"]), joined["more"]) == (shown, more)


async def test_the_members_of_the_room_are_told_of_the_newcomer(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await Wire.member(hall.port, "bob", "lobby")

    told = await ann.event("presence", room="lobby")

    assert told["joined"] == [{"name": "bob", "role": "member", "away": False, "verified": False}]


@pytest.mark.parametrize("behind", [0, 1, 3, 6])
async def test_after_gives_each_event_since(hall: RunningHall, behind: int) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    seqs = await say_many(bob, "lobby", ["a", "b", "c"])
    await bob.granted("edit", room="lobby", target=seqs[0], text="A", nonce="e")
    await bob.granted("delete", room="lobby", target=seqs[1], nonce="d")
    await bob.granted("react", room="lobby", target=seqs[2], emojis=["x"], nonce="r")
    live = [each for each in await bob.drain() if each.get("seq")]
    ann = await Wire.enter(hall.port, "ann")
    after = live[-behind - 1]["seq"] if behind < 6 else 0

    joined = await ann.granted(
        "join", room="lobby", after=after, epoch=ann.welcome["epoch"], limit=1
    )

    missed = live[len(live) - behind :]
    assert joined["recovered"] is True
    assert joined["events"] == missed
    assert joined["missed"] == sum(each["type"] == "message" for each in missed)
    assert joined["seq"] == live[-1]["seq"]


async def test_without_an_epoch_after_is_taken_for_this_logs(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    seqs = await say_many(bob, "lobby", ["a", "b"])
    ann = await Wire.enter(hall.port, "ann")

    joined = await ann.granted("join", room="lobby", after=seqs[0])

    assert [each["text"] for each in joined["events"]] == ["b"]


async def test_another_logs_epoch_gets_the_newest_page(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    await say_many(bob, "lobby", ["a", "b"])
    ann = await Wire.enter(hall.port, "ann")

    joined = await ann.granted("join", room="lobby", after=1, epoch="of another log")

    assert joined["recovered"] is False
    assert [each["text"] for each in joined["messages"]] == ["a", "b"]


async def test_after_ahead_of_the_head_gets_the_newest_page(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    head = (await say_many(bob, "lobby", ["a", "b"]))[-1]
    ann = await Wire.enter(hall.port, "ann")

    joined = await ann.granted("join", room="lobby", after=head + 1, epoch=ann.welcome["epoch"])

    assert (joined["recovered"], joined["missed"]) == (False, 0)
    assert [each["text"] for each in joined["messages"]] == ["a", "b"]


async def test_a_new_room_has_nothing_to_catch_up_with(hall: RunningHall) -> None:
    ann = await Wire.enter(hall.port, "ann")

    joined = await ann.granted("join", room="lobby", after=0, epoch=ann.welcome["epoch"])

    assert (joined["recovered"], joined["events"], joined["missed"]) == (True, [], 0)


@pytest.mark.parametrize(("behind", "recovered"), [(999, True), (1000, True), (1001, False)])
async def test_a_delta_has_at_most_1000_events(
    hall: RunningHall, behind: int, recovered: bool
) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    seqs = await say_many(bob, "lobby", [f"m{n}" for n in range(1002)])
    ann = await Wire.enter(hall.port, "ann")

    joined = await ann.granted(
        "join", room="lobby", after=seqs[-behind - 1], epoch=ann.welcome["epoch"], limit=7
    )

    assert (joined["recovered"], joined["missed"]) == (recovered, behind)
    if recovered:
        assert [each["seq"] for each in joined["events"]] == seqs[-behind:]
    else:
        assert [each["seq"] for each in joined["messages"]] == seqs[-7:]
        assert joined["more"] is True


async def test_a_delta_above_a_mebibyte_becomes_a_page(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    seqs = await say_many(bob, "lobby", [chr(0x1F600 + n) + "😀" * 7999 for n in range(36)])
    ann = await Wire.enter(hall.port, "ann")

    near = await ann.granted("join", room="lobby", after=seqs[-21])
    await ann.granted("leave", room="lobby")
    far = await ann.granted("join", room="lobby", after=seqs[0], limit=200)

    assert [each["seq"] for each in near["events"]] == seqs[-20:]
    assert (far["recovered"], far["missed"], far["more"]) == (False, 35, True)
    told = [each["seq"] for each in far["messages"]]
    assert told == seqs[-len(told) :]
    assert len(told) > 20


@pytest.mark.parametrize("room", ["", "a b", "x" * 65, "#lobby", "-a", "a\nb", "a/b"])
async def test_a_bad_rooms_name_is_refused(hall: RunningHall, room: str) -> None:
    wire = await Wire.enter(hall.port, "ann")

    assert await wire.refused("join", room=room) == "bad-room"
    assert (await wire.granted("list"))["rooms"] == []


@pytest.mark.parametrize("room", ["r", "x" * 64, "Küche", "9"])
async def test_a_good_rooms_name_is_kept(hall: RunningHall, room: str) -> None:
    wire = await Wire.enter(hall.port, "ann")

    assert (await wire.granted("join", room=room))["room"] == room


async def test_a_room_that_only_looks_the_same_is_refused(hall: RunningHall) -> None:
    await Wire.member(hall.port, "ann", "lobby")
    wire = await Wire.enter(hall.port, "eve")

    assert await wire.refused("join", room="l\u043ebby") == "bad-room"


async def test_a_room_in_another_spelling_is_the_same_room(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "Lobby")
    bob = await Wire.enter(hall.port, "bob")

    assert (await bob.granted("join", room="\uff4cOBBY"))["room"] == "Lobby"
    await bob.say("lobby", "hi")
    assert (await ann.event("message"))["room"] == "Lobby"
    assert await bob.refused("join", room="lobby") == "already-in-room"


async def test_there_is_an_end_to_the_rooms_that_one_is_in(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann")
    most = wire.welcome["limits"]["rooms"]
    for number in range(most):
        await wire.granted("join", room=f"room-{number}")

    assert await wire.refused("join", room="one-more") == "too-many"

    await wire.granted("leave", room="room-0")
    await wire.granted("join", room="one-more")
