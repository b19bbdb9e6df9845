"""Who says too much is slowed down; nothing that was said is lost, and nobody else notices."""

import asyncio

from pychat.server import limits
from pychat.server.flood import FloodLimits
from tests.support.hall import running_hall
from tests.support.wire import Wire


async def test_a_flood_is_delayed_and_arrives_whole_and_in_order() -> None:
    async with running_hall(flood=FloodLimits(burst=5, rate=100)) as hall:
        ada = await Wire.member(hall.port, "ada", "tea")
        bob = await Wire.member(hall.port, "bob", "tea")
        begun = hall.server.now()
        asked = [ada.command("send", room="tea", text=f"{n}", nonce=f"{n}") for n in range(55)]

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
        for n in range(20):
            ada.command("send", room="tea", text=f"{n}", nonce=f"{n}")

        assert (await bob.say("tea", "calm"))["type"] == "sent"
        assert hall.server.now() - begun < 2.0  # a token of ada's takes as long


async def test_who_does_not_stop_is_refused_and_told_when_to_come_again() -> None:
    patience = limits.FLOOD_PATIENCE
    limits.FLOOD_PATIENCE = 0.3
    try:
        async with running_hall(flood=FloodLimits(burst=1, rate=10)) as hall:
            ada = await Wire.member(hall.port, "ada", "tea")
            asked = [ada.command("send", room="tea", text=f"{n}", nonce=f"{n}") for n in range(30)]

            answers = [await ada.reply(command_id) for command_id in asked]
            refused = [answer for answer in answers if answer["type"] == "error"]

            assert refused
            # What was refused, nothing overtook.
            assert all(answer["type"] == "sent" for answer in answers[: 30 - len(refused)])
            assert {(a["code"], a["retryable"], a["retry_after"]) for a in refused} == {
                ("rate-limited", True, 100)
            }
            # What was refused is taken when it comes again after the time that was told.
            await asyncio.sleep(refused[-1]["retry_after"] / 1000)
            again = await ada.say("tea", "29", nonce="29")
            assert again["type"] == "sent"
    finally:
        limits.FLOOD_PATIENCE = patience
