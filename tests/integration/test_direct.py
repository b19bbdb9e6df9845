"""Direct rooms over sockets: two who talk, and a third one who tries everything."""

import json
from itertools import pairwise

import pytest

from pychat.server.backplane.directory import MemoryDirectory
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Json, Wire


async def test_two_talk_without_a_gap_or_an_overlap(hall: RunningHall) -> None:
    ada = await Wire.enter(hall.port, "ada")
    kim = await Wire.enter(hall.port, "kim")
    joined = await ada.granted("join", room="@kim")
    assert joined["room"] == "@ada,kim"
    for number in range(5):
        await ada.say("@kim", f"m{number}")

    news = await kim.event("direct")
    wanted = kim.command("join", room=news["room"], after=news["after"])
    more = [ada.command("send", room="@kim", text=f"m{n}", nonce=str(n)) for n in range(5, 20)]
    for command in more:
        await ada.reply(command)
    joined = await kim.reply(wanted)
    heard = joined["events"] + [each for each in await kim.drain() if each["type"] == "message"]

    assert (news["name"], news["after"]) == ("ada", 0)
    assert [each["text"] for each in heard] == [f"m{n}" for n in range(20)]
    assert heard[0]["prev"] == 0
    assert all(b["prev"] == a["seq"] for a, b in pairwise(heard))
    assert not [each for each in kim.unread if each["type"] == "direct"]


async def test_a_third_one_who_tries_everything_learns_nothing(hall: RunningHall) -> None:
    ada = await Wire.enter(hall.port, "ada")
    kim = await Wire.enter(hall.port, "kim")
    bob = await Wire.member(hall.port, "bob", "lobby")
    await ada.granted("join", room="@kim")
    seq = (await ada.say("@kim", "swordfish @kim"))["seq"]
    await kim.granted("join", room="@ada")
    heard: list[Json] = []
    for room in ("@ada,kim", "@ADA,KIM", "@kim,ada", "@ada,kim-2", "\uff20ada,kim"):
        for kind, fields in _TRIES.items():
            fields = {key: seq if value == "SEQ" else value for key, value in fields.items()}
            reply = await bob.ask(kind, room=room, **fields)
            assert reply["code"] in ("no-such-room", "bad-room"), (kind, room)
            heard.append({**reply, "text": reply["text"].replace(room, "")})
    heard.append(await bob.ask("search", text="swordfish"))
    heard.append(await bob.ask("list"))
    heard.append(await bob.ask("whois", name="kim"))
    await ada.say("@kim", "swordfish again")
    await kim.granted("typing", room="@ada")
    heard += await bob.drain()

    told = json.dumps(heard)
    assert "swordfish" not in told
    assert "@ada" not in told
    assert "ada,kim" not in told


_TRIES: dict[str, Json] = {
    "join": {},
    "leave": {},
    "members": {},
    "history": {},
    "send": {"text": "x", "nonce": "n"},
    "edit": {"text": "x", "nonce": "n", "target": "SEQ"},
    "delete": {"nonce": "n", "target": "SEQ"},
    "react": {"emojis": ["x"], "nonce": "n", "target": "SEQ"},
    "topic": {"text": "x", "nonce": "n"},
    "search": {"text": "swordfish"},
    "typing": {},
    "read": {"seq": "SEQ"},
}


@pytest.mark.one_node
async def test_the_operator_learns_that_something_was_said_and_the_disk_nothing(
    hall: RunningHall,
) -> None:
    ada = await Wire.enter(hall.port, "ada")
    await Wire.enter(hall.port, "kim")
    await ada.granted("join", room="@kim")
    await ada.say("@kim", "swordfish")

    assert [event.room for event in hall.report.events] == ["@ada,kim"]
    assert not [note for note in hall.report.notes if note.room is not None]


async def test_a_session_that_goes_on_has_the_room_and_what_was_said_meanwhile(
    hall: RunningHall,
) -> None:
    ada = await Wire.enter(hall.port, "ada")
    kim = await Wire.enter(hall.port, "kim")
    await ada.granted("join", room="@kim")
    first = (await ada.say("@kim", "one"))["seq"]
    await kim.granted("join", room="@ada")
    kim.abort()
    await ada.event("presence")
    await ada.say("@kim", "two")

    back = await Wire.enter(hall.port, "kim", resume=kim.welcome["resume"])
    joined = await back.granted("join", room="@ada,kim", after=first, epoch=back.welcome["epoch"])

    assert back.welcome["rooms"] == ["@ada,kim"]
    assert [each["text"] for each in joined["events"]] == ["two"]


async def test_a_restart_of_the_server_ends_direct_rooms_and_no_others() -> None:
    ledger, directory = MemoryLedger(SYSTEM_CLOCK.wall), MemoryDirectory(SYSTEM_CLOCK.wall)
    async with running_hall(ledger, directory) as hall:
        ada = await Wire.member(hall.port, "ada", "lobby")
        kim = await Wire.member(hall.port, "kim", "lobby")
        await ada.granted("join", room="@kim")
        old = (await ada.say("@kim", "one"))["seq"]
        said = (await ada.say("lobby", "hi @kim"))["seq"]
        await kim.granted("read", room="lobby", seq=said)
    async with running_hall(ledger, directory) as hall:
        back = await Wire.enter(hall.port, "ada", resume=ada.welcome["resume"])
        again = await Wire.enter(hall.port, "kim", resume=kim.welcome["resume"])

        assert back.welcome["rooms"] == again.welcome["rooms"] == ["lobby"]
        assert await back.refused("join", room="@ada,kim") == "no-such-room"
        assert (await again.granted("join", room="lobby"))["read"] == said
        await back.granted("join", room="@kim")
        new = await back.say("@kim", "two")
        joined = await again.granted("join", room="@ada", after=old, epoch=again.welcome["epoch"])
        assert new["seq"] > old
        assert [message["text"] for message in joined["messages"]] == ["two"]


async def test_whom_a_text_names_is_told_live_in_pages_and_after_an_edit(
    hall: RunningHall,
) -> None:
    ada = await Wire.member(hall.port, "ada", "lobby")
    await Wire.member(hall.port, "Kim", "lobby")
    await Wire.member(hall.port, "zoe", "lobby")
    await Wire.enter(hall.port, "bob")

    sent = await ada.say("lobby", "kim: ask @zoe. @ada, @bob and ann@zoe know nothing")
    assert (await ada.event("message"))["mentions"] == ["Kim", "zoe"]
    page = await ada.granted("history", room="lobby")
    assert page["messages"][0]["mentions"] == ["Kim", "zoe"]

    await ada.granted("edit", room="lobby", target=sent["seq"], text="@zoe!", nonce="e")
    assert (await ada.event("edited"))["mentions"] == ["zoe"]
    page = await ada.granted("history", room="lobby")
    assert page["messages"][0]["mentions"] == ["zoe"]

    await ada.granted("edit", room="lobby", target=sent["seq"], text="nobody", nonce="f")
    assert "mentions" not in await ada.event("edited")
    page = await ada.granted("history", room="lobby")
    assert "mentions" not in page["messages"][0]


async def test_a_resend_is_known_though_its_text_names_others_by_now(hall: RunningHall) -> None:
    ada = await Wire.member(hall.port, "ada", "lobby")
    first = await ada.say("lobby", "hi @kim", nonce="n")
    await Wire.member(hall.port, "kim", "lobby")

    again = await ada.say("lobby", "hi @kim", nonce="n")

    assert (again["type"], again["seq"]) == ("sent", first["seq"])


@pytest.mark.parametrize("name", ["kim", "KIM"])
async def test_whois_over_a_socket(hall: RunningHall, name: str) -> None:
    ada = await Wire.member(hall.port, "ada", "lobby")
    await Wire.member(hall.port, "kim", "lobby", "den")

    told = await ada.granted("whois", name=name)

    assert (told["name"], told["rooms"], told["away"]) == ("kim", ["lobby"], False)
    assert told["entered"] <= (await ada.granted("ping"))["time"]
    assert await ada.refused("whois", name="bob") == "no-such-name"
