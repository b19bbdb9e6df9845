"""What got no answer before the connection broke."""

import asyncio

import pytest

from pychat.client import CommandError, ConnectionLost
from pychat.protocol import commands, replies
from tests.support.fake_hall import PATIENCE
from tests.support.stay import Stay
from tests.support.told import said


async def test_what_got_no_receipt_is_sent_again_in_order_under_the_same_nonces(
    stay: Stay,
) -> None:
    sending = [asyncio.create_task(stay.client.send("lobby", f"m{n}")) for n in range(4)]
    first = [await stay.hall.expect(commands.Send) for _ in range(4)]
    await stay.break_off()
    late = asyncio.create_task(stay.client.send("lobby", "late"))

    await stay.come_back()

    again = [await stay.hall.expect(commands.Send) for _ in range(5)]
    assert [send.text for send in again] == ["m0", "m1", "m2", "m3", "late"]
    assert [send.nonce for send in again[:4]] == [send.nonce for send in first]
    for seq, send in enumerate(again, 4):
        stay.hall.tell(replies.Sent(id=send.id, room="lobby", seq=seq, time=1, nonce=send.nonce))
    async with asyncio.timeout(PATIENCE):
        sent = await asyncio.gather(*sending, late)
    assert [each.seq for each in sent] == [4, 5, 6, 7, 8]
    assert stay.client.mirror.outgoing == set()


async def test_what_comes_back_as_an_event_is_not_sent_again(stay: Stay) -> None:
    sending = asyncio.create_task(stay.client.send("lobby", "once"))
    send = await stay.hall.expect(commands.Send)
    await stay.break_off()
    event = said(4, "once", sender="ann")
    event.nonce = send.nonce

    await stay.come_back(event)

    async with asyncio.timeout(PATIENCE):
        receipt = await sending
    assert (receipt.seq, receipt.time, receipt.nonce) == (4, 4_000, send.nonce)
    assert stay.hall.unread == 0
    assert stay.client.mirror.rooms["lobby"].unread == 0


async def test_an_event_that_came_before_the_break_is_receipt_enough(stay: Stay) -> None:
    sending = asyncio.create_task(stay.client.send("lobby", "once"))
    send = await stay.hall.expect(commands.Send)
    event = said(4, "once", sender="ann")
    event.nonce = send.nonce
    stay.hall.tell(event)
    stay.hall.hang_up()

    async with asyncio.timeout(PATIENCE):
        assert (await sending).seq == 4


async def test_a_caller_that_gives_up_while_it_waits_holds_up_nobody(stay: Stay) -> None:
    await stay.break_off()
    given_up = asyncio.create_task(stay.client.send("lobby", "given up"))
    kept = asyncio.create_task(stay.client.send("lobby", "kept"))
    await stay.until(lambda: stay.client.retry is not None)
    given_up.cancel()

    await stay.come_back()

    send = await stay.hall.expect(commands.Send)
    stay.hall.tell(replies.Sent(id=send.id, room="lobby", seq=4, time=1, nonce=send.nonce))
    assert (send.text, (await kept).seq) == ("kept", 4)


async def test_who_waits_to_send_learns_that_it_will_not_be(stay: Stay) -> None:
    await stay.break_off()
    sending = asyncio.create_task(stay.client.send("lobby", "never"))
    hello = await stay.called()
    stay.hall.tell(replies.error("wrong-password", "that is not it", hello.id))

    with pytest.raises(ConnectionLost, match="that is not it"):
        await sending


async def test_a_refused_message_is_the_callers_to_mend(stay: Stay) -> None:
    sending = asyncio.create_task(stay.client.send("lobby", "x"))
    send = await stay.hall.expect(commands.Send)
    stay.hall.tell(replies.error("rate-limited", "slower", send.id, retry_after=9))

    with pytest.raises(CommandError, match="slower") as refused:
        await sending
    assert refused.value.retry_after == 9
