from dataclasses import dataclass
from itertools import count

import pytest

from pychat.client import CommandError, Outbox, Outgoing
from pychat.client.outbox import FORGOTTEN_AFTER_MS, HOLD_AFTER_MS, QUEUED_ITEMS
from pychat.protocol import commands

_numbers = count(1)


def saying(text: str, room: str = "lobby") -> commands.Send:
    return commands.Send(id=0, room=room, text=text, nonce=f"n{next(_numbers)}")


@dataclass
class Clock:
    now: int = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(clock: Clock) -> Outbox:
    return Outbox(clock)


def texts(items: list[Outgoing]) -> list[str]:
    return [item.text for item in items]


def states(items: list[Outgoing]) -> list[str]:
    return [item.state for item in items]


def taken(outbox: Outbox, room: str = "lobby") -> Outgoing:
    """The room's next, on its way."""
    item = outbox.next(room)
    assert item is not None
    outbox.started(item, "ann")
    return item


def test_one_of_a_room_is_on_its_way_at_a_time(outbox: Outbox) -> None:
    outbox.add(saying("one"))
    outbox.add(saying("two"))
    outbox.add(saying("elsewhere", "tea"))

    first = taken(outbox)

    assert first.text == "one"
    assert outbox.next("lobby") is None
    assert taken(outbox, "tea").text == "elsewhere"
    outbox.settle(first.nonce)
    assert taken(outbox).text == "two"


def test_a_room_is_one_however_it_is_written(outbox: Outbox) -> None:
    outbox.add(saying("one", "Lobby"))
    outbox.add(saying("two", "lobby"))

    assert texts(outbox.of("LOBBY")) == ["one", "two"]
    assert outbox.rooms() == ["Lobby"]
    taken(outbox, "LOBBY")
    assert outbox.next("lobby") is None


def test_what_is_settled_is_gone_and_was_sent(outbox: Outbox) -> None:
    item = outbox.add(saying("one"))
    lane = outbox.of("lobby")
    taken(outbox)

    outbox.settle(item.nonce)
    outbox.settle(item.nonce)
    outbox.settle("somebody else's")

    assert item.state == "sent"
    assert lane == list(outbox) == []


def test_what_was_interrupted_goes_first_again(outbox: Outbox) -> None:
    outbox.add(saying("one"))
    outbox.add(saying("two"))
    taken(outbox)

    outbox.interrupted()

    assert states(outbox.of("lobby")) == ["queued", "queued"]
    assert taken(outbox).text == "one"


def test_what_is_refused_lets_the_next_go_and_can_be_retried_at_its_place(
    outbox: Outbox,
) -> None:
    outbox.add(saying("one"))
    outbox.add(saying("two"))
    outbox.add(saying("three"))
    bad = taken(outbox)
    outbox.refused(bad, "no such message", again=False)
    assert (bad.state, bad.why) == ("failed", "no such message")
    second = taken(outbox)

    outbox.retry()
    outbox.settle(second.nonce)

    assert (bad.state, bad.why) == ("queued", "")
    assert [taken(outbox).text, outbox.next("lobby")] == ["one", None]


def test_what_may_be_tried_again_stays_first_and_says_why_it_waits(outbox: Outbox) -> None:
    outbox.add(saying("one"))
    outbox.add(saying("two"))
    first = taken(outbox)

    outbox.refused(first, "slower", again=True)

    assert (first.state, first.why) == ("queued", "slower")
    assert taken(outbox) is first
    assert first.why == ""


@pytest.mark.parametrize(
    ("waited", "state"), [(HOLD_AFTER_MS, "sending"), (HOLD_AFTER_MS + 1, "held")]
)
def test_what_waited_for_more_than_ten_minutes_asks(
    outbox: Outbox, clock: Clock, waited: int, state: str
) -> None:
    item = outbox.add(saying("late"))
    clock.now += waited

    following = outbox.next("lobby")
    if following is not None:
        outbox.started(following, "ann")

    assert item.state == state


def test_what_was_said_together_is_held_together(outbox: Outbox, clock: Clock) -> None:
    outbox.add(saying("old"))
    outbox.add(saying("old", "tea"))
    clock.now += HOLD_AFTER_MS - 60_000
    outbox.add(saying("young"))
    clock.now += 120_000

    outbox.hold_overdue()
    outbox.add(saying("new"))

    assert states(outbox.of("lobby")) == ["held", "held", "queued"]
    assert texts(outbox.held()) == ["old", "old", "young"]
    assert taken(outbox).text == "new"


def test_one_of_those_that_are_held_can_be_released_alone(outbox: Outbox, clock: Clock) -> None:
    first, second = outbox.add(saying("a")), outbox.add(saying("b"))
    clock.now += HOLD_AFTER_MS + 1
    outbox.hold_overdue()

    outbox.release(second)

    assert (first.state, second.state) == ("held", "queued")
    assert outbox.next("lobby") is second


def test_what_is_released_goes_in_order_and_does_not_ask_again(
    outbox: Outbox, clock: Clock
) -> None:
    outbox.add(saying("one"))
    outbox.add(saying("two"))
    clock.now += HOLD_AFTER_MS + 1
    outbox.hold_overdue()

    outbox.release()

    clock.now += HOLD_AFTER_MS
    outbox.hold_overdue()
    assert outbox.held() == []
    first = taken(outbox)
    outbox.settle(first.nonce)
    assert [first.text, taken(outbox).text] == ["one", "two"]


def test_a_clock_that_was_set_back_makes_it_ask(outbox: Outbox, clock: Clock) -> None:
    item = outbox.add(saying("when?"))
    clock.now -= 2 * HOLD_AFTER_MS

    assert outbox.next("lobby") is None
    assert item.state == "held"


def test_what_may_have_been_said_more_than_a_day_ago_is_not_said_again_unasked(
    outbox: Outbox, clock: Clock
) -> None:
    tried, waited = outbox.add(saying("tried")), outbox.add(saying("waited"))
    taken(outbox)
    outbox.interrupted()
    clock.now += FORGOTTEN_AFTER_MS + 1

    outbox.hold_overdue()

    assert (tried.state, waited.state) == ("failed", "held")
    assert tried.why == "This is a day old and may have been said; look before a retry."
    outbox.retry(tried)
    assert taken(outbox) is tried


def test_what_the_whole_log_does_not_have_was_not_said(outbox: Outbox, clock: Clock) -> None:
    tried = outbox.add(saying("tried"))
    taken(outbox)
    outbox.interrupted()
    outbox.caught_up("lobby")
    clock.now += FORGOTTEN_AFTER_MS + 1

    outbox.hold_overdue()

    assert tried.state == "held"


def test_only_what_is_not_on_its_way_can_be_discarded(outbox: Outbox) -> None:
    first, second = outbox.add(saying("one")), outbox.add(saying("two"))
    taken(outbox)

    assert not outbox.discard(first)
    assert outbox.discard(second)
    assert not outbox.discard(second)
    assert texts(list(outbox)) == ["one"]


def test_all_that_is_held_can_be_discarded(outbox: Outbox, clock: Clock) -> None:
    outbox.add(saying("one"))
    clock.now += HOLD_AFTER_MS + 1
    outbox.hold_overdue()
    outbox.add(saying("new"))

    assert outbox.discard()

    assert texts(list(outbox)) == ["new"]


def test_there_is_an_end_to_what_is_queued(outbox: Outbox) -> None:
    for _ in range(QUEUED_ITEMS):
        outbox.add(saying("x"))

    with pytest.raises(CommandError, match="2000 messages wait to be sent already") as refused:
        outbox.add(saying("one too many"))

    assert refused.value.code == "too-many"
    assert len(outbox) == QUEUED_ITEMS


def test_whoever_shows_it_learns_of_every_change(outbox: Outbox) -> None:
    calls: list[set[str]] = []
    outbox.on_change = lambda: calls.append(outbox.take_changed())

    item = outbox.add(saying("one", "Lobby"))
    outbox.refused(taken(outbox), "no", again=False)
    outbox.retry(item)
    outbox.discard(item)

    assert calls == [{"Lobby"}] * 3
    assert outbox.take_changed() == set()


def test_what_an_item_is_about_shows_in_its_fields(outbox: Outbox) -> None:
    said = outbox.add(commands.Send(id=0, room="lobby", text="hi", reply_to=3, nonce="a"))
    edited = outbox.add(commands.Edit(id=0, room="lobby", target=3, text="ho", nonce="b"))
    deleted = outbox.add(commands.Delete(id=0, room="lobby", target=3, nonce="c"))
    reacted = outbox.add(commands.React(id=0, room="lobby", target=3, emojis=["x"], nonce="d"))

    items = [said, edited, deleted, reacted]
    assert texts(items) == ["hi", "ho", "", ""]
    assert [item.reply_to for item in items] == [3, None, None, None]
    assert [item.nonce for item in items] == ["a", "b", "c", "d"]


def test_without_a_keeper_nothing_is_kept(outbox: Outbox) -> None:
    assert not outbox.is_kept(outbox.add(saying("one")))
    assert outbox.fault == ""


@pytest.mark.parametrize("code", ["", "not-allowed", "too-many"])
def test_any_other_refusal_leaves_the_nonce_as_it_is(outbox: Outbox, code: str) -> None:
    item = outbox.add(saying("one"))
    nonce = item.nonce
    outbox.refused(taken(outbox), "no", again=False, code=code)
    assert item.code == code

    outbox.retry(item)

    assert (item.nonce, item.code) == (nonce, "")
