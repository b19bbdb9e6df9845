import asyncio
from typing import cast

import pytest

from pychat.server.backplane.jetstream.link import Link, Message
from pychat.server.cluster import signals
from pychat.server.cluster.signals import Signals
from tests.support.fake_link import FakeLink


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


async def test_what_others_send_is_received_and_not_ones_own(link: FakeLink) -> None:
    received: list[bytes] = []
    one = Signals(cast(Link, link), "s", lambda message: received.append(message.body))
    await one.open()
    one.send(b"own")
    (sent,) = await link.has_sent(1)

    for headers in (sent.headers, {}, {**sent.headers, "Pychat-Origin": "another"}):
        link.subscribed["s"](Message("s", b"x", headers))

    assert (sent.subject, sent.body) == ("s", b"own")
    assert received == [b"x"] * 2
    await one.close()


@pytest.mark.parametrize(("more", "sent"), [(-1, 2), (0, 3), (1, 3)])
async def test_so_many_wait_and_what_comes_beyond_is_not_sent(
    link: FakeLink, monkeypatch: pytest.MonkeyPatch, more: int, sent: int
) -> None:
    monkeypatch.setattr(signals, "WAITING", 3)
    one = Signals(cast(Link, link), "s", lambda message: None)
    for number in range(3 + more):
        one.send(b"%d" % number)

    await one.open()

    assert len(await link.has_sent(sent)) == sent
    await one.close()


async def test_what_cannot_be_sent_is_lost_and_the_next_is_not(link: FakeLink) -> None:
    one = Signals(cast(Link, link), "s", lambda message: None)
    await one.open()
    link.connected = False
    one.send(b"lost")
    await asyncio.sleep(0)
    link.connected = True

    one.send(b"next")

    assert [each.body for each in await link.has_sent(1)] == [b"next"]
    await one.close()
