"""What plain mode tells of a connection that breaks, and what becomes of what was said."""

import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest

from pychat.client import Client
from pychat.plain import going, waiting
from pychat.plain import talk as talking
from pychat.protocol import commands, replies
from pychat.tui.slash import Mistake
from tests.support.fake_hall import FakeHall
from tests.support.hall import RunningHall, running_hall
from tests.support.paper import stay
from tests.support.proxy import Proxy
from tests.support.told import answer, member, presence, said, stands

NOWHERE = 1
"""A port at which nobody listens."""


@pytest.fixture(autouse=True)
def short_farewells(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Hall that is told what to say answers none."""
    monkeypatch.setattr(talking, "QUIT_SECONDS", 0.05)


@pytest.fixture
async def wire(hall: RunningHall) -> AsyncIterator[Proxy]:
    async with Proxy(hall.port) as proxy:
        yield proxy


@contextlib.contextmanager
def broken(wire: Proxy) -> AsyncIterator[None]:
    """Cut, and not to be mended within."""
    target, wire.target = wire.target, NOWHERE
    wire.cut()
    yield
    wire.target = target


async def test_what_is_said_without_a_connection_is_queued_and_arrives_once_in_order(
    wire: Proxy, hall: RunningHall, ada: Client
) -> None:
    async with stay(wire.address) as kim:
        await ada.join("tea")
        with broken(wire):
            await kim.sees("No connection now.")
            kim.type("one", "two", "/who")
            await kim.sees("queued: one", "queued: two", "Not done: there is no connection now")
            await ada.send("tea", "missed")
        kim.type("/reconnect")
        await kim.sees("Connected again.", "ada: missed", "kim: two")

        told = [line.partition(" (")[0] for line in kim.said if line.startswith(("ada:", "kim:"))]
        assert told == ["ada: missed", "kim: one", "kim: two"]
        before = kim.said.index(next(line for line in kim.said if "1 message missed" in line))
        assert before < kim.said.index(next(line for line in kim.said if "ada: missed" in line))


async def test_of_much_that_was_missed_the_end_is_told_and_how_to_see_the_rest() -> None:
    async with FakeHall() as fake, stay(fake.address, room=None) as kim:
        kim.type("/join lobby")
        fake.tell(answer(await fake.find(commands.Join), messages=[stands(1, "first")]))
        await kim.sees("bob: first")
        fake.hang_up()
        await kim.sees("No connection now.")
        kim.type("/reconnect")
        page = [stands(seq, f"number {seq}") for seq in range(101, 151)]
        joined = answer(await fake.find(commands.Join), messages=page, missed=149)
        fake.tell(msgspec.structs.replace(joined, more=True))
        await kim.sees("149 messages missed", "30 messages before these: /history", "number 150")

        told = [line for line in kim.said if line.startswith("bob: number")]
        assert len(told) == going.PAGE
        kim.type("/history 2")
        assert (await fake.find(commands.History)).before == 131


@pytest.mark.parametrize("code", ["kicked", "replaced"])
async def test_a_hall_that_sends_one_away_for_good_is_told_with_what_can_be_done(code: str) -> None:
    async with FakeHall() as fake, stay(fake.address, room=None) as kim:
        fake.tell(replies.bye(code, "so it is", None))  # type: ignore[arg-type]

        await kim.sees("closed the connection: so it is", "/reconnect tries again")


async def test_a_pipe_ends_when_all_is_confirmed(hall: RunningHall) -> None:
    async with stay(hall.address, asks=False) as kim:
        kim.type("one", "/me waves", "two")
        kim.paper.end()
        ending = await kim.ends()

        assert (ending.how, ending.why) == ("left", "")
        told = [line.partition(" (")[0] for line in kim.said if line.startswith("kim")]
        assert told == ["kim: one", "kim waves", "kim: two"]


async def test_a_pipe_whose_hall_is_gone_ends_after_a_while_and_keeps_what_it_had(
    wire: Proxy, hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SETTLE_SECONDS", 0.2)
    async with stay(wire.address, asks=False) as kim:
        with broken(wire):
            await kim.sees("No connection now.")
            kim.type("one", "two")
            kim.paper.end()
            ending = await kim.ends()

        assert ending.how == "unconfirmed"
        assert ending.why == "2 messages not sent: kept here until you come back."

    async with stay(wire.address, asks=False, room=None) as kim:
        kim.paper.end()
        ending = await kim.ends()
        told = [line.partition(" (")[0] for line in kim.said if line.startswith("kim")]

    assert ending.how == "left"
    assert told[-2:] == ["kim: one", "kim: two"]


@pytest.mark.parametrize("count", [talking.PIPED - 1, talking.PIPED, talking.PIPED + 1])
async def test_a_pipe_is_not_read_further_than_a_hundred_lines_ahead(
    wire: Proxy, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(waiting, "SETTLE_SECONDS", 0.2)
    async with stay(wire.address, asks=False) as kim:
        with broken(wire):
            await kim.sees("No connection now.")
            kim.type(*(f"line {number}" for number in range(count)))
            kim.paper.end()
            await kim.ends()

            assert len(kim.client.outbox) == min(count, talking.PIPED)


@pytest.mark.parametrize("line", ["/bogus", "x" * 8_001, "/reply 99 nobody", "/name 'x'"])
async def test_a_pipe_with_something_that_is_refused_ends_so(hall: RunningHall, line: str) -> None:
    async with stay(hall.address, asks=False) as kim:
        kim.type(line, "and this is said")
        kim.paper.end()
        ending = await kim.ends()

        assert ending.how == "refused"
        assert any(line.startswith("kim: and this is said") for line in kim.said)


async def test_a_line_that_is_no_text_is_told_and_harms_no_other(hall: RunningHall) -> None:
    async with stay(hall.address, asks=False) as kim:
        kim.paper._typed.put_nowait(Mistake("line 1 is not UTF-8"))
        kim.type("said")
        kim.paper.end()

        assert (await kim.ends()).how == "refused"
        assert "Not done: line 1 is not UTF-8" in kim.said
        assert kim.said[-1].startswith("kim: said")


async def test_what_fails_is_told_with_what_can_be_done_and_can_be_sent_again() -> None:
    async with FakeHall() as fake, stay(fake.address, room=None) as kim:
        kim.type("/join lobby")
        fake.tell(answer(await fake.find(commands.Join), messages=[stands(1)]))
        await kim.sees("#lobby")
        kim.type("hello")
        send = await fake.find(commands.Send)
        fake.tell(replies.error("not-allowed", "you may not", send.id))
        await kim.sees("not sent, you may not: hello", "/retry sends it again")

        kim.type("/retry")
        send = await fake.find(commands.Send)
        fake.tell(said(2, "hello", "kim"))
        fake.tell(replies.Sent(id=send.id, room="lobby", seq=2, time=2_000, nonce=send.nonce))
        await kim.sees("kim: hello (2, ")


async def test_what_would_be_refused_again_comes_into_the_line_to_be_changed() -> None:
    async with FakeHall() as fake, stay(fake.address, room=None) as kim:
        kim.type("/join lobby")
        fake.tell(answer(await fake.find(commands.Join), messages=[stands(1)]))
        await kim.sees("#lobby")
        kim.type("hello")
        send = await fake.find(commands.Send)
        fake.tell(replies.error("text-too-long", "too long", send.id))
        await kim.sees("not sent, too long: hello")
        kim.type("/retry")
        await kim.sees("It is in your line now")

        assert kim.paper.put_back == ["hello"]
        assert len(kim.client.outbox) == 0


async def test_a_message_that_takes_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.01)
    async with FakeHall() as fake, stay(fake.address, room=None) as kim:
        kim.type("/join lobby")
        fake.tell(answer(await fake.find(commands.Join), messages=[stands(1)]))
        await kim.sees("#lobby")
        kim.type("slow")

        await kim.sees("sending: slow")


async def test_a_new_log_of_the_hall_is_told(hall: RunningHall, wire: Proxy) -> None:
    async with running_hall() as another, stay(wire.address) as kim:
        kim.type("one")
        await kim.sees("kim: one")
        with broken(wire):
            await kim.sees("No connection now.")
        wire.target = another.port
        kim.type("/reconnect")
        await kim.sees("The Hall has begun a new log", "Connected again.")
        kim.type("two")

        await kim.sees("kim: two (1, ")


async def test_who_comes_speaks_and_leaves_at_once_is_told_of_in_that_order() -> None:
    async with FakeHall() as fake, stay(fake.address, room=None) as kim:
        kim.type("/join lobby")
        fake.tell(answer(await fake.find(commands.Join), messages=[]))
        await kim.sees("Nothing was said here yet.")
        fake.tell(
            presence(joined=[member("ada")]),
            said(1, "only this", "ada"),
            presence(left={"ada": "quit"}),
        )
        await kim.sees("ada left")

        told = [line for line in kim.said if "ada" in line]
        assert [line.split(" (")[0] for line in told] == [
            "ada joined",
            "ada: only this",
            "ada left",
        ]
