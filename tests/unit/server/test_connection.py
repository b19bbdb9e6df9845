"""A connection between a fake transport and a fake server: its pace and its deadlines."""

import json
from collections.abc import Callable

import pytest

from pychat.protocol import replies
from pychat.protocol.framing import frame
from pychat.server import limits
from pychat.server.flood import FloodControl, FloodLimits, Paces
from tests.support.line import DEADLINES, Line


@pytest.fixture
def line() -> Line:
    return Line()


# -- pace -----------------------------------------------------------------------------------------


def test_a_bounded_number_of_commands_is_carried_out_a_turn(line: Line) -> None:
    many = limits.COMMANDS_PER_TURN * 2 + 5
    line.receive(line.ping(many))
    assert len(line.ids) == limits.COMMANDS_PER_TURN

    while line.server.soon:
        line.server.turn()

    assert line.ids == list(range(1, many + 1))


def test_behind_a_reading_nothing_is_carried_out_and_nothing_read(line: Line) -> None:
    line.connection.busy = True
    line.receive(line.ping(2))
    assert (line.ids, line.transport.reading) == ([], False)

    line.connection.busy = False
    line.connection.work()

    assert (line.ids, line.transport.reading) == ([1, 2], True)


def test_who_does_not_read_the_answers_is_not_read_from(line: Line) -> None:
    line.connection.pause_writing()
    line.connection.offer(bytes(limits.UNREAD_REPLIES_BYTES))
    line.receive(line.ping())
    assert (line.ids, line.transport.reading) == ([], False)

    line.connection.resume_writing()

    assert (line.ids, line.transport.reading) == ([1], True)


def test_an_answer_that_is_not_flushed_yet_counts_as_unread(line: Line) -> None:
    line.connection.offer(bytes(limits.UNREAD_REPLIES_BYTES))
    line.receive(line.ping())
    assert line.ids == []

    line.server.turn()

    assert line.ids == [1]


def test_a_stopping_server_carries_out_nothing_more(line: Line) -> None:
    line.server.draining = True

    line.receive(line.ping())

    assert line.ids == []


def test_the_backlog_cuts_a_slow_reader(line: Line) -> None:
    line.connection.pause_writing()
    line.connection.offer(bytes(limits.BACKLOG_BYTES))
    assert not line.connection.closing

    line.connection.offer(b"x")

    assert (line.bye(), line.transport.ended) == ("slow-consumer", True)
    assert line.server.log == ["connected"]  # it may be in the middle of a broadcast
    line.server.turn()
    assert line.server.log == ["connected", "lost"]


def test_passing_events_are_dropped_first(line: Line) -> None:
    line.connection.pause_writing()
    line.connection.offer_passing(bytes(limits.PASSING_BACKLOG_BYTES))
    line.connection.offer_passing(b"dropped")
    assert line.connection.outbox.waiting == limits.PASSING_BACKLOG_BYTES

    line.connection.offer(b"kept")

    assert line.connection.outbox.waiting == limits.PASSING_BACKLOG_BYTES + 4


def test_who_waits_for_flood_control_waits_once_however_often_it_is_changed(line: Line) -> None:
    line.connection.flood = FloodControl(Paces(FloodLimits(burst=1, rate=1)), line.server.seconds)
    asked = [{"type": "send", "id": n, "room": "tea", "text": "x", "nonce": "x"} for n in (1, 2)]
    line.receive(b"".join(frame(json.dumps(each).encode()) for each in asked))
    for _ in range(5):
        line.connection.go_on()
    assert line.ids == [1]

    (waits,) = [timer for timer in line.server.timers if not timer.cancelled]
    line.server.seconds = waits.when
    waits.callback()

    assert line.ids == [1, 2]


# -- deadlines ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "bye"), [(9.9, None), (10, "login-timeout")])
def test_login(seconds: float, bye: str | None) -> None:
    line = Line(greeted=False)

    line.after(seconds)

    assert (line.bye() if line.connection.closing else None) == bye


@pytest.mark.parametrize(("seconds", "bye"), [(14.9, None), (15, "timeout")])
def test_half_a_frame(line: Line, seconds: float, bye: str | None) -> None:
    line.receive(line.ping()[:-1])

    line.after(seconds)

    assert (line.bye() if line.connection.closing else None) == bye


def test_half_a_frame_counts_from_its_first_byte(line: Line) -> None:
    data = line.ping()
    line.receive(data[:1])
    line.after(14)
    line.receive(data[1:5])

    line.after(1)

    assert line.bye() == "timeout"


def test_half_a_frame_behind_a_reading_is_the_servers_doing(line: Line) -> None:
    line.connection.busy = True
    line.receive(line.ping() + line.ping()[:-1])
    line.after(16)
    assert not line.connection.closing

    line.connection.busy = False
    line.connection.work()
    line.after(14)

    assert not line.connection.closing


def test_silence_is_pinged_once_and_then_given_up(line: Line) -> None:
    for _ in range(44):
        line.after(1)
        line.server.turn()
    assert line.sent() == [{"type": "ping"}]

    line.after(1)

    assert line.bye() == "timeout"


def test_a_word_ends_the_silence(line: Line) -> None:
    line.after(20)
    line.receive(frame(b'{"type":"pong"}'))
    line.after(20)
    line.server.turn()

    assert line.sent() == [{"type": "ping"}, {"type": "ping"}]
    line.after(24)
    assert not line.connection.closing


def test_a_socket_that_takes_nothing_for_too_long(line: Line) -> None:
    line.connection.pause_writing()
    line.connection.offer(b"x")

    line.after(9.9)
    assert not line.connection.closing
    line.after(0.1)

    assert line.bye() == "slow-consumer"


def test_who_does_not_take_leave_is_aborted(line: Line) -> None:
    line.connection.close(replies.bye("kicked", "out"))
    line.after(1.9)
    assert not line.transport.aborted

    line.after(0.1)

    assert line.transport.aborted


def be_silent(line: Line) -> None:
    pass


def stop_in_a_frame(line: Line) -> None:
    line.receive(line.ping()[:-1])


def stop_reading(line: Line) -> None:
    line.connection.pause_writing()
    line.connection.offer(b"x")


def take_leave(line: Line) -> None:
    line.connection.close(replies.bye("kicked", "out"))


def be_cut(line: Line) -> None:
    line.connection.pause_writing()
    line.transport.buffered = limits.BACKLOG_BYTES + 1
    line.connection.offer(b"x")
    assert line.bye() == "slow-consumer"


@pytest.mark.parametrize(
    ("leave", "patience"),
    [(take_leave, DEADLINES.farewell), (be_cut, DEADLINES.slow_farewell)],
)
@pytest.mark.parametrize(("late", "aborted"), [(-0.1, False), (0.0, True), (0.1, True)])
def test_who_does_not_take_its_bye_is_aborted_in_the_end(
    line: Line, leave: Callable[[Line], None], patience: float, late: float, aborted: bool
) -> None:
    leave(line)

    line.after(patience + late)

    assert line.transport.aborted == aborted


@pytest.mark.parametrize(
    ("do", "deadline"),
    [
        (be_silent, DEADLINES.dead),
        (stop_in_a_frame, DEADLINES.frame),
        (stop_reading, DEADLINES.backlog),
        (take_leave, DEADLINES.farewell),
        (be_cut, DEADLINES.slow_farewell),
    ],
)
def test_time_in_which_the_server_stood_still_counts_for_no_deadline(
    line: Line, do: Callable[[Line], None], deadline: float
) -> None:
    do(line)
    before = len(line.transport.written)
    line.server.seconds += 3600
    line.connection.put_off(3600, line.server.seconds)

    line.after(deadline - 0.1)
    assert not line.transport.aborted
    assert not any(b'"bye"' in data for data in line.transport.written[before:])

    line.after(0.2)
    assert line.transport.aborted or line.bye() in ("timeout", "slow-consumer")


def test_who_has_not_said_hello_has_its_time_after_the_server_stood_still() -> None:
    line = Line(greeted=False)
    line.server.seconds += 3600
    line.connection.put_off(3600, line.server.seconds)

    line.after(DEADLINES.login - 0.1)
    assert not line.connection.closing
    line.after(0.2)

    assert line.bye() == "login-timeout"
