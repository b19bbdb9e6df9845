"""The server stops in order, whatever its clients do at that moment."""

import asyncio

from tests.support.hall import running_hall
from tests.support.processes import PATIENCE
from tests.support.wire import Wire


async def test_everybody_is_told_of_the_shutdown_and_when_to_come_back() -> None:
    async with running_hall() as hall:
        ada = await Wire.enter(hall.port, "ada")
        new = await Wire.connect(hall.port)
        async with asyncio.timeout(PATIENCE):
            while len(hall.server.connections) < 2:  # noqa: ASYNC110  # the server tells nobody
                await asyncio.sleep(0)
        await hall.server.stop()

        byes = [await wire.bye() for wire in (ada, new)]
        assert {(bye["code"], bye["reconnect"]) for bye in byes} == {("shutdown", True)}
        # One after the other, two hundred a second.
        assert [bye["retry_after"] for bye in byes] == [0, 5]


async def test_a_client_that_resets_as_the_server_stops_does_not_keep_it_from_stopping() -> None:
    # Shutting down the sending side of a connection that is reset already raised ENOTCONN.
    async with running_hall() as hall:
        ada, bob = await Wire.enter(hall.port, "ada"), await Wire.enter(hall.port, "bob")
        ada.abort()
        await hall.server.stop()

        assert (await bob.bye())["code"] == "shutdown"


async def test_what_was_sent_just_before_the_stop_is_answered_first() -> None:
    async with running_hall() as hall:
        ada = await Wire.enter(hall.port, "ada")
        await ada.ask("join", room="r")
        sent = [ada.command("send", room="r", text=f"{n}", nonce=f"{n}") for n in range(50)]
        await ada.event("message", text="0")
        await hall.server.stop()

        assert (await ada.bye())["code"] == "shutdown"
        answered = [m["id"] for m in ada.unread if m["type"] == "sent"]
        assert answered == sent[: len(answered)]
        stored = [m["nonce"] for m in ada.unread if m["type"] == "message"]
        assert len(answered) == len(stored) + 1  # the first event was read above
