"""A broken connection: what is asked on the next, and what becomes of the rooms."""

import asyncio

import pytest

from pychat.client import ConnectionLost, Note
from pychat.protocol import commands, replies
from tests.support.fake_hall import welcome
from tests.support.stay import Stay
from tests.support.told import answer, said, stands


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
    assert stay.notes == [Note(kind="fetched", name="", count=2, after=4)]


async def test_too_much_to_tell_shows_the_newest_page_anew(stay: Stay) -> None:
    await stay.break_off()
    join = await stay.greet()
    stay.hall.tell(answer(join, messages=[stands(900), stands(901)], missed=800))
    await stay.until(lambda: stay.client.state == "connected")

    view = stay.client.mirror.rooms["lobby"]
    assert [message.seq for message in view.messages] == [900, 901]
    assert view.unread == 800
    assert any("lobby" in changes.reset for changes in stay.told)
    assert stay.notes == [Note(kind="fetched", name="", count=800, after=3)]


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
