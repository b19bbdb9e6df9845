"""A connection between a fake transport and a fake server: pace, deadlines, the end."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from pychat.protocol import commands, replies
from pychat.protocol.errors import ByeCode
from pychat.protocol.framing import FrameReader, frame
from pychat.server import limits
from pychat.server.connection import Connection
from pychat.server.deadlines import Deadlines
from tests.support.transport import FakeTransport

DEADLINES = Deadlines(login=10, frame=15, silence=20, dead=45, backlog=10, farewell=2)


class FakeServer:
    """Notes what a connection tells it, and runs what it asks for when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.draining = False
        self.flood = None
        self.commands: list[commands.AnyCommand] = []
        self.soon: list[Callable[[], None]] = []
        self.log: list[str] = []

    def now(self) -> float:
        return self.seconds

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.soon.append(callback)

    def turn(self) -> None:
        soon, self.soon = self.soon, []
        for callback in soon:
            callback()

    def connected(self, connection: Connection) -> None:
        self.log.append("connected")

    def disconnected(self, connection: Connection) -> None:
        self.log.append("disconnected")

    def lost(self, connection: Connection) -> None:
        self.log.append("lost")

    def received(self, connection: Connection, command: commands.AnyCommand) -> None:
        self.commands.append(command)

    def flush_later(self, connection: Connection) -> None:
        self.call_soon(connection.flush)


class Line:
    """Both ends of one connection."""

    def __init__(self, *, greeted: bool = True) -> None:
        self.server = FakeServer()
        self.transport = FakeTransport()
        self.connection = Connection(self.server)  # type: ignore[arg-type]  # as far as it is used
        self.connection.connection_made(self.transport)
        if greeted:
            self.connection.greet()
        self._ids = 0

    def ping(self, count: int = 1) -> bytes:
        data = b""
        for _ in range(count):
            self._ids += 1
            data += frame(json.dumps({"type": "ping", "id": self._ids}).encode())
        return data

    def receive(self, data: bytes) -> None:
        self.connection.data_received(data)

    def sent(self) -> list[dict[str, Any]]:
        reader = FrameReader(2**20)
        reader.feed(b"".join(self.transport.written))
        return [json.loads(payload) for payload in iter(reader.read, None)]

    def bye(self) -> str:
        last = self.sent()[-1]
        assert last["type"] == "bye"
        return str(last["code"])

    def after(self, seconds: float) -> None:
        self.server.seconds += seconds
        self.connection.sweep(self.server.seconds, DEADLINES)

    @property
    def ids(self) -> list[int]:
        return [command.id for command in self.server.commands]


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


@pytest.mark.parametrize(
    ("do", "deadline"),
    [
        (be_silent, DEADLINES.dead),
        (stop_in_a_frame, DEADLINES.frame),
        (stop_reading, DEADLINES.backlog),
        (take_leave, DEADLINES.farewell),
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


# -- whether the last that was written arrived ----------------------------------------------------


def test_what_still_waits_when_the_client_ends_may_not_have_arrived(line: Line) -> None:
    line.connection.pause_writing()
    line.transport.buffered = 1
    line.connection.eof_received()
    line.transport.buffered = 0
    line.connection.resume_writing()

    assert line.connection.unconfirmed


@pytest.mark.parametrize(("fault", "unconfirmed"), [(None, False), (OSError(104, "reset"), True)])
def test_an_error_leaves_it_open_and_a_clean_end_does_not(
    line: Line, fault: OSError | None, unconfirmed: bool
) -> None:
    line.connection.connection_lost(fault)

    assert line.connection.unconfirmed == unconfirmed


def test_an_error_after_a_clean_end_changes_nothing(line: Line) -> None:
    line.connection.owed = 1
    line.connection.eof_received()

    line.connection.connection_lost(OSError(32, "broken pipe"))

    assert not line.connection.unconfirmed


@pytest.mark.parametrize(("code", "unconfirmed"), [("timeout", True), ("too-many-errors", False)])
def test_a_farewell_for_silence_leaves_it_open(
    line: Line, code: ByeCode, unconfirmed: bool
) -> None:
    line.connection.close(replies.bye(code, "out"))

    assert line.connection.unconfirmed == unconfirmed


def test_an_answered_ping_is_the_proof_of_all_before_it(line: Line) -> None:
    line.receive(frame(b'{"type":"pong"}'))

    line.connection.connection_lost(OSError(104, "reset"))

    assert not line.connection.unconfirmed


# -- the end --------------------------------------------------------------------------------------


def test_what_waits_is_written_before_the_goodbye(line: Line) -> None:
    line.connection.send(replies.Ok(id=1))

    line.connection.close(replies.bye("quit", "so long"))

    assert [each["type"] for each in line.sent()] == ["ok", "bye"]


def test_after_the_goodbye_nothing_is_heard_or_told(line: Line) -> None:
    line.connection.close(replies.bye("kicked", "out"))
    line.connection.close(replies.bye("banned", "really"))
    line.receive(line.ping())
    line.connection.send(replies.Ok(id=1))
    line.server.turn()

    assert line.ids == []
    assert [each["code"] for each in line.sent()] == ["kicked"]


def test_a_client_that_is_gone_is_closed_without_a_goodbye(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise OSError(107, "not connected")

    monkeypatch.setattr(line.transport, "write_eof", gone)

    line.connection.close(replies.bye("shutdown", "closing"))

    assert line.transport.closed


def test_a_half_closed_client_is_closed_when_all_is_answered(line: Line) -> None:
    line.receive(line.ping())
    line.connection.owed = 1

    assert line.connection.eof_received() is True
    assert not line.transport.closed
    line.connection.owed = 0
    line.connection.send(replies.Ok(id=1))
    line.connection.settled()

    assert line.transport.closed
    assert [each["type"] for each in line.sent()] == ["ok"]


def test_a_half_closed_client_that_reads_slowly_gets_its_last_answers(line: Line) -> None:
    # What waited here was dropped when the transport closed.
    line.connection.pause_writing()
    line.connection.send(replies.Ok(id=1))

    line.connection.eof_received()
    assert not line.transport.closed
    line.connection.resume_writing()

    assert [each["type"] for each in line.sent()] == ["ok"]
    assert line.transport.closed


def test_half_a_frame_before_the_end_is_nothing(line: Line) -> None:
    line.receive(line.ping()[:-1])

    line.connection.eof_received()

    assert line.transport.closed
    assert line.sent() == []


def test_quit_waits_for_what_is_owed(line: Line) -> None:
    line.connection.owed = 1
    line.receive(line.ping() + frame(b'{"type":"quit","id":9}') + line.ping())
    assert line.ids == [1]

    line.connection.owed = 0
    line.connection.settled()

    assert line.ids == [1, 9]


def test_who_quits_and_hangs_up_at_once_has_quit(line: Line) -> None:
    line.connection.owed = 1
    line.receive(frame(b'{"type":"quit","id":9}'))

    line.connection.connection_lost(None)

    assert (line.ids, line.server.log) == ([9], ["connected", "disconnected"])


async def test_a_reading_for_one_who_is_gone_is_given_up(line: Line) -> None:
    reading = asyncio.ensure_future(asyncio.sleep(3600))
    line.connection.reading = reading

    line.connection.connection_lost(None)

    with pytest.raises(asyncio.CancelledError):
        await reading


def test_a_bad_length_ends_it_after_the_answers_before(line: Line) -> None:
    line.receive(line.ping() + b"\xff\xff\xff\xff" + line.ping())

    assert (line.ids, line.bye()) == ([1], "bad-frame")


def test_bad_payloads_in_a_row_end_it_and_a_good_one_forgives(line: Line) -> None:
    line.receive(frame(b"{") * 9 + line.ping() + frame(b"{") * 9)
    assert not line.connection.closing

    line.receive(frame(b"{"))

    assert line.bye() == "too-many-errors"
