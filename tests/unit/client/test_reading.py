"""What has been read is told to the Hall: gathered, and only if the Hall understands it."""

import asyncio

from pychat.client.reading import READ_SECONDS
from pychat.protocol import commands, events, replies
from tests.support.stay import Stay
from tests.support.told import answer, said, stands


async def heard(stay: Stay, *seqs: int) -> None:
    stay.hall.tell(*(said(seq) for seq in seqs))
    await stay.until(lambda: stay.client.mirror.rooms["lobby"].head == seqs[-1])


async def pinged(stay: Stay) -> None:
    """The next thing that the Hall hears is a ping, and what it said before has been worked in."""
    pinging = asyncio.create_task(stay.client.ping())
    ping = await stay.hall.expect(commands.Ping)
    stay.hall.tell(replies.Pong(id=ping.id, time=0, heads={}))
    await pinging


async def test_what_is_read_while_one_looks_is_told_once_in_a_while(stay: Stay) -> None:
    stay.client.mirror.open_room = "lobby"
    await heard(stay, 4)
    await heard(stay, 5, 6)

    assert await stay.time.wait() == READ_SECONDS

    read = await stay.hall.expect(commands.Read)
    assert (read.room, read.seq) == ("lobby", 6)
    stay.hall.tell(replies.Ok(id=read.id))
    await heard(stay, 7)
    await stay.time.wait()
    assert (await stay.hall.expect(commands.Read)).seq == 7


async def test_a_room_that_was_looked_at_is_told_also_if_nothing_was_new(stay: Stay) -> None:
    stay.client.mark_read("lobby")

    await stay.time.wait()

    assert (await stay.hall.expect(commands.Read)).seq == 3


async def test_what_nobody_looked_at_is_not_told(stay: Stay) -> None:
    await heard(stay, 4, 5)

    assert not stay.time._pending()
    assert stay.client.mirror.rooms["lobby"].unread == 2


async def test_before_a_farewell_it_is_told_at_once(stay: Stay) -> None:
    await heard(stay, 4)
    stay.client.mark_read("lobby")

    await stay.client.close()

    assert (await stay.hall.expect(commands.Read)).seq == 4


async def test_a_hall_that_does_not_know_the_command_is_not_told_again(stay: Stay) -> None:
    stay.client.mark_read("lobby")
    await stay.time.wait()
    read = await stay.hall.expect(commands.Read)
    stay.hall.tell(replies.error("unknown-command", "there is no command 'read'", read.id))
    await pinged(stay)
    await heard(stay, 4)
    stay.client.mark_read("lobby")
    await stay.time.wait()

    await pinged(stay)


async def test_what_was_read_without_a_connection_is_told_on_the_next(stay: Stay) -> None:
    await heard(stay, 4)
    await stay.break_off()
    stay.client.mirror.mark_read("lobby")

    await stay.come_back()
    await heard(stay, 5)

    await stay.time.wait()
    assert (await stay.hall.expect(commands.Read)).seq == 4


async def test_what_another_program_of_mine_has_read_is_not_told_again(stay: Stay) -> None:
    await heard(stay, 4, 5)
    stay.hall.tell(events.Read(room="lobby", seq=5))
    await stay.until(lambda: stay.client.mirror.rooms["lobby"].unread == 0)

    assert not stay.time._pending()
    await heard(stay, 6)
    stay.client.mark_read("lobby")
    await stay.time.wait()
    assert (await stay.hall.expect(commands.Read)).seq == 6


async def test_in_another_log_what_is_read_is_told_from_its_beginning(stay: Stay) -> None:
    """What the Hall knew of the log before held it back until that was passed."""
    await stay.break_off()
    join = await stay.greet(resumed=False, epoch="e2")
    stay.hall.tell(answer(join, messages=[stands(1)]))
    await stay.until(lambda: stay.client.state == "connected")

    stay.client.mirror.open_room = "lobby"
    await heard(stay, 2)

    await stay.time.wait()
    assert (await stay.hall.expect(commands.Read)).seq == 2
