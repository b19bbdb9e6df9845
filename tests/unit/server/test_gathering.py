"""The window in which what is said is gathered: open under load, if it slows nobody."""

from collections.abc import Callable

import pytest

from pychat.protocol.events import Message
from pychat.server import gathering
from pychat.server.effects import Append
from pychat.server.gathering import Gathering, GatherWindow
from pychat.server.room import Room

AUDIENCE = 100


class Talk:
    """People in a room of a hundred, by a clock of their own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.window = GatherWindow(self.now)
        self.open_for = 0.0

    def say(self, rate: float, seconds: float) -> None:
        """So many messages a second, come what may."""
        for _ in range(round(rate * seconds)):
            self.now += 1 / rate
            self.open_for += self.window.open / rate
            self.window.said(AUDIENCE, self.now)

    def converse(self, speakers: int, round_trip: float, seconds: float) -> None:
        """Each speaks again when what all said last has come back, which takes `round_trip` seconds
        without the window, and until its end with it."""
        end = self.now + seconds
        while self.now < end:
            taken = gathering.WINDOW if self.window.open else round_trip
            self.open_for += taken * self.window.open
            self.now += taken
            self.window.delivering(self.now)
            for _ in range(speakers):
                self.window.said(AUDIENCE, self.now)


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_where_little_is_said_the_window_stays_closed(talk: Talk) -> None:
    talk.say(rate=200, seconds=20)

    assert talk.open_for == 0


def test_it_opens_for_those_who_speak_by_the_clock(talk: Talk) -> None:
    talk.say(rate=1_000, seconds=20)

    assert talk.open_for > 0.95 * 20


def test_it_stays_closed_for_those_who_wait_for_what_they_said(talk: Talk) -> None:
    talk.converse(speakers=10, round_trip=0.000_7, seconds=20)

    assert talk.open_for < 0.02 * 20


def test_the_slow_beginning_of_a_conversation_is_not_what_the_window_is_compared_with(
    talk: Talk,
) -> None:
    talk.converse(speakers=10, round_trip=gathering.WINDOW, seconds=0.1)

    talk.converse(speakers=10, round_trip=0.000_7, seconds=20)

    assert talk.open_for < 0.02 * 20


def test_it_opens_where_a_round_takes_as_long_anyway(talk: Talk) -> None:
    talk.converse(speakers=10, round_trip=gathering.WINDOW, seconds=20)

    assert talk.open_for > 0.9 * 20


def test_it_closes_when_talk_becomes_a_conversation(talk: Talk) -> None:
    talk.say(rate=1_000, seconds=5)
    talk.open_for = 0.0

    talk.converse(speakers=10, round_trip=0.000_7, seconds=20)

    assert talk.open_for < gathering.LONGEST_SETTLED + 0.5


def test_it_closes_when_it_becomes_quiet(talk: Talk) -> None:
    talk.say(rate=1_000, seconds=5)

    talk.say(rate=100, seconds=gathering.LONGEST_SETTLED)
    talk.open_for = 0.0
    talk.say(rate=100, seconds=10)

    assert talk.open_for == 0


@pytest.mark.parametrize(("rate", "opens"), [(399, False), (400, True), (401, True)])
def test_from_the_bound_of_busy_on_it_is_tried(rate: int, opens: bool) -> None:
    assert AUDIENCE * 400 == gathering.BUSY
    talk = Talk()

    talk.say(rate=rate, seconds=1)

    assert (talk.open_for > 0) is opens


def test_a_message_waits_until_the_window_since_the_last_delivery_is_over() -> None:
    window = GatherWindow(0.0)

    assert window.delay(10.0) == 0
    window.delivering(10.0)

    assert window.delay(10.0) == pytest.approx(gathering.WINDOW)
    assert window.delay(10.0 + 0.8 * gathering.WINDOW) == pytest.approx(0.2 * gathering.WINDOW)
    assert window.delay(10.0 + gathering.WINDOW) == pytest.approx(0, abs=1e-9)
    assert window.delay(20.0) == 0


def test_what_waits_is_handed_over_together_and_before_what_is_said_later() -> None:
    given: list[int] = []
    timers: list[tuple[float, Callable[[], None]]] = []
    gathers = Gathering(
        lambda append: given.append(append.command_id),
        lambda: 10.0,
        lambda seconds, callback: timers.append((seconds, callback)),
    )

    def say(number: int) -> None:
        event = Message(room="tea", seq=0, prev=0, time=0, sender="ann", text="x", nonce="x")
        gathers.put(Append(Room("tea"), event, "peer", number))

    say(1)
    assert given == [1]
    gathers._window.open = True
    say(2)
    gathers._window.open = False
    say(3)
    assert given == [1]

    ((seconds, hand_over),) = timers
    hand_over()

    assert (seconds, given) == (0.0, [1, 2, 3])
    say(4)
    assert given == [1, 2, 3, 4]
