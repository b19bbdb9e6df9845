"""What goes wrong while one is in the Hall, and what becomes of what was typed."""

import contextlib
from collections.abc import AsyncIterator

from pychat.protocol import commands, events, replies
from tests.support.fake_hall import FakeHall
from tests.support.person import NOON, Person, terminal


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


def rejoined(join: commands.Join) -> replies.Joined:
    """Back in #general, where nothing was missed."""
    return replies.Joined(
        id=join.id,
        room="general",
        topic="",
        members=[replies.Member(name="ann")],
        count=1,
        seq=0,
        recovered=True,
        missed=0,
        more=False,
        events=[],
    )


async def say(person: Person, fake: FakeHall, text: str) -> commands.Send:
    """Say it; what the Hall gets of it."""
    await person.enter(text)
    return await next_send(fake)


async def next_send(fake: FakeHall) -> commands.Send:
    """What is said next, past the signs of typing and welcomes to the Hall."""
    while True:
        message = await fake.expect(commands.AnyCommand)
        match message:
            case commands.Send():
                return message
            case commands.List():
                fake.tell(replies.Rooms(id=message.id, rooms=[], more=False))
            case _:
                fake.tell(replies.Ok(id=message.id))


def refuse(
    fake: FakeHall,
    send: commands.Send,
    *,
    code: str = "not-allowed",
    text: str = "too rude.",
    retryable: bool = False,
) -> None:
    fake.tell(replies.Error(id=send.id, code=code, text=text, retryable=retryable))


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


async def test_a_refused_message_says_why_and_goes_again_under_its_nonce() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "hello")
        refuse(fake, send)
        await person.sees("hello", "✗ not sent: too rude · Alt+R retry", "1 unsent (Alt+R)")
        assert not person.hall.composer.text

        await person.press("alt+r")

        again = await next_send(fake)
        assert (again.text, again.nonce) == ("hello", send.nonce)
        confirm(fake, again, 1)
        await person.sees_not("unsent")
        assert person.text.count("hello") == 1


async def test_a_message_whose_nonce_the_hall_knows_goes_again_under_another() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "hello")
        refuse(fake, send, code="nonce-reused", text="known with another text.")
        await person.sees("✗ not sent: known with another text · Alt+R retry")

        await person.press("alt+r")

        again = await next_send(fake)
        assert again.text == "hello"
        assert again.nonce != send.nonce
        confirm(fake, again, 1)
        await person.sees_not("unsent")
        assert person.text.count("hello") == 1


async def test_a_message_that_would_be_refused_again_comes_back_to_be_changed() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "far too long")
        refuse(fake, send, code="text-too-long", text="5 are allowed.")
        await person.sees("✗ not sent: 5 are allowed · Alt+R edit")
        await person.press("alt+0")
        fake.tell(replies.Rooms(id=(await fake.expect(commands.List)).id, rooms=[], more=False))
        await person.enter("/retry -a")
        await person.sees("✗ 1 message would be refused again: Alt+R takes the last one up")

        await person.press("alt+r")

        await person.until(lambda: person.hall.here == "general")
        await person.sees("5 are allowed: change it, then Enter")
        assert person.hall.composer.text == "far too long"
        assert not len(person.hall.client.outbox)
        person.hall.composer.clear()
        again = await say(person, fake, "short")
        assert (again.text, again.nonce != send.nonce) == ("short", True)


async def test_what_is_being_written_is_not_lost_for_what_is_to_be_changed() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        refuse(fake, await say(person, fake, "one"), code="bad-text")
        await person.sees("Alt+R edit")
        await person.write("two")

        await person.press("alt+r")

        await person.sees("✗ send or clear what you are writing, then Alt+R takes it up")
        assert person.hall.composer.text == "two"
        assert len(person.hall.client.outbox) == 1


async def test_who_is_in_the_room_no_more_is_told_and_retry_goes_there_again() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "hello")
        refuse(fake, send, code="not-in-room", text="you are not in the room 'general'")
        await person.until(lambda: person.hall.here is None)
        await person.sees("You are not in #general", "What is not sent there waits: 1.")

        await person.press("alt+r")

        join = await fake.find(commands.Join)
        fake.tell(rejoined(join))
        again = await next_send(fake)
        assert (again.text, again.nonce) == ("hello", send.nonce)


async def test_where_something_is_queued_for_a_room_that_one_is_not_in_retry_goes_there() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        fake.hang_up()
        await person.sees("◌ reconnecting")
        await person.enter("hello")
        await person.press("f5")
        join = await fake.find(commands.Join)
        fake.tell(replies.error("not-allowed", "members only", join.id))
        await person.sees("You are no longer in #general: members only. What is not sent there")

        await person.press("alt+r")

        fake.tell(rejoined(await fake.find(commands.Join)))
        assert (await next_send(fake)).text == "hello"


async def test_where_the_hall_asks_for_patience_it_is_tried_again_by_itself() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "hello")
        refuse(fake, send, code="rate-limited", text="slow down.", retryable=True)
        await person.sees("queued: slow down")

        again = await next_send(fake)

        assert again.nonce == send.nonce
        confirm(fake, again, 1)
        await person.sees_not("queued")


async def test_retry_sends_the_last_that_failed_and_with_a_all_of_them() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        for text in ("one", "two", "three"):
            refuse(fake, await say(person, fake, text))
        await person.sees("3 unsent")
        await person.enter("/retry")
        again = await next_send(fake)
        assert again.text == "three"
        confirm(fake, again, 1)
        await person.sees("2 unsent")

        await person.enter("/retry -a")

        for seq, text in enumerate(("one", "two"), 2):
            again = await next_send(fake)
            assert again.text == text
            confirm(fake, again, seq)
        await person.sees_not("unsent")


async def test_discard_gives_up_the_last_that_failed_and_with_a_all_of_them() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        for text in ("one", "two", "three"):
            refuse(fake, await say(person, fake, text))
        await person.sees("3 unsent")
        await person.enter("/discard")
        await person.sees("Discarded: three", "2 unsent")

        await person.enter("/discard -a")

        await person.sees("Discarded: 2 messages.")
        await person.sees_not("unsent")
        await person.enter("/discard")
        await person.sees("nothing waits that could be given up")


async def test_a_message_refused_after_the_room_was_left_waits_there() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "hello")
        await person.press("alt+0")
        refuse(fake, send)
        await person.sees("1 unsent (Alt+R)", "!")

        await person.press("alt+1")

        await person.sees("hello", "✗ not sent: too rude")


async def test_a_room_in_which_something_waits_is_not_left() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        refuse(fake, await say(person, fake, "hello"))
        await person.sees("✗ not sent")

        await person.enter("/leave")

        await person.sees("for #general 1 message waiting: /retry -a or /discard -a, then leave")
        assert person.hall.composer.text == ""


async def test_what_was_on_its_way_when_the_connection_broke_is_sent_again() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        send = await say(person, fake, "did it arrive?")
        fake.hang_up()
        await person.sees("◌ reconnecting", "did it arrive?", "queued")
        await person.press("f5")
        join = await fake.expect(commands.Join)
        fake.tell(rejoined(join))

        again = await next_send(fake)
        assert again.nonce == send.nonce
        confirm(fake, again, 1)
        await person.sees("● connected")
        await person.sees_not("queued")


async def test_who_is_sent_away_is_told_why_and_f5_tries_again() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        fake.tell(replies.Bye(code="kicked", text="you were shown the door.", reconnect=False))
        fake.hang_up()
        await person.sees("○ offline", "you were shown the door", "F5 tries again")
        await person.enter("let me in")
        await person.sees("let me in", "queued")

        await person.press("f5")

        fake.tell(rejoined(await fake.expect(commands.Join)))
        await person.sees("● connected")
        assert (await next_send(fake)).text == "let me in"


async def test_a_command_without_a_connection_comes_back() -> None:
    async with FakeHall() as fake, in_a_room(fake) as person:
        fake.hang_up()
        await person.sees("◌ reconnecting")
        await person.enter("/join dev")

        await person.sees("✗ there is no connection now; F5 tries to get it back")
        assert person.hall.composer.text == "/join dev"


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
