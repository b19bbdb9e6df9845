"""What two people say to each other: in memory, in order, and bounded."""

import asyncio

import pytest

from pychat.protocol import names
from pychat.server import limits
from pychat.server.backplane.direct import DirectLedger
from pychat.server.backplane.interface import Bearing, Outcome, Retention
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.routing import RoutedLedger
from tests.support import ledgers
from tests.support.ledgers import FakeClock, Recorder, newest, reasons, receipt, said, since

ROOM = "@ann,kim"


class Desk:
    """A routed Ledger and what it has settled."""

    def __init__(self, retention: Retention) -> None:
        self.clock = FakeClock()
        self.direct = DirectLedger(self.clock, retention)
        self.durable = MemoryLedger(self.clock)
        self.ledger = RoutedLedger(self.durable, self.direct)
        self.recorder = Recorder()

    async def say(self, *texts: str, room: str = ROOM, **fields: object) -> list[Outcome]:
        batch = [said(text, room=room, **fields) for text in texts]  # type: ignore[arg-type]
        return await ledgers.append(self.ledger, self.recorder, *batch)

    def texts(self, room: str = ROOM, **query: int) -> list[str]:
        page = self.direct.page(newest(room, **{"limit": 5_000, **query}))
        return [message.text for message in page.messages]


@pytest.fixture
async def desk(request: pytest.FixtureRequest) -> Desk:
    desk = Desk(getattr(request, "param", Retention()))
    await desk.ledger.open(desk.recorder)
    return desk


async def test_each_room_goes_to_its_own_engine(desk: Desk) -> None:
    await desk.say("secret")
    await desk.say("hello", room="lobby")

    assert desk.texts() == ["secret"]
    assert (await desk.durable.page(newest(ROOM))).messages == []
    assert [m.text for m in (await desk.ledger.page(newest("lobby"))).messages] == ["hello"]
    assert (await desk.ledger.search(ledgers.wanted("secret", ROOM, "lobby"))).messages == []


async def test_what_owners_say_to_each_other_is_durable(desk: Desk) -> None:
    room = f"{ROOM},0123456789ab"
    await desk.say("secret", room=room)

    assert desk.texts(room) == []
    assert [m.text for m in (await desk.ledger.page(newest(room))).messages] == ["secret"]
    delta = await desk.ledger.delta(since(0, room=room))
    assert (len(delta.events or []), delta.missed) == (1, 1)


async def test_a_log_is_numbered_without_gaps_and_its_first_entry_follows_on_nothing(
    desk: Desk,
) -> None:
    await desk.say("one", "two", "three")

    one, two, three = desk.recorder.events
    assert [each.prev for each in (one, two, three)] == [0, one.seq, two.seq]
    assert [two.seq - one.seq, three.seq - two.seq] == [1, 1]
    assert (await desk.ledger.delta(since(0, room=ROOM))).missed == 3
    assert len((await desk.ledger.delta(since(one.seq, room=ROOM))).events or []) == 2


async def test_a_resend_adds_nothing_and_another_text_is_refused(desk: Desk) -> None:
    first = receipt(*await desk.say("one", nonce="n"))

    again = receipt(*await desk.say("one", nonce="n"))

    assert (again.seq, again.duplicate) == (first.seq, True)
    assert reasons(await desk.say("two", nonce="n")) == ["nonce-reused"]


async def test_a_sealed_room_takes_no_more_and_answers_a_resend(desk: Desk) -> None:
    first = receipt(*await desk.say("one", nonce="n"))
    desk.direct.seal(ROOM, "kim has left")

    assert receipt(*await desk.say("one", nonce="n")).seq == first.seq
    assert reasons(await desk.say("two")) == ["not-allowed"]
    assert desk.texts() == ["one"]


async def test_a_room_where_nothing_was_said_can_be_sealed(desk: Desk) -> None:
    desk.direct.seal(ROOM, "kim has left")

    assert reasons(await desk.say("one")) == ["not-allowed"]


async def test_what_was_said_under_a_name_of_before_is_still_theirs(desk: Desk) -> None:
    (outcome,) = await desk.say("one", sender="ann")
    person = (Bearing("anna"), Bearing("ann"))
    edit = ledgers.edited(receipt(outcome).seq, "1", room=ROOM, sender="anna")

    (edited,) = await ledgers.append(desk.ledger, desk.recorder, edit, person=person)

    assert receipt(edited)
    assert desk.texts() == ["1"]


async def test_the_next_room_of_a_name_has_other_positions(desk: Desk) -> None:
    await desk.say(*map(str, range(50)))
    last = desk.recorder.events[-1].seq
    desk.direct.drop(ROOM)
    assert desk.texts() == []

    first = receipt(*await desk.say("new")).seq

    assert first > last
    assert (await desk.ledger.delta(since(last, room=ROOM))).events is None
    assert len((await desk.ledger.delta(since(0, room=ROOM))).events or []) == 1


async def test_so_has_the_room_of_a_server_that_started_anew(desk: Desk) -> None:
    last = receipt((await desk.say("one", "two", "three"))[-1]).seq
    desk.clock.now += 60_000
    later = Desk(Retention())
    later.clock.now = desk.clock.now
    await later.ledger.open(later.recorder)

    await later.say("new")

    assert (await later.ledger.delta(since(last, room=ROOM))).events is None


@pytest.mark.parametrize(("count", "first"), [(4, 0), (5, 0), (6, 1)])
async def test_the_oldest_messages_go(
    desk: Desk, count: int, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.direct, "_most", 5)
    await desk.say(*map(str, range(count)))

    page = desk.direct.page(newest(ROOM))

    assert [message.text for message in page.messages] == [str(n) for n in range(first, count)]
    assert not page.more_before
    delta = await desk.ledger.delta(since(0, room=ROOM))
    assert (delta.events is None) == (first > 0)
    assert reasons(await desk.say("again", nonce="x")) == ["appended"]


@pytest.mark.parametrize(("edits", "kept"), [(4, 1), (5, 0)])
async def test_so_do_the_oldest_entries(
    desk: Desk, edits: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DIRECT_ENTRIES", 5)
    target = receipt(*await desk.say("one")).seq
    for number in range(edits):
        edit = ledgers.edited(target, str(number), room=ROOM)
        await ledgers.append(desk.ledger, desk.recorder, edit)

    assert len(desk.texts()) == kept
    refused = await ledgers.append(
        desk.ledger, desk.recorder, ledgers.edited(target, "x", room=ROOM)
    )
    assert reasons(refused) == (["appended"] if kept else ["no-such-message"])


async def test_past_the_memory_of_all_the_room_that_takes_most_pays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.say("small", room="@ann,bob")
    await desk.say(*("x" * 1_000 for _ in range(10)))
    monkeypatch.setattr(limits, "DIRECT_BYTES", desk.direct._bytes)

    await desk.say("last", room="@ann,bob")

    assert desk.texts("@ann,bob") == ["small", "last"]
    assert len(desk.texts()) == 5
    assert desk.direct._bytes <= limits.DIRECT_BYTES
    for room in (ROOM, "@ann,bob"):
        desk.direct.drop(room)
    assert desk.direct._bytes == 0


async def test_what_was_sent_weighs_the_same_when_it_is_let_go_of(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DIRECT_MESSAGES", 1)
    desk.direct.keep_at_most(1)
    await desk.say("x")
    weight = desk.direct._bytes
    await desk.say("\u00e9\u4e2d\U0001f600" * 100)
    # As happens for whoever hears it, and for a snapshot.
    desk.direct.kept()

    await desk.say("y")

    assert desk.texts() == ["y"]
    assert desk.direct._bytes == weight


async def test_of_rooms_that_take_as_much_the_same_pays_wherever_they_were_loaded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("@bob,cid", "@ann,bob"):
        await desk.say("one", "two", room=room)
    other = DirectLedger(desk.clock, Retention())
    other.restore(desk.direct.kept())
    monkeypatch.setattr(limits, "DIRECT_BYTES", desk.direct._bytes)

    for ledger in (desk.direct, other):
        ledger.admit(said("six", room="@cid,dan"), (), desk.clock.now)

    kept = [
        {room.name: len(room.events) for room in ledger.kept().rooms}
        for ledger in (desk.direct, other)
    ]
    assert kept == [{"@ann,bob": 2, "@bob,cid": 1, "@cid,dan": 1}] * 2


@pytest.mark.parametrize("desk", [Retention(max_age=1_000)], indirect=True)
async def test_what_the_hall_promises_to_forget_is_forgotten_here_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.direct, "_steady", lambda: desk.clock.now)
    await desk.say("old")
    desk.clock.now += 600
    await desk.say("new")
    desk.clock.now += 600

    assert desk.texts() == ["new"]


async def test_what_waits_when_the_server_stops_is_settled(desk: Desk) -> None:
    waiting = ledgers.start(desk.ledger, desk.recorder, said("one", room=ROOM))

    await desk.ledger.close()

    assert reasons(await asyncio.gather(*waiting)) == ["appended"]


async def test_no_direct_rooms_name_is_one_that_folding_would_cut() -> None:
    """Else two pairs might share a key."""
    longest = "@" + ",".join(["\u00df" * 32] * 2)

    assert names.fold(f"{longest}-50000").endswith("-50000")
