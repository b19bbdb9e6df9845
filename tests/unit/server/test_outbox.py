"""The outbox keeps order, counts bytes and never blocks."""

from pychat.server import limits
from pychat.server.outbox import Outbox
from tests.support.transport import FakeTransport

MIB = limits.BACKLOG_BYTES


def test_what_is_offered_in_one_tick_is_one_write() -> None:
    transport = FakeTransport()
    outbox = Outbox(transport)

    for chunk in (b"a", b"b", b"c"):
        assert outbox.offer(chunk)
    assert (outbox.waiting, outbox.backlog, outbox.is_empty) == (3, 0, False)
    outbox.flush()

    assert transport.written == [b"abc"]
    assert (outbox.waiting, outbox.is_empty) == (0, True)


def test_an_empty_flush_writes_nothing() -> None:
    transport = FakeTransport()

    Outbox(transport).flush()

    assert transport.written == []


def test_while_the_socket_takes_nothing_all_waits_in_order() -> None:
    transport = FakeTransport()
    outbox = Outbox(transport)
    outbox.stall(1.0)
    outbox.offer(b"a")
    outbox.flush()
    outbox.offer(b"b")
    outbox.flush()

    assert transport.written == []
    assert (outbox.backlog, outbox.stalled_since) == (2, 1.0)

    outbox.resume()
    assert transport.written == [b"ab"]
    assert outbox.stalled_since is None


def test_the_backlog_is_bounded_to_the_byte() -> None:
    outbox = Outbox(FakeTransport(buffered=10))
    outbox.stall(0.0)

    assert outbox.offer(bytes(MIB - 10))
    assert not outbox.offer(b"x")


def test_this_ticks_bytes_alone_make_nobody_slow() -> None:
    outbox = Outbox(FakeTransport())

    assert outbox.offer(bytes(MIB + 1))


def test_a_goodbye_takes_the_place_of_what_waits() -> None:
    transport = FakeTransport()
    outbox = Outbox(transport)
    outbox.stall(0.0)
    outbox.offer(b"lost")

    outbox.replace(b"bye")
    outbox.resume()

    assert transport.written == [b"bye"]
    assert outbox.waiting == 0


def test_a_socket_that_broke_before_its_connection_was_told_takes_nothing() -> None:
    """It once ended the flush of a whole room, and those behind it heard nothing ever after."""
    transport = FakeTransport()
    outbox = Outbox(transport)
    outbox.offer(b"lost")
    transport.abort()

    outbox.flush()
    outbox.replace(b"bye")

    assert transport.written == []
    assert outbox.is_empty
