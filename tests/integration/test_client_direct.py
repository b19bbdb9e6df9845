"""Clients that talk to one person, and what they have read, against a real Hall."""

from pathlib import Path

import pytest

from pychat.client import Client, CommandError, OutboxStore, connect
from pychat.protocol.events import Direct, Message
from tests.integration.test_client_in_a_hall import ann, bob
from tests.support.hall import RunningHall
from tests.support.news import until

__all__ = ["ann", "bob"]

ROOM = "@ann,bob"


def texts(client: Client, room: str = ROOM) -> list[str]:
    view = client.mirror.rooms.get(room)
    return [message.text for message in view.messages] if view else []


async def test_both_see_what_is_said_though_only_one_of_them_asked(
    ann: Client, bob: Client
) -> None:
    events = bob.events()
    view = await ann.direct("Bob")
    await ann.send("@bob", "hi")
    await until(bob, lambda: texts(bob) == ["hi"])
    await bob.send("@ann", "hello")
    ann.post("@bob", "tea?")
    await until(bob, lambda: len(texts(bob)) == 3)
    await until(ann, lambda: len(texts(ann)) == 3)

    assert texts(ann) == texts(bob) == ["hi", "hello", "tea?"]
    assert (view.name, view.direct) == (ROOM, "bob")
    mine = bob.mirror.rooms[ROOM]
    assert (mine.direct, mine.unread, mine.mentions, mine.gap) == ("ann", 2, 2, False)
    told = [await anext(events) for _ in range(4)]
    assert isinstance(told[0], Direct)
    said = [event.text for event in told if isinstance(event, Message)]
    assert said == ["hi", "hello", "tea?"]


async def test_to_be_in_the_room_already_is_no_obstacle(ann: Client, bob: Client) -> None:
    first = await ann.direct("bob")

    assert await ann.direct("bob") is first
    with pytest.raises(CommandError, match="nobody here is called"):
        await ann.direct("zoe")


async def test_who_left_is_brought_back_with_what_is_said_next(ann: Client, bob: Client) -> None:
    await ann.direct("bob")
    await ann.send("@bob", "one")
    await until(bob, lambda: texts(bob) == ["one"])
    await bob.leave("@ann")
    assert ROOM not in bob.mirror.rooms

    await ann.send("@bob", "two")

    await until(bob, lambda: texts(bob) == ["two"])
    assert await bob.fetch_older(ROOM)
    assert texts(bob) == ["one", "two"]
    assert bob.mirror.rooms[ROOM].unread == 1


async def test_what_was_said_during_a_break_comes_after_it(hall: RunningHall, ann: Client) -> None:
    async with await connect(hall.address, name="bob", reconnect=True) as bob:
        await bob.join("lobby")
        bob._session.connection.abandon("the test broke it")
        await until(bob, lambda: bob.state == "connecting")
        await ann.direct("bob")
        await ann.send("@bob", "are you there?")
        bob.reconnect_now()
        await until(bob, lambda: texts(bob) == ["are you there?"])

        assert bob.mirror.rooms[ROOM].mentions == 1


async def test_whois_tells_of_somebody(ann: Client, bob: Client) -> None:
    await ann.join("lobby")
    await bob.join("lobby")

    assert (await ann.whois("BOB")).rooms == ["lobby"]
    with pytest.raises(CommandError, match="nobody here is called"):
        await ann.whois("zoe")


async def test_the_next_program_begins_where_this_one_had_read_to(
    hall: RunningHall, ann: Client, tmp_path: Path
) -> None:
    """Once by the session that goes on, once by the disk alone."""
    path = tmp_path / "bob.jsonl"
    await ann.join("lobby")
    for ends in ("close", "quit"):
        bob = await connect(hall.address, name="bob", outbox=OutboxStore(path))
        await bob.join("lobby")
        await ann.send("lobby", "read")
        await until(bob, lambda client=bob: client.mirror.rooms["lobby"].unread)
        bob.mark_read("lobby")
        await (bob.close() if ends == "close" else bob.quit())
        for _ in range(2):
            await ann.send("lobby", "new")

        again = await connect(hall.address, name="bob", outbox=OutboxStore(path))
        joined = await again.join("lobby")
        view = again.mirror.rooms["lobby"]

        assert (joined.read is not None) == (ends == "close")
        assert (view.unread, view.last_read) == (2, view.head - 2)
        await again.quit()
