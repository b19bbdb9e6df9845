"""§4.6: a short absence goes unnoticed."""

import asyncio
import time
from pathlib import Path

import pytest

from pychat.server.backplane.directory import MemoryDirectory, SqliteDirectory
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.deadlines import Deadlines
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Closed, Json, Wire

BRIEF = 0.15
QUICK = Deadlines(sweep=0.02)


async def resume(port: int, token: str, **hello: str) -> Wire:
    return await Wire.enter(port, resume=token, **hello)


def came_or_went(messages: list[Json], name: str) -> list[Json]:
    return [
        each
        for each in messages
        if each["type"] == "presence"
        and name
        in [member["name"] for member in each.get("joined", ())]
        + [parting["name"] for parting in each.get("left", ())]
    ]


async def broken_off(hall: RunningHall, name: str, *rooms: str) -> Wire:
    """One whose connection broke, as the server has noticed."""
    wire = await Wire.member(hall.port, name, *rooms)
    witness = await Wire.member(hall.port, "witness", *rooms)
    wire.abort()
    for room in rooms:
        while True:
            told = await witness.event("presence", room=room)
            if any(each["member"]["away"] for each in told.get("changed", ())):
                break
    await witness.granted("quit")
    await witness.bye()
    return wire


async def test_a_session_is_taken_over_with_name_and_rooms(hall: RunningHall) -> None:
    ann = await broken_off(hall, "ann", "lobby", "den")

    again = await resume(hall.port, ann.welcome["resume"])

    assert again.welcome["resumed"] is True
    assert again.welcome["name"] == "ann"
    assert sorted(again.welcome["rooms"]) == ["den", "lobby"]
    assert again.welcome["epoch"] == ann.welcome["epoch"]
    assert again.welcome["resume"] != ann.welcome["resume"]


async def test_the_absent_is_shown_as_away_and_comes_back_unnoticed(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await Wire.member(hall.port, "ann", "lobby")
    await bob.event("presence")

    ann.abort()
    gone = await bob.event("presence")
    shown = await bob.granted("members", room="lobby")
    again = await resume(hall.port, ann.welcome["resume"])
    await again.granted("join", room="lobby", after=0, epoch=again.welcome["epoch"])
    back = await bob.event("presence")

    assert (gone["changed"][0]["name"], gone["changed"][0]["member"]["away"]) == ("ann", True)
    assert [(each["name"], each["away"]) for each in shown["members"]] == [
        ("ann", True),
        ("bob", False),
    ]
    assert (back["changed"][0]["name"], back["changed"][0]["member"]["away"]) == ("ann", False)
    assert came_or_went([gone, back, *await bob.drain()], "ann") == []


async def test_what_was_missed_comes_with_the_join(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await Wire.member(hall.port, "ann", "lobby")
    seen = (await bob.say("lobby", "before"))["seq"]
    await ann.event("message")
    ann.abort()
    missed = [(await bob.say("lobby", f"missed {n}"))["seq"] for n in range(3)]

    again = await resume(hall.port, ann.welcome["resume"])
    joined = await again.granted("join", room="lobby", after=seen, epoch=ann.welcome["epoch"])
    await bob.say("lobby", "after")

    assert (joined["recovered"], joined["missed"]) == (True, 3)
    assert [each["seq"] for each in joined["events"]] == missed
    live = await again.event("message")
    assert (live["text"], live["prev"]) == ("after", joined["seq"])


async def test_before_it_joined_again_the_connection_hears_nothing(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await broken_off(hall, "ann", "lobby")
    again = await resume(hall.port, ann.welcome["resume"])

    await bob.say("lobby", "too early")

    assert await again.drain() == []
    joined = await again.granted("join", room="lobby")
    assert [each["text"] for each in joined["messages"]] == ["too early"]


async def test_the_old_connection_is_told_that_it_was_replaced(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await Wire.member(hall.port, "ann", "lobby")
    await bob.event("presence")

    again = await resume(hall.port, ann.welcome["resume"])
    await again.granted("join", room="lobby", after=0)

    assert (again.welcome["resumed"], again.welcome["name"]) == (True, "ann")
    assert (await ann.bye())["code"] == "replaced"
    assert came_or_went(await bob.drain(), "ann") == []
    shown = await bob.granted("members", room="lobby")
    assert [(each["name"], each["away"]) for each in shown["members"]] == [
        ("ann", False),
        ("bob", False),
    ]


async def test_the_end_of_the_replaced_connection_does_the_new_one_no_harm(
    hall: RunningHall,
) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await Wire.member(hall.port, "ann", "lobby")
    again = await resume(hall.port, ann.welcome["resume"])
    await again.granted("join", room="lobby")
    await ann.bye()
    ann.abort()

    await bob.say("lobby", "still there?")

    assert (await again.event("message"))["text"] == "still there?"


@pytest.mark.one_node
async def test_a_token_is_good_once(hall: RunningHall) -> None:
    ann = await broken_off(hall, "ann", "lobby")
    token = ann.welcome["resume"]
    again = await resume(hall.port, token)

    thief = await resume(hall.port, token)

    assert (thief.welcome["resumed"], thief.welcome["rooms"]) == (False, [])
    assert thief.welcome["name"] != "ann"
    assert (await again.granted("ping"))["heads"] == {"lobby": 0}


async def test_each_welcomes_token_is_good_for_the_next(hall: RunningHall) -> None:
    wire = await Wire.member(hall.port, "ann", "lobby")

    for _ in range(4):
        wire.abort()
        wire = await resume(hall.port, wire.welcome["resume"])
        assert (wire.welcome["resumed"], wire.welcome["rooms"]) == (True, ["lobby"])


async def test_a_token_ends_with_quit(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await ann.granted("quit")
    await ann.bye()

    again = await resume(hall.port, ann.welcome["resume"], name="ann")

    assert (again.welcome["resumed"], again.welcome["rooms"]) == (False, [])
    assert again.welcome["name"] == "ann"


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 2_000, "\u00e9", "a\x00b"])
async def test_a_token_that_never_was_makes_a_new_session(hall: RunningHall, token: str) -> None:
    wire = await resume(hall.port, token, name="ann")

    assert (wire.welcome["resumed"], wire.welcome["name"]) == (False, "ann")


async def test_a_resumed_one_keeps_the_name_it_had_last(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await ann.granted("name", name="anna")
    ann.abort()

    again = await resume(hall.port, ann.welcome["resume"], name="ann")

    assert (again.welcome["resumed"], again.welcome["name"]) == (True, "anna")


async def test_the_absents_name_is_kept_for_it(hall: RunningHall) -> None:
    await broken_off(hall, "ann", "lobby")
    wire = await Wire.connect(hall.port)

    assert await wire.refused("hello", protocol=[1], client="x", name="ann") == "name-taken"


async def test_what_one_set_by_hand_outlasts_an_absence(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await ann.granted("away", away=True)
    ann.abort()

    again = await resume(hall.port, ann.welcome["resume"])

    shown = (await again.granted("join", room="lobby"))["members"]
    assert [each["away"] for each in shown] == [True]


async def test_a_resend_after_a_resume_is_harmless(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    sent = await ann.say("lobby", "once", nonce="n")
    ann.abort()
    again = await resume(hall.port, ann.welcome["resume"])
    await again.granted("join", room="lobby")

    assert (await again.say("lobby", "once", nonce="n"))["seq"] == sent["seq"]
    assert await again.drain() == []


async def test_what_was_sent_as_the_connection_broke_is_in_the_log_once(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    for number in range(50):
        ann.command("send", room="lobby", text=f"{number}", nonce=f"{number}")
    await ann.close()

    again = await resume(hall.port, ann.welcome["resume"])
    await again.granted("join", room="lobby", limit=200)
    for number in range(50):
        await again.say("lobby", f"{number}", nonce=f"{number}")

    page = await again.granted("history", room="lobby", limit=200)
    assert [each["text"] for each in page["messages"]] == [str(n) for n in range(50)]


async def test_one_joins_only_once_per_connection(hall: RunningHall) -> None:
    ann = await broken_off(hall, "ann", "lobby")
    again = await resume(hall.port, ann.welcome["resume"])

    await again.granted("join", room="lobby")

    assert await again.refused("join", room="lobby") == "already-in-room"


async def test_a_resumed_one_may_leave_without_joining_again(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await broken_off(hall, "ann", "lobby")
    again = await resume(hall.port, ann.welcome["resume"])

    await again.granted("leave", room="lobby")

    assert [each["name"] for each in (await bob.granted("members", room="lobby"))["members"]] == [
        "bob"
    ]


async def test_after_the_linger_one_has_left(hall: RunningHall) -> None:
    async with running_hall(linger=BRIEF, deadlines=QUICK) as brief:
        bob = await Wire.member(brief.port, "bob", "lobby")
        ann = await Wire.member(brief.port, "ann", "lobby", "den")
        began = time.monotonic()
        ann.abort()

        while not (told := await bob.event("presence")).get("left"):
            pass

        assert time.monotonic() - began >= BRIEF * 0.8
        assert [each["name"] for each in told["left"]] == ["ann"]
        assert told["left"][0]["reason"]
        assert [each["name"] for each in (await bob.granted("list"))["rooms"]] == ["lobby"]
        again = await resume(brief.port, ann.welcome["resume"], name="ann")
        assert (again.welcome["resumed"], again.welcome["name"]) == (False, "ann")


async def test_who_came_back_in_time_does_not_leave_later(hall: RunningHall) -> None:
    async with running_hall(linger=BRIEF, deadlines=QUICK) as brief:
        bob = await Wire.member(brief.port, "bob", "lobby")
        ann = await Wire.member(brief.port, "ann", "lobby")
        cyd = await Wire.member(brief.port, "cyd", "lobby")
        ann.abort()
        again = await resume(brief.port, ann.welcome["resume"])
        await again.granted("join", room="lobby")
        cyd.abort()  # who goes after her shows that her time is over

        while not (told := await bob.event("presence")).get("left"):
            pass

        assert [each["name"] for each in told["left"]] == ["cyd"]
        assert came_or_went(await bob.drain(), "ann") == []
        assert (await again.say("lobby", "here"))["type"] == "sent"


async def test_an_absent_ones_empty_room_is_kept_for_it(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    ann.abort()
    again = await resume(hall.port, ann.welcome["resume"])

    assert again.welcome["rooms"] == ["lobby"]
    assert [each["name"] for each in (await again.granted("list"))["rooms"]] == ["lobby"]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_a_session_outlasts_a_restart_of_the_server(tmp_path: Path, kind: str) -> None:
    memory = MemoryLedger(SYSTEM_CLOCK.wall)

    def ledger() -> MemoryLedger | SqliteLedger:
        return memory if kind == "memory" else SqliteLedger(tmp_path / "hall", SYSTEM_CLOCK.wall)

    remembered = MemoryDirectory(SYSTEM_CLOCK.wall)

    def directory() -> MemoryDirectory | SqliteDirectory:
        path = tmp_path / "sessions"
        return remembered if kind == "memory" else SqliteDirectory(path, SYSTEM_CLOCK.wall)

    async with running_hall(ledger(), directory()) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby", "den")
        sent = await ann.say("lobby", "before", nonce="n")
    async with running_hall(ledger(), directory()) as hall:
        again = await resume(hall.port, ann.welcome["resume"])

        assert (again.welcome["resumed"], again.welcome["name"]) == (True, "ann")
        assert sorted(again.welcome["rooms"]) == ["den", "lobby"]
        joined = await again.granted("join", room="lobby", after=0, epoch=ann.welcome["epoch"])
        assert [each["text"] for each in joined["events"]] == ["before"]
        assert (await again.say("lobby", "before", nonce="n"))["seq"] == sent["seq"]


async def test_a_restart_keeps_what_was_said_and_the_nonces(tmp_path: Path) -> None:
    def ledger() -> SqliteLedger:
        return SqliteLedger(tmp_path / "hall", SYSTEM_CLOCK.wall)

    async with running_hall(ledger()) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        sent = await ann.say("lobby", "before", nonce="n")
        await ann.granted("topic", room="lobby", text="tea", nonce="t")
        await ann.granted("quit")
    async with running_hall(ledger()) as hall:
        again = await Wire.enter(hall.port, "ann")
        rooms = (await again.granted("list"))["rooms"]
        joined = await again.granted("join", room="lobby", after=0, epoch=ann.welcome["epoch"])
        resent = await again.say("lobby", "before", nonce="n")
        later = await again.say("lobby", "after", nonce="m")

        assert [(each["name"], each["members"], each["topic"]) for each in rooms] == [
            ("lobby", 0, "tea")
        ]
        assert [each["type"] for each in joined["events"]] == ["message", "topic"]
        assert (resent["seq"], resent["time"]) == (sent["seq"], sent["time"])
        assert later["seq"] > joined["seq"]
        assert (await again.event("message", text="after"))["prev"] == joined["seq"]
        assert await again.refused("send", room="lobby", text="other", nonce="n") == "nonce-reused"


async def test_another_log_has_another_epoch() -> None:
    epochs = set()
    for _ in range(2):
        async with running_hall() as hall:
            epochs.add((await Wire.enter(hall.port)).welcome["epoch"])

    assert len(epochs) == 2


async def test_many_take_over_one_session_and_one_has_it(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    wires = await asyncio.gather(*(resume(hall.port, ann.welcome["resume"]) for _ in range(8)))
    took = [each for each in wires if each.welcome["resumed"]]

    # While the kernel has no acknowledgement of its `welcome`, one who took it over loses it again.
    answers = [await ended_or_pong(each) for each in took]

    assert sorted(each["type"] for each in answers) == ["bye"] * (len(took) - 1) + ["pong"]


async def ended_or_pong(wire: Wire) -> Json:
    try:
        return await wire.granted("ping")
    except Closed:
        return wire.unread[-1]
