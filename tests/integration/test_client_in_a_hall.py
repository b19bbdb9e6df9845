"""The client against a real Hall: what one says and does, the other's mirror shows."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from pychat.client import Changes, Client, CommandError, Note, RoomView, connect, dial
from pychat.protocol.events import LoggedEvent, Message
from tests.support.hall import RunningHall, running_hall
from tests.support.news import until


@pytest.fixture
async def hall() -> AsyncIterator[RunningHall]:
    async with running_hall() as running:
        yield running


@pytest.fixture
async def ann(hall: RunningHall) -> AsyncIterator[Client]:
    async with await connect(hall.address, name="ann") as client:
        yield client


@pytest.fixture
async def bob(hall: RunningHall) -> AsyncIterator[Client]:
    async with await connect(hall.address, name="bob") as client:
        yield client


def lobby(client: Client) -> RoomView:
    return client.mirror.rooms["lobby"]


async def test_two_mirrors_show_the_same_messages(ann: Client, bob: Client) -> None:
    await ann.join("lobby")
    await bob.join("lobby")

    said = await ann.send("lobby", "helo")
    await bob.send("lobby", "hi", reply_to=said.seq)
    await ann.edit("lobby", said.seq, "hello")
    await bob.react("lobby", said.seq, ["👋"])
    gone = await bob.send("lobby", "oops")
    await bob.delete("lobby", gone.seq)
    await bob.set_topic("lobby", "greetings")

    await until(ann, lambda: ann.mirror.rooms["lobby"].topic)
    assert lobby(ann).messages == lobby(bob).messages
    first, second, third = lobby(ann).messages
    assert (first.text, first.reactions, first.edited is None) == ("hello", {"👋": ["bob"]}, False)
    assert (second.text, second.reply_to, third.deleted) == ("hi", first.seq, True)
    assert not lobby(ann).gap
    assert (lobby(ann).unread, lobby(bob).unread) == (2, 1)


async def test_the_mirror_has_my_own_message_before_send_returns(ann: Client) -> None:
    await ann.join("lobby")

    sent = await ann.send("lobby", "first")

    assert lobby(ann).messages[-1].seq == sent.seq


async def test_a_long_log_is_loaded_page_by_page_to_its_beginning(ann: Client, bob: Client) -> None:
    await ann.join("lobby")
    async with asyncio.TaskGroup() as tasks:
        for number in range(120):
            tasks.create_task(ann.send("lobby", f"message {number}"))
    await bob.join("lobby", limit=10)

    assert len(lobby(bob).messages) == 10
    while await bob.fetch_older("lobby", limit=50):
        await ann.send("lobby", "meanwhile")

    await until(bob, lambda: lobby(bob).head == lobby(ann).head)
    assert lobby(bob).messages == lobby(ann).messages
    assert [m.text for m in lobby(bob).messages[:120]] == [f"message {n}" for n in range(120)]
    assert not lobby(bob).more_before


async def test_a_program_that_comes_back_gets_what_it_missed(
    hall: RunningHall, ann: Client
) -> None:
    await ann.join("lobby")
    seen = await ann.send("lobby", "seen")
    await ann.send("lobby", "missed")

    async with await connect(hall.address, name="bot") as bot:
        events = bot.events()
        joined = await bot.join("lobby", after=seen.seq, epoch=ann.mirror.epoch)
        await ann.send("lobby", "live")
        texts: list[str] = []
        while len(texts) < 2:
            event = await anext(events)
            if isinstance(event, Message):
                texts.append(event.text)

    assert joined.recovered
    assert texts == ["missed", "live"]


async def test_the_same_nonce_says_it_once(ann: Client) -> None:
    await ann.join("lobby")

    first = await ann.send("lobby", "once", nonce="n1")
    again = await ann.send("lobby", "once", nonce="n1")

    assert first.seq == again.seq
    assert [message.text for message in lobby(ann).messages] == ["once"]
    with pytest.raises(CommandError) as refused:
        await ann.send("lobby", "twice", nonce="n1")
    assert refused.value.code == "nonce-reused"


async def test_coming_going_and_changing_shows(ann: Client, bob: Client) -> None:
    notes: list[Note] = []

    def listen(changes: Changes) -> None:
        notes.extend(changes.notes.get("lobby", []))

    await ann.join("lobby")
    ann.subscribe(listen)

    await bob.join("lobby")
    await until(ann, lambda: "bob" in lobby(ann).members)
    await bob.set_away(True)
    await until(ann, lambda: lobby(ann).members["bob"].away)
    await bob.set_name("rob")
    await until(ann, lambda: "rob" in lobby(ann).members)
    await bob.typing("lobby")
    await until(ann, lambda: "rob" in lobby(ann).typing)
    await bob.leave("lobby")
    await until(ann, lambda: "rob" not in lobby(ann).members)

    assert [(note.kind, note.name) for note in notes] == [
        ("joined", "bob"),
        ("away", "bob"),
        ("renamed", "bob"),
        ("left", "rob"),
    ]
    assert (bob.mirror.name, bob.mirror.away, bob.mirror.rooms) == ("rob", True, {})
    assert lobby(ann).count == 1


async def test_rooms_members_search_manual_and_ping_are_answered(ann: Client, bob: Client) -> None:
    await ann.join("tea")
    await ann.join("lobby")
    await bob.join("lobby")
    sent = await ann.send("lobby", "where is the kettle?")

    assert [room.name for room in await bob.list_rooms()] == ["lobby", "tea"]
    assert [member.name for member in await bob.members("Lobby")] == ["ann", "bob"]
    found = await bob.search("kettle")
    assert [message.seq for message in found.messages] == [sent.seq]
    assert (await bob.history("lobby")).messages == found.messages
    assert await ann.manual() == ann.mirror.manual != ""
    assert (await bob.ping()).heads == {"lobby": sent.seq}


async def test_a_taken_name_can_be_replaced_on_the_same_connection(
    hall: RunningHall, ann: Client
) -> None:
    async with await dial(hall.address) as dialled:
        with pytest.raises(CommandError) as refused:
            await dialled.hello("Ann")
        client = await dialled.hello("anna")

    assert refused.value.code == "name-taken"
    assert client.mirror.name == "anna"
    await client.quit()


async def test_names_are_given_to_those_who_have_none(hall: RunningHall) -> None:
    async with await connect(hall.address) as first, await connect(hall.address) as second:
        assert (first.mirror.name, second.mirror.name) == ("new", "new-2")


async def test_every_logged_event_comes_once_and_in_order(ann: Client, bob: Client) -> None:
    await ann.join("lobby")
    await bob.join("lobby")
    streams = [ann.events(), bob.events()]

    async with asyncio.TaskGroup() as tasks:
        for number in range(50):
            tasks.create_task(ann.send("lobby", f"a{number}"))
            tasks.create_task(bob.send("lobby", f"b{number}"))

    seen: list[list[LoggedEvent]] = []
    for stream in streams:
        logged: list[LoggedEvent] = []
        while len(logged) < 100:
            event = await anext(stream)
            if isinstance(event, Message):
                logged.append(event)
        seen.append(logged)
    assert seen[0] == seen[1]
    for before, after in pairwise(seen[0]):
        assert after.prev == before.seq
