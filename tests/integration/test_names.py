"""§5: which names are allowed, which are the same, and what a change of name does."""

import asyncio

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Wire

GOOD = ["a", "7", "x" * 32, "Zoë", "李", "a-b_c.d", "ελ", "अनुज", "x" + "é" * 31]
BAD = ["", " ", "x" * 33, "-a", "_a", ".a", "a b", "a/b", "a@b", "a\tb", "a\u200bb", "\u202eab"]
BAD += ["😀", "a\x00", "\u0301a", "<b>", "[red]", "a\u2028b", "a:b", "\ufe0fa"]


@pytest.mark.parametrize("name", GOOD)
async def test_a_good_name_is_taken(hall: RunningHall, name: str) -> None:
    wire = await Wire.member(hall.port, "old", "lobby")

    assert (await wire.granted("name", name=name))["type"] == "ok"
    assert (await wire.granted("members", room="lobby"))["members"][0]["name"] == name


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_name_is_refused_and_the_old_one_stays(hall: RunningHall, name: str) -> None:
    wire = await Wire.member(hall.port, "old", "lobby")

    assert await wire.refused("name", name=name) == "bad-name"
    assert (await wire.granted("members", room="lobby"))["members"][0]["name"] == "old"


async def test_a_name_is_stored_composed(hall: RunningHall) -> None:
    assert (await Wire.enter(hall.port, "Zoe\u0308")).welcome["name"] == "Zo\u00eb"


async def test_fullwidth_is_folded_and_not_kept(hall: RunningHall) -> None:
    assert (await Wire.enter(hall.port, "\uff21\uff4e\uff4e")).welcome["name"] == "Ann"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ann", "ANN"),
        ("straße", "STRASSE"),
        ("Zo\u00eb", "zoe\u0308"),
        ("ann", "\uff41\uff4e\uff4e"),
        ("paypal", "p\u0430ypal"),  # a Cyrillic letter that looks the same
        ("Ill", "lll"),
        ("modern", "modem"),
    ],
)
async def test_the_same_and_what_only_looks_the_same_is_taken(
    hall: RunningHall, first: str, second: str
) -> None:
    await Wire.enter(hall.port, first)
    wire = await Wire.enter(hall.port, "other")

    assert await wire.refused("name", name=second) == "name-taken"


async def test_one_may_write_the_own_name_another_way(hall: RunningHall) -> None:
    wire = await Wire.member(hall.port, "ann", "lobby")

    for name in ("ann", "Ann", "ANN"):
        await wire.granted("name", name=name)

    assert (await wire.granted("members", room="lobby"))["members"][0]["name"] == "ANN"


async def test_a_name_left_behind_is_free(hall: RunningHall) -> None:
    ann, bob = await Wire.enter(hall.port, "ann"), await Wire.enter(hall.port, "bob")

    await ann.granted("name", name="anna")

    await bob.granted("name", name="ann")
    assert await bob.refused("name", name="Anna") == "name-taken"


async def test_the_name_of_one_who_quit_is_free(hall: RunningHall) -> None:
    ann = await Wire.enter(hall.port, "ann")
    await ann.granted("quit")
    await ann.bye()

    assert (await Wire.enter(hall.port, "ann")).welcome["name"] == "ann"


async def test_the_number_of_a_new_one_who_left_is_given_again(hall: RunningHall) -> None:
    await Wire.enter(hall.port)
    second = await Wire.enter(hall.port)
    await second.granted("quit")

    assert (await Wire.enter(hall.port)).welcome["name"] == "new-2"


async def test_new_may_also_be_chosen(hall: RunningHall) -> None:
    await Wire.enter(hall.port, "new")
    await Wire.enter(hall.port, "new-2")

    assert (await Wire.enter(hall.port)).welcome["name"] == "new-3"


async def test_the_others_in_the_room_are_told_of_a_change(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")

    await ann.granted("name", name="anna")

    told = await bob.event("presence", room="lobby")
    assert told["changed"] == [
        {
            "name": "ann",
            "member": {"name": "anna", "role": "owner", "away": False, "verified": False},
        }
    ]


async def test_later_messages_bear_the_new_name_and_earlier_ones_the_old(
    hall: RunningHall,
) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await ann.say("lobby", "one")
    await ann.granted("name", name="anna")
    await ann.say("lobby", "two")

    page = await ann.granted("history", room="lobby")

    assert [each["sender"] for each in page["messages"]] == ["ann", "anna"]


async def test_two_who_want_one_name_at_once_do_not_both_get_it(hall: RunningHall) -> None:
    wires = [await Wire.enter(hall.port) for _ in range(8)]
    ids = [wire.command("name", name="queen") for wire in wires]

    replies = [await wire.reply(each) for wire, each in zip(wires, ids, strict=True)]

    assert sorted(each["type"] for each in replies) == ["error"] * 7 + ["ok"]


async def test_a_resend_after_a_change_of_name_is_no_second_message(hall: RunningHall) -> None:
    """Two were stored, also over a break."""
    ann = await Wire.member(hall.port, "ann", "lobby")
    first = await ann.say("lobby", "once", nonce="n")
    await ann.granted("name", name="anna")
    again = await ann.say("lobby", "once", nonce="n")
    ann.abort()
    ann = await Wire.enter(hall.port, resume=ann.welcome["resume"])
    await ann.granted("join", room="lobby")
    resumed = await ann.say("lobby", "once", nonce="n")

    assert [first["seq"], again["seq"], resumed["seq"]] == [1, 1, 1]
    assert len((await ann.granted("history", room="lobby"))["messages"]) == 1


async def test_one_may_edit_and_delete_what_one_said_under_an_earlier_name(
    hall: RunningHall,
) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await ann.say("lobby", "one")
    await ann.say("lobby", "two")
    await ann.granted("name", name="anna")

    await ann.granted("edit", room="lobby", target=1, text="ONE", nonce="e")
    await ann.granted("delete", room="lobby", target=2, nonce="d")

    messages = (await ann.granted("history", room="lobby"))["messages"]
    assert [(each["text"], each.get("deleted")) for each in messages] == [("ONE", None), ("", True)]


async def test_who_takes_a_name_left_behind_has_nothing_of_who_left_it(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")
    await ann.say("lobby", "once", nonce="n")
    await ann.granted("name", name="anna")
    await asyncio.sleep(0.002)  # times are in milliseconds
    await bob.granted("name", name="ann")

    assert await bob.refused("send", room="lobby", text="once", nonce="n") == "nonce-reused"
    assert await bob.refused("edit", room="lobby", target=1, text="x", nonce="e") == "not-allowed"
    await bob.say("lobby", "I am ann", nonce="m")
    assert await ann.refused("delete", room="lobby", target=2, nonce="d") == "not-allowed"
    assert (await ann.say("lobby", "once", nonce="n"))["seq"] == 1
