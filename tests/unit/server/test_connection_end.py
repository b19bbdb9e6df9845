"""How a connection ends, and what is known then of the last that was written to it."""

import asyncio

import pytest

from pychat.protocol import replies
from pychat.protocol.errors import ByeCode
from pychat.protocol.framing import frame
from tests.support.line import Line


@pytest.fixture
def line() -> Line:
    return Line()


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
