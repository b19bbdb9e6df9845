"""What one says in a room goes one after the other, and each is told once what became of it."""

import asyncio

import pytest

from pychat.server.backplane.interface import Bearing, Outcome, Receipt
from pychat.server.backplane.jetstream import lanes as laning
from pychat.server.backplane.jetstream import proposals
from pychat.server.backplane.jetstream.lanes import Lanes
from pychat.server.backplane.jetstream.proposals import Layout
from pychat.server.backplane.jetstream.publisher import Ack, UnpublishedError
from tests.support.ledgers import said


class Publications:
    """In a Publisher's place: a test says what becomes of each."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.acks: list[asyncio.Future[Ack]] = []
        self.ids: list[str] = []

    def next_id(self) -> str:
        self.ids.append(f"id{len(self.ids)}")
        return self.ids[-1]

    def publish(self, subject: str, body: bytes, message_id: str) -> asyncio.Future[Ack]:
        room = "other" if subject == Layout("h", 1).place("other").subject else "lobby"
        self.texts.append(proposals.decode(body, room).event.text)
        self.acks.append(asyncio.get_running_loop().create_future())
        return self.acks[-1]


class Desk:
    def __init__(self) -> None:
        self.publications = Publications()
        self.settled: list[tuple[object, str]] = []
        self.stored: list[tuple[str, int]] = []
        self.quiet: list[str] = []
        self.lanes = Lanes(
            self.publications,
            Layout("h", 1),
            self.settle,
            lambda room, sequence: self.stored.append((room, sequence)),
            self.quiet.append,
        )

    def settle(self, ticket: object, outcome: Outcome) -> None:
        reason = "appended" if isinstance(outcome, Receipt) else outcome.text
        self.settled.append((ticket, reason))

    def say(self, text: str, sender: str = "ann", room: str = "lobby", person=()) -> None:
        self.lanes.propose(said(text, sender=sender, room=room), text, person)

    async def ack(self, at: int) -> None:
        self.publications.acks[at].set_result(Ack(at + 1, duplicate=False))
        await asyncio.sleep(0)

    async def fail(self, at: int, *, never: bool) -> None:
        self.publications.acks[at].set_exception(UnpublishedError("no leader", never=never))
        await asyncio.sleep(0)


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_ones_next_words_in_a_room_wait_for_those_before(desk) -> None:
    desk.say("a1")
    desk.say("a2", sender="ANN")
    desk.say("b1", sender="bob")
    desk.say("a3", room="other")
    desk.say("a4", sender="anna", person=(Bearing("ann"),))
    assert desk.publications.texts == ["a1", "b1", "a3"]

    await desk.ack(0)
    assert desk.publications.texts[3:] == ["a2"]
    await desk.ack(3)
    assert desk.publications.texts[4:] == ["a4"]
    assert desk.stored == [("lobby", 1), ("lobby", 4)]


async def test_a_ticket_is_given_once(desk) -> None:
    desk.say("a")

    assert desk.lanes.busy("lobby")
    assert desk.lanes.take("id0") == "a"
    assert desk.lanes.take("id0") is None
    assert desk.lanes.take("another's") is None
    assert not desk.lanes.busy("lobby")
    assert desk.quiet == ["lobby"]
    await desk.lanes.empty()


async def test_with_what_is_lost_goes_all_that_one_said_after_it(desk) -> None:
    for text in ("a1", "a2", "a3"):
        desk.say(text)
    desk.say("b1", sender="bob")

    await desk.fail(0, never=False)

    assert [ticket for ticket, _ in desk.settled] == ["a1", "a2", "a3"]
    first, second, third = [text for _, text in desk.settled]
    assert "may still come" in first
    assert second == third
    assert "nothing of this was saved" in second
    assert desk.publications.texts == ["a1", "b1"]
    desk.say("a4")
    assert desk.publications.texts[2:] == ["a4"]


async def test_what_is_certainly_not_stored_is_told_so(desk) -> None:
    desk.say("a1")

    await desk.fail(0, never=True)

    ((ticket, text),) = desk.settled
    assert ticket == "a1"
    assert "nothing of this was saved" in text


async def test_what_came_back_before_it_was_given_up_is_not_told_twice(desk) -> None:
    desk.say("a1")
    desk.say("a2")
    desk.lanes.take("id0")

    await desk.fail(0, never=False)

    assert [ticket for ticket, _ in desk.settled] == ["a2"]


async def test_what_is_not_decided_in_time_is_told_so_once(desk, monkeypatch) -> None:
    desk.say("a1")
    monkeypatch.setattr(laning, "DECIDED_SECONDS", -1.0)
    desk.say("b1", sender="bob")

    desk.lanes.expire()
    desk.lanes.expire()

    assert [ticket for ticket, _ in desk.settled] == ["b1"]
    assert desk.lanes.take("id1") is None


async def test_waiting_words_that_are_overdue_are_not_said_any_more(desk, monkeypatch) -> None:
    desk.say("a1")
    monkeypatch.setattr(laning, "DECIDED_SECONDS", -1.0)
    desk.say("a2")
    monkeypatch.setattr(laning, "DECIDED_SECONDS", 30.0)
    desk.say("a3")
    desk.lanes.expire()

    await desk.ack(0)

    assert desk.publications.texts == ["a1", "a3"]


@pytest.mark.parametrize(("count", "refused"), [(2, 0), (3, 0), (4, 1)])
async def test_so_many_may_be_under_way(desk, monkeypatch, count, refused) -> None:
    monkeypatch.setattr(laning, "BACKLOG", 3)

    for number in range(count):
        desk.say(str(number), sender=f"p{number}")

    assert len(desk.settled) == refused
    assert len(desk.publications.texts) == count - refused


async def test_what_is_abandoned_is_told(desk) -> None:
    desk.say("a1")
    desk.say("a2")

    desk.lanes.abandon("the end")

    assert [ticket for ticket, _ in desk.settled] == ["a1", "a2"]
    assert all("the end" in text for _, text in desk.settled)


async def test_how_long_the_oldest_has_waited_is_known_until_it_is_settled(desk: Desk) -> None:
    assert (desk.lanes.under_way, desk.lanes.oldest) == (0, 0.0)
    desk.say("a")
    desk.say("b")
    began = desk.lanes._sayings["id0"].overdue - laning.DECIDED_SECONDS
    await asyncio.sleep(0)

    assert desk.lanes.under_way == 2
    assert 0 <= desk.lanes.oldest <= asyncio.get_running_loop().time() - began
    desk.lanes.take("id0")
    desk.lanes.take("id1")
    assert (desk.lanes.under_way, desk.lanes.oldest) == (0, 0.0)
