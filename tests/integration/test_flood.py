"""Who says too much is slowed down; nothing that was said is lost, and nobody else notices."""

import asyncio

import pytest

from pychat.client import connect
from pychat.server import limits
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.deadlines import Deadlines
from pychat.server.flood import FloodLimits
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import running_hall
from tests.support.wire import Wire


async def test_a_flood_is_delayed_and_arrives_whole_and_in_order() -> None:
    async with running_hall(flood=FloodLimits(burst=5, rate=100)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        bob = await Wire.member(hall.port, "bob", "tea")
        begun = hall.server.now()
        asked = pipelined(ada, range(55))

        answers = [await ada.reply(command_id) for command_id in asked]

        # 55 less the burst, and the token of the join's second, at 100 a second.
        assert hall.server.now() - begun >= 0.4
        assert [answer["type"] for answer in answers] == ["sent"] * 55
        heard = [(await bob.event("message"))["text"] for _ in range(55)]
        assert heard == [f"{n}" for n in range(55)]


async def test_others_are_answered_at_once_while_one_floods() -> None:
    async with running_hall(flood=FloodLimits(burst=1, rate=0.5)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        bob = await Wire.member(hall.port, "bob", "tea")
        begun = hall.server.now()
        pipelined(ada, range(20))

        assert (await bob.say("tea", "calm"))["type"] == "sent"
        assert hall.server.now() - begun < 2.0  # a token of ada's takes as long


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FLOOD_PATIENCE", 0.3)


@pytest.mark.usefixtures("impatient")
async def test_who_says_all_at_once_is_refused_in_the_end_and_told_when_to_come_again() -> None:
    async with running_hall(flood=FloodLimits(burst=20, rate=20)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        asked = pipelined(ada, range(1_000))

        answers = [await ada.reply(command_id) for command_id in asked]
        refused = [answer for answer in answers if answer["type"] == "error"]

        assert 0 < len(refused) < 1_000
        # What was refused, nothing overtook.
        assert all(answer["type"] == "sent" for answer in answers[: 1_000 - len(refused)])
        assert {(a["code"], a["retryable"], a["retry_after"]) for a in refused} == {
            ("rate-limited", True, 1000)
        }
        # What was refused is taken when it comes again after the time that was told.
        await asyncio.sleep(refused[-1]["retry_after"] / 1000)
        again = await ada.say("tea", "999", nonce="999")
        assert again["type"] == "sent"


@pytest.mark.parametrize("flood", [FloodLimits(burst=1, rate=1_000), None], ids=["quicker", "off"])
async def test_a_change_of_it_holds_for_who_is_here_and_waits(flood: FloodLimits | None) -> None:
    async with running_hall(flood=FloodLimits(burst=1, rate=0.01)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        first, *others = pipelined(ada, range(4))
        assert (await ada.reply(first))["type"] == "sent"

        hall.server.reconfigure(hall.server.hall.config, Deadlines(), flood)

        assert [(await ada.reply(each))["type"] for each in others] == ["sent"] * 3


async def test_it_holds_for_who_came_while_there_was_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FLOOD_PATIENCE", 0.0)
    async with running_hall() as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        hall.server.reconfigure(hall.server.hall.config, Deadlines(), FloodLimits(1, 0.01))

        answers = [await ada.reply(each) for each in pipelined(ada, range(2))]

        assert [answer.get("code", "sent") for answer in answers] == ["sent", "rate-limited"]


@pytest.mark.usefixtures("impatient")
async def test_who_waits_for_each_answer_is_never_refused() -> None:
    async with running_hall(flood=FloodLimits(burst=1, rate=50)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")

        answers = [await ada.say("tea", f"{n}") for n in range(40)]

        assert [answer["type"] for answer in answers] == ["sent"] * 40


@pytest.mark.usefixtures("impatient")
async def test_a_program_that_posts_much_is_slowed_and_sees_no_refusal() -> None:
    async with running_hall(flood=FloodLimits(burst=5, rate=100)) as hall:
        bob = await Wire.member(hall.port, "bob", "tea")
        async with await connect(hall.address, name="ada") as client:
            await client.join("tea")

            posted = [client.post("tea", f"{n}") for n in range(100)]

            heard = [(await bob.event("message"))["text"] for _ in posted]
        assert heard == [f"{n}" for n in range(100)]
        assert {item.why for item in posted} == {""}


@pytest.mark.parametrize("goodbye", ["quit", "eof"])
async def test_what_waited_is_answered_before_the_end(goodbye: str) -> None:
    async with running_hall(flood=FloodLimits(burst=1, rate=50)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        asked = pipelined(ada, range(20))
        if goodbye == "quit":
            ada.command("quit")
        else:
            ada.half_close()

        everything = await ada.rest()

        sent = [each["id"] for each in everything if each["type"] == "sent"]
        assert sent == asked
        assert (everything[-1]["type"] == "bye") == (goodbye == "quit")


async def test_who_is_delayed_is_not_taken_for_dead() -> None:
    # What is delayed takes twice as long as who is dead; a busy machine stands still for less.
    lively = Deadlines(silence=0.1, dead=1.0, sweep=0.02)
    async with running_hall(flood=FloodLimits(burst=1, rate=1), deadlines=lively) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        asked = pipelined(ada, range(3))
        # It answers what it is asked, but the answer is behind what waits.
        await ada.event("ping")
        ada.send({"type": "pong"})

        assert [(await ada.reply(command_id))["type"] for command_id in asked] == ["sent"] * 3
        assert (await ada.granted("ping"))["type"] == "pong"


async def test_a_resend_of_what_is_in_the_log_is_not_slowed_like_something_new() -> None:
    ledger = MemoryLedger(SYSTEM_CLOCK.wall)
    async with running_hall(ledger) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        first = [await ada.reply(asked) for asked in pipelined(ada, range(100))]
        await ada.granted("quit")
    async with running_hall(ledger, flood=FloodLimits(burst=10, rate=10)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        begun = hall.server.now()
        again = [await ada.reply(asked) for asked in pipelined(ada, range(100))]

        assert [each["seq"] for each in again] == [each["seq"] for each in first]
        assert hall.server.now() - begun < 4.5  # as something new it would take 9 s


async def test_one_who_comes_back_into_a_hundred_rooms_is_not_slowed() -> None:
    async with running_hall(flood=FloodLimits(burst=1, rate=0.1)) as hall:
        rooms = [f"room-{n}" for n in range(limits.ROOMS_PER_USER)]
        ada = await Wire.member(hall.port, "ada", *rooms)
        again = await Wire.enter(hall.port, resume=ada.welcome["resume"])

        asked = [again.command("join", room=room, after=0) for room in rooms]
        asked += [again.command("history", room=room) for room in rooms]

        answers = [(await again.reply(command_id))["type"] for command_id in asked]
        assert answers == ["joined"] * len(rooms) + ["history"] * len(rooms)


def pipelined(wire: Wire, numbers: range) -> list[int]:
    return [wire.command("send", room="tea", text=f"{n}", nonce=f"{n}") for n in numbers]


async def test_who_comes_back_over_and_over_says_no_more_than_who_stays() -> None:
    """Of `--flood` 10/5, resuming after every 10 made 2,000 a second."""
    async with running_hall(flood=FloodLimits(burst=10, rate=50)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        begun = hall.server.now()
        for back in range(5):
            asked = pipelined(ada, range(10 * back, 10 * back + 10))
            assert {(await ada.reply(command_id))["type"] for command_id in asked} == {"sent"}
            ada.abort()
            ada = await Wire.enter(hall.port, resume=ada.welcome["resume"])
            await ada.granted("join", room="tea")

        assert hall.server.now() - begun >= 0.8  # 50 less the burst, at 50 a second


@pytest.mark.parametrize("name", ["ada", None])
async def test_quitting_and_coming_anew_earns_nothing(name: str | None) -> None:
    async with running_hall(flood=FloodLimits(burst=10, rate=50)) as hall:
        begun = hall.server.now()
        for back in range(5):
            wire = await Wire.member(hall.port, name or f"ada-{back}", "tea")
            asked = pipelined(wire, range(10 * back, 10 * back + 10))
            assert {(await wire.reply(command_id))["type"] for command_id in asked} == {"sent"}
            await wire.granted("quit")
            await wire.bye()

        assert hall.server.now() - begun >= 0.8
