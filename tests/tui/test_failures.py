"""What goes wrong while one is in the Hall, and what becomes of what was typed."""

import contextlib
from collections.abc import AsyncIterator

from pychat.client import Client, dial
from pychat.protocol import commands, events, replies
from tests.support.fake_hall import FakeHall
from tests.support.hall import RunningHall, running_hall
from tests.support.person import NOON, Person, seated, terminal


@contextlib.asynccontextmanager
async def in_a_room(fake: FakeHall) -> AsyncIterator[Person]:
    """Somebody in #general of a Hall that answers what the test tells it to."""
    async with terminal(fake.address, name="ann") as person:
        listing = await fake.expect(commands.List)
        fake.tell(replies.Rooms(id=listing.id, rooms=[], more=False))
        await person.sees("There is no room yet")
        await person.enter("/join general")
        join = await fake.expect(commands.Join)
        fake.tell(
            replies.Joined(
                id=join.id,
                room="general",
                topic="",
                members=[replies.Member(name="ann")],
                count=1,
                seq=0,
                recovered=False,
                missed=0,
                more=False,
                messages=[],
            )
        )
        await person.until(lambda: person.hall.here == "general")
        yield person


async def say(person: Person, fake: FakeHall, text: str) -> commands.Send:
    """Say it; what the Hall gets of it, past the signs of typing."""
    await person.enter(text)
    while True:
        message = await fake.expect(commands.AnyCommand)
        if isinstance(message, commands.Send):
            return message
        fake.tell(replies.Ok(id=message.id))


def refuse(fake: FakeHall, send: commands.Send) -> None:
    fake.tell(
        replies.Error(id=send.id, code="rate-limited", text="slow down a little", retryable=True)
    )


def confirm(fake: FakeHall, send: commands.Send, seq: int) -> None:
    fake.tell(
        events.Message(
            room="general",
            seq=seq,
            prev=seq - 1,
            time=NOON,
            sender="ann",
            nonce=send.nonce,
            text=send.text,
        ),
        replies.Sent(id=send.id, room="general", seq=seq, time=NOON, nonce=send.nonce),
    )


async def test_a_message_is_shown_as_on_its_way_until_it_is_confirmed() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "hello")
        await person.sees("hello", "sending…")

        confirm(fake, send, 1)

        await person.sees_not("sending…")
        assert person.text.count("hello") == 1


async def test_a_refused_message_comes_back_into_the_composer() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "hello")
        refuse(fake, send)

        await person.sees("✗ not sent to #general: slow down a little")
        assert person.hall.composer.text == "hello"
        assert not len(person.hall.speaking.outbox)


async def test_a_refused_message_stays_in_the_log_if_another_is_being_written() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "first")
        await person.write("second")
        refuse(fake, send)
        await person.sees("first", "✗ not sent · Alt+R", "1 unsent (Alt+R)")
        assert person.hall.composer.text == "second"

        await person.press("alt+r")

        while not isinstance(again := await fake.expect(commands.AnyCommand), commands.Send):
            fake.tell(replies.Ok(id=again.id))
        assert (again.text, again.nonce) == ("first", send.nonce)
        confirm(fake, again, 1)
        await person.sees_not("unsent")


async def test_a_message_refused_after_the_room_was_left_is_its_draft() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "hello")
        await person.press("alt+0")
        refuse(fake, send)
        await person.sees("✗ not sent to #general: slow down a little")

        await person.press("alt+1")

        assert person.hall.composer.text == "hello"


async def test_when_the_hall_goes_it_is_told_in_words_and_typing_goes_on() -> None:
    async with running_hall() as hall, seated(hall.address) as person:
        await person.join("general")
        await person.write("half a sen")
        await hall.server.stop()

        await person.sees("○ offline", "F5 or /reconnect dials again")
        await person.write("tence")
        await person.press("enter")

        await person.sees("✗ there is no connection. F5 or /reconnect")
        assert person.hall.composer.text == "half a sentence"


async def test_a_command_without_a_connection_comes_back() -> None:
    async with running_hall() as hall, seated(hall.address) as person:
        await hall.server.stop()
        await person.sees("○ offline")
        await person.enter("/join dev")

        await person.sees("✗ there is no connection")
        assert person.hall.composer.text == "/join dev"


async def test_what_was_on_its_way_when_the_connection_broke_is_marked() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        await say(person, fake, "did it arrive?")
        fake.hang_up()

        await person.sees("○ offline", "did it arrive?", "✗ not sent · Alt+R")


async def test_reconnecting_goes_back_to_the_rooms_with_what_was_said_since(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.join("general")
        # As after a server that forgot: the name is free again.
        await person.hall.client.quit()
        await person.until(lambda: person.hall.client.state == "offline")
        await ada.send("general", "meanwhile")
        await person.write("a draft")

        await person.press("f5")

        await person.sees("● connected", "meanwhile", "Connected again, as kim.")
        assert list(person.hall.client.mirror.rooms) == ["dev", "general"]
        assert person.hall.here == "general"
        assert person.hall.composer.text == "a draft"
        await person.press("enter")
        await person.until(
            lambda: [m.text for m in ada.mirror.rooms["general"].messages][-1:] == ["a draft"]
        )


async def test_reconnecting_to_nobody_says_so(hall: RunningHall) -> None:
    ways = [hall.address, "127.0.0.1:1"]
    async with seated("chat.lan", dial=lambda _: dial(ways.pop(0))) as person:
        await person.hall.client.close()
        await person.until(lambda: person.hall.client.state == "offline")
        await person.press("f5")

        await person.sees("✗ Nobody is listening at 127.0.0.1:1.", "○ offline")


async def test_older_messages_that_cannot_be_had_are_told_and_can_be_asked_for_again() -> None:
    async with FakeHall() as fake, terminal(fake.address, name="ann") as person:
        listing = await fake.expect(commands.List)
        fake.tell(replies.Rooms(id=listing.id, rooms=[], more=False))
        await person.sees("There is no room yet")
        await person.enter("/join general")
        join = await fake.expect(commands.Join)
        said = [
            replies.Message(room="general", seq=seq, time=NOON, sender="ada", text=f"no {seq}")
            for seq in range(100, 150)
        ]
        fake.tell(
            replies.Joined(
                id=join.id,
                room="general",
                topic="",
                members=[replies.Member(name="ann")],
                count=1,
                seq=149,
                recovered=False,
                missed=0,
                more=True,
                messages=said,
            )
        )
        await person.sees("no 149")
        await person.press("ctrl+home")
        page = await fake.expect(commands.History)
        fake.tell(
            replies.Error(id=page.id, code="unavailable", text="the disk is busy", retryable=True)
        )
        await person.sees("older messages cannot be had: the disk is busy")

        await person.press("pagedown", "ctrl+home")

        again = await fake.expect(commands.History)
        assert again.before == 100


async def test_a_notice_of_the_operator_is_told_where_one_is() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        fake.tell(events.Notice(text="back in five minutes [red]"))

        await person.sees("The Hall says: back in five minutes [red]")
        await person.press("alt+0")
        fake.tell(replies.Rooms(id=(await fake.expect(commands.List)).id, rooms=[], more=False))
        await person.sees("The Hall says: back in five minutes [red]")
