"""Whom the Hall does not want back, and who does not want to come back."""

import asyncio

import pytest

from pychat.client import ConnectionLost
from pychat.protocol import commands, replies
from tests.support.fake_hall import PATIENCE, welcome
from tests.support.stay import Stay
from tests.support.told import answer, said


async def test_who_is_sent_away_stays_away_and_knows_why(stay: Stay) -> None:
    stream = stay.client.events()
    bye = replies.bye("kicked", "enough of that")
    stay.hall.tell(bye)
    stay.hall.hang_up()

    with pytest.raises(ConnectionLost, match="enough of that") as lost:
        await anext(stream)
    assert lost.value.bye == bye
    # Hearing of it, the client would have begun to wait already.
    assert (stay.client.state, stay.client.retry) == ("offline", None)
    assert stay.client.trouble.endswith("closed the connection: enough of that")
    with pytest.raises(ConnectionLost, match="enough of that"):
        await stay.client.send("lobby", "but")


async def test_who_has_ended_the_connection_stays_away_until_they_knock_again(stay: Stay) -> None:
    await stay.client.disconnect()
    assert (stay.client.state, stay.client.retry) == ("offline", None)
    assert stay.client.trouble == "You have ended the connection."
    item = stay.client.post("lobby", "later")
    await stay.client.disconnect()

    stay.client.reconnect_now()
    hello = await stay.hall.expect(commands.Hello)
    stay.hall.tell(welcome(hello.id, "ann"))
    join = await stay.hall.expect(commands.Join)
    stay.hall.tell(answer(join, said(4)))
    sent = await stay.hall.expect(commands.Send)

    assert (sent.text, sent.nonce) == ("later", item.nonce)


async def test_who_was_sent_away_may_knock_again(stay: Stay) -> None:
    stay.hall.tell(replies.bye("replaced", "you are elsewhere"))
    stay.hall.hang_up()
    await stay.until(lambda: stay.client.state == "offline")

    stay.client.reconnect_now()
    hello = await stay.hall.expect(commands.Hello)
    stay.hall.tell(welcome(hello.id, "ann"))
    join = await stay.hall.expect(commands.Join)
    stay.hall.tell(answer(join, said(4)))
    await stay.until(lambda: stay.client.state == "connected")

    assert stay.client.mirror.rooms["lobby"].head == 4
    assert stay.client.lost is None


async def test_a_password_that_is_right_no_more_ends_it(stay: Stay) -> None:
    await stay.break_off()
    hello = await stay.called()
    stay.hall.tell(
        replies.error("wrong-password", "that is not it", hello.id),
        replies.bye("wrong-password", "that is not it"),
    )
    await stay.until(lambda: stay.client.state == "offline")

    assert stay.client.trouble == "that is not it"
    assert stay.client.refusal is not None
    assert stay.client.refusal.code == "wrong-password"


async def test_a_name_that_is_taken_meanwhile_can_be_given_up_for_another(stay: Stay) -> None:
    await stay.break_off()
    hello = await stay.called()
    stay.hall.tell(replies.error("name-taken", "there is an ann", hello.id))
    await stay.until(lambda: stay.client.refusal is not None)
    assert stay.client.refusal is not None
    assert (stay.client.state, stay.client.refusal.code) == ("connecting", "name-taken")
    assert stay.client.trouble == "there is an ann"

    stay.client.reconnect_now("anna")
    hello = await stay.hall.expect(commands.Hello)
    stay.hall.tell(welcome(hello.id, "anna"))
    join = await stay.hall.expect(commands.Join)
    stay.hall.tell(answer(join, seq=3))
    await stay.until(lambda: stay.client.state == "connected")

    assert hello.name == stay.client.mirror.name == "anna"
    assert stay.client.refusal is None


async def test_a_name_that_is_taken_is_asked_for_again_until_it_is_free(stay: Stay) -> None:
    await stay.break_off()
    hello = await stay.called()
    stay.hall.tell(replies.error("name-taken", "there is an ann", hello.id))

    await stay.come_back()

    assert stay.client.mirror.name == "ann"


async def test_closing_while_it_waits_ends_the_waiting(stay: Stay) -> None:
    stream = stay.client.events()
    await stay.break_off()

    await stay.client.close()

    assert (stay.client.state, stay.client.lost) == ("offline", None)
    assert [event async for event in stream] == []
    stay.client.reconnect_now()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_quitting_while_it_dials_ends_the_dialling(stay: Stay) -> None:
    await stay.break_off()
    await stay.called()

    await stay.client.quit()

    assert stay.client.state == "offline"
    async with asyncio.timeout(PATIENCE):
        await stay.hall.closed.wait()


async def test_calls_between_connections_are_refused_at_once(stay: Stay) -> None:
    await stay.break_off()

    with pytest.raises(ConnectionLost, match="without a word"):
        await stay.client.history("lobby")
    with pytest.raises(ConnectionLost):
        await stay.client.leave("lobby")
