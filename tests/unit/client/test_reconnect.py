import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.client import Changes, Client, CommandError, ConnectionLost, Note, connect
from pychat.client.backoff import Backoff
from pychat.protocol import commands, events, replies
from tests.support.fake_hall import PATIENCE, FakeHall, welcome
from tests.support.manual_time import ManualTime
from tests.support.told import answer, said, stands


class Stay:
    """Ann in the lobby of a Hall that says what a test tells it to."""

    def __init__(self, hall: FakeHall, time: ManualTime, client: Client) -> None:
        self.hall = hall
        self.time = time
        self.client = client
        self.told: list[Changes] = []
        client.subscribe(self.told.append)

    async def break_off(self) -> None:
        self.hall.hang_up()
        await self.until(lambda: self.client.state != "connected")

    async def until(self, holds: object) -> None:
        """Wait for news until something holds."""
        assert callable(holds)
        news = asyncio.Event()
        leave = self.client.subscribe(lambda _: news.set())
        async with asyncio.timeout(PATIENCE):
            while not holds():
                news.clear()
                await news.wait()
        leave()

    async def called(self) -> commands.Hello:
        """The client's next try: its time comes, and it says `hello`."""
        await self.time.wait()
        return await self.hall.expect(commands.Hello)

    async def greet(self, resumed: bool = True, **fields: object) -> commands.Join:
        """Let it in on its next try; what it asks then."""
        hello = await self.called()
        fields = {"resume": "token-2", "rooms": ["lobby"] if resumed else []} | fields
        self.hall.tell(welcome(hello.id, hello.name or "", resumed=resumed, **fields))
        return await self.hall.expect(commands.Join)

    async def come_back(self, *delta: events.LoggedEvent) -> None:
        join = await self.greet()
        self.hall.tell(answer(join, *delta, seq=join.after or 0))
        await self.until(lambda: self.client.state == "connected")

    @property
    def notes(self) -> list[Note]:
        return [note for changes in self.told for note in changes.notes.get("lobby", [])]


@pytest.fixture
async def stay() -> AsyncIterator[Stay]:
    """With the messages 1 to 3 read."""
    time = ManualTime()
    async with FakeHall(greets=False) as hall:
        entering = asyncio.create_task(
            connect(hall.address, name="ann", password="sesame", reconnect=True, timing=time.timing)
        )
        hello = await hall.expect(commands.Hello)
        hall.tell(welcome(hello.id, "ann", resume="token-1"))
        client = await entering
        joining = asyncio.create_task(client.join("lobby"))
        join = await hall.expect(commands.Join)
        hall.tell(answer(join, messages=[stands(1), stands(2), stands(3)]))
        await joining
        yield Stay(hall, time, client)
        await client.close()


# -- coming back ------------------------------------------------------------------------------


async def test_it_comes_back_with_its_token_to_where_it_was(stay: Stay) -> None:
    await stay.break_off()
    hello = await stay.called()
    stay.hall.tell(welcome(hello.id, "ann", resumed=True, rooms=["lobby"]))
    join = await stay.hall.expect(commands.Join)
    stay.hall.tell(answer(join, seq=3))
    await stay.until(lambda: stay.client.state == "connected")

    assert (hello.name, hello.resume, hello.password) == ("ann", "token-1", "sesame")
    assert (join.room, join.after, join.epoch) == ("lobby", 3, "e1")
    assert (stay.client.trouble, stay.client.retry, stay.client.lost) == ("", None, None)


async def test_each_return_uses_the_newest_token(stay: Stay) -> None:
    await stay.break_off()
    await stay.come_back()
    await stay.break_off()

    hello = await stay.called()

    assert hello.resume == "token-2"


async def test_what_was_missed_is_folded_in_and_comes_out_of_events_in_order(stay: Stay) -> None:
    stream = stay.client.events()
    stay.hall.tell(said(4))
    await stay.until(lambda: stay.client.mirror.rooms["lobby"].head == 4)
    await stay.break_off()

    await stay.come_back(said(5), said(6))
    stay.hall.tell(said(7))

    assert [await anext(stream) for _ in range(4)] == [said(4), said(5), said(6), said(7)]
    view = stay.client.mirror.rooms["lobby"]
    assert [message.seq for message in view.messages] == [1, 2, 3, 4, 5, 6, 7]
    assert view.unread == 4
    assert stay.notes == [Note(kind="fetched", name="", count=2)]


async def test_too_much_to_tell_shows_the_newest_page_anew(stay: Stay) -> None:
    await stay.break_off()
    join = await stay.greet()
    stay.hall.tell(answer(join, messages=[stands(900), stands(901)], missed=800))
    await stay.until(lambda: stay.client.state == "connected")

    view = stay.client.mirror.rooms["lobby"]
    assert [message.seq for message in view.messages] == [900, 901]
    assert view.unread == 800
    assert any("lobby" in changes.reset for changes in stay.told)
    assert stay.notes == [Note(kind="fetched", name="", count=800)]


async def test_a_hall_that_has_forgotten_me_gets_my_name_and_my_rooms_again(stay: Stay) -> None:
    away = asyncio.create_task(stay.client.set_away(True))
    command = await stay.hall.expect(commands.Away)
    stay.hall.tell(replies.Ok(id=command.id))
    await away
    await stay.break_off()

    hello = await stay.called()
    stay.hall.tell(welcome(hello.id, hello.name or "", resumed=False))

    assert hello.name == "ann"
    assert (await stay.hall.expect(commands.Away)).away
    assert (await stay.hall.expect(commands.Join)).after == 3


async def test_another_log_is_read_from_its_newest_page(stay: Stay) -> None:
    await stay.break_off()
    join = await stay.greet(resumed=False, epoch="e2")
    stay.hall.tell(answer(join, messages=[stands(1, "a new beginning")]))
    await stay.until(lambda: stay.client.state == "connected")

    view = stay.client.mirror.rooms["lobby"]
    assert (join.after, join.epoch) == (None, None)
    assert [message.text for message in view.messages] == ["a new beginning"]
    assert (view.head, view.unread) == (1, 1)


async def test_a_break_while_joining_again_is_a_break_like_any_other(stay: Stay) -> None:
    await stay.break_off()
    await stay.greet()
    stay.hall.hang_up()

    await stay.come_back(said(4))

    assert stay.client.mirror.rooms["lobby"].head == 4


async def test_a_room_that_i_am_no_longer_let_into_is_told_and_gone(stay: Stay) -> None:
    await stay.break_off()
    join = await stay.greet(resumed=False)
    stay.hall.tell(replies.error("too-many", "the Hall is full of rooms", join.id))
    await stay.until(lambda: stay.client.state == "connected")

    assert stay.client.mirror.rooms == {}
    notices = [notice for changes in stay.told for notice in changes.notices]
    assert notices == ["You are no longer in #lobby: the Hall is full of rooms"]


async def test_a_hall_that_cannot_read_its_log_now_is_asked_later(stay: Stay) -> None:
    await stay.break_off()
    join = await stay.greet()
    stay.hall.tell(replies.error("unavailable", "the disk is away", join.id))

    await stay.come_back(said(4))

    assert stay.client.mirror.rooms["lobby"].head == 4


async def test_a_room_that_i_left_as_the_connection_broke_stays_left(stay: Stay) -> None:
    leaving = asyncio.create_task(stay.client.leave("Lobby"))
    await stay.hall.expect(commands.Leave)
    await stay.break_off()
    with pytest.raises(ConnectionLost):
        await leaving

    hello = await stay.called()
    stay.hall.tell(welcome(hello.id, "ann", resumed=True, rooms=[]))
    await stay.until(lambda: stay.client.state == "connected")

    assert stay.client.mirror.rooms == {}
    assert stay.hall.unread == 0


async def test_a_room_that_i_entered_as_the_connection_broke_is_entered(stay: Stay) -> None:
    joining = asyncio.create_task(stay.client.join("tea"))
    await stay.hall.expect(commands.Join)
    await stay.break_off()
    with pytest.raises(ConnectionLost):
        await joining

    join = await stay.greet(rooms=["lobby", "tea"])
    stay.hall.tell(answer(join, seq=3))
    join = await stay.hall.expect(commands.Join)
    stay.hall.tell(answer(join, messages=[]))
    await stay.until(lambda: stay.client.state == "connected")

    assert (join.room, join.after) == ("tea", None)
    assert list(stay.client.mirror.rooms) == ["lobby", "tea"]


# -- the waits --------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=40))
def test_waits_double_from_half_a_second_to_thirty_with_a_fifth_of_jitter(
    chance: list[float],
) -> None:
    draws = iter(chance)
    backoff = Backoff(lambda: next(draws))

    for number in range(len(chance)):
        middle = min(0.5 * 2**number, 30.0)
        assert 0.8 * middle <= backoff.next() <= 1.2 * middle
        assert backoff.attempt == number + 1


def test_no_number_of_tries_is_too_many() -> None:
    backoff = Backoff(lambda: 0.5)

    assert [backoff.next() for _ in range(3_000)][-1] == 30.0


async def test_the_next_try_is_told_with_its_number_its_time_and_the_reason(stay: Stay) -> None:
    await stay.break_off()
    assert stay.client.lost_at == stay.time.wall()
    for attempt, seconds in ((1, 0.5), (2, 1.0), (3, 2.0)):
        await stay.until(lambda attempt=attempt: (stay.client.retry or (0,))[0] == attempt)
        assert stay.client.retry == (attempt, stay.time.now + seconds)
        assert stay.client.trouble == f"{stay.hall.address} closed the connection without a word."
        assert stay.client.state == "connecting"
        await stay.called()
        stay.hall.hang_up()


async def test_after_a_return_the_waits_begin_anew(stay: Stay) -> None:
    await stay.break_off()
    await stay.called()
    stay.hall.hang_up()
    await stay.come_back()
    await stay.break_off()

    assert await stay.time.wait() == 0.5


async def test_a_hall_that_asks_for_patience_gets_it(stay: Stay) -> None:
    stay.hall.tell(replies.bye("shutdown", "back in a moment", retry_after=7_000))
    stay.hall.hang_up()

    assert await stay.time.wait() == 7.0


async def test_a_hall_that_asks_for_years_is_asked_after_ten_minutes(stay: Stay) -> None:
    stay.hall.tell(replies.bye("shutdown", "see you", retry_after=10**14))
    stay.hall.hang_up()

    assert await stay.time.wait() == 600.0


async def test_somebody_who_does_not_want_to_wait_need_not(stay: Stay) -> None:
    stay.client.reconnect_now()
    await stay.break_off()
    await stay.until(lambda: stay.client.retry is not None)

    stay.client.reconnect_now()

    assert (await stay.hall.expect(commands.Hello)).resume == "token-1"
    assert stay.client.retry == (1, stay.time.now)


# -- not coming back --------------------------------------------------------------------------


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


# -- what is missing --------------------------------------------------------------------------


async def test_an_event_that_does_not_follow_on_the_last_is_fetched_with_what_is_missing(
    stay: Stay,
) -> None:
    stream = stay.client.events()
    stay.hall.tell(said(4), said(6, prev=5), said(7))
    await stay.until(lambda: stay.client.state != "connected")
    assert any("lobby" in changes.gaps for changes in stay.told)

    await stay.come_back(said(5), said(6), said(7))

    assert [await anext(stream) for _ in range(4)] == [said(4), said(5), said(6), said(7)]
    view = stay.client.mirror.rooms["lobby"]
    assert [message.seq for message in view.messages] == [1, 2, 3, 4, 5, 6, 7]
    assert not view.gap


async def test_an_event_that_comes_twice_is_told_once(stay: Stay) -> None:
    stream = stay.client.events()

    stay.hall.tell(said(4), said(4), said(3), said(5))

    assert [await anext(stream) for _ in range(2)] == [said(4), said(5)]


async def test_heads_that_have_not_arrived_are_fetched(stay: Stay) -> None:
    pinging = asyncio.create_task(stay.client.ping())
    ping = await stay.hall.expect(commands.Ping)
    stay.hall.tell(replies.Pong(id=ping.id, time=1, heads={"lobby": 4}))
    await stay.until(lambda: stay.client.state != "connected")

    await stay.come_back(said(4))

    assert (await pinging).heads == {"lobby": 4}
    assert stay.client.mirror.rooms["lobby"].head == 4


async def test_heads_are_compared_with_what_came_before_them(stay: Stay) -> None:
    pinging = asyncio.create_task(stay.client.ping())
    ping = await stay.hall.expect(commands.Ping)

    stay.hall.tell(said(4), replies.Pong(id=ping.id, time=1, heads={"lobby": 4, "tea": 9}))
    await pinging

    assert stay.client.state == "connected"


async def test_a_hall_that_leaves_something_out_of_what_was_missed_is_asked_for_its_page(
    stay: Stay,
) -> None:
    await stay.break_off()
    join = await stay.greet()
    stay.hall.tell(answer(join, said(4), said(6, prev=5)))

    join = await stay.greet()
    stay.hall.tell(answer(join, messages=[stands(4), stands(5), stands(6)]))
    await stay.until(lambda: stay.client.state == "connected")

    assert join.after is None
    assert not stay.client.mirror.rooms["lobby"].gap
    assert [each.seq for each in stay.client.mirror.rooms["lobby"].messages] == [4, 5, 6]


async def test_a_hall_that_asks_is_asked_for_its_heads(stay: Stay) -> None:
    stay.hall.tell(events.Ping())

    await stay.hall.expect(commands.Pong)
    await stay.hall.expect(commands.Ping)


async def test_where_something_is_missing_again_and_again_the_waits_grow(stay: Stay) -> None:
    waits = []
    for _ in range(4):
        stay.hall.tell(said(9, prev=8))
        await stay.until(lambda: stay.client.state != "connected")
        begun = stay.time.now
        await stay.come_back()
        waits.append(stay.time.now - begun)

    assert waits == [0.5, 1.0, 2.0, 4.0]


# -- what is on its way -----------------------------------------------------------------------


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
