"""How far a node is behind is told to whoever watches it, and to who asks all nodes."""

import asyncio
from pathlib import Path
from typing import cast

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from pychat.server.backplane.jetstream.lag import RoomsLag
from pychat.server.backplane.jetstream.link import Link, Message
from pychat.server.cluster import lag
from pychat.server.cluster.lag import NodeLag, Telling
from pychat.server.counters import Histogram
from pychat.server.metrics import exposition
from tests.support.engines import Engine
from tests.support.fake_link import FakeLink
from tests.support.node_servers import running_node
from tests.support.wire import Wire


@pytest.mark.parametrize("more", [-1, 0, 1])
async def test_who_asks_gets_an_answer_as_long_as_few_do(more: int) -> None:
    link = FakeLink()
    telling = Telling(cast(Link, link), "h", lambda: NodeLag("one.1", 0, 0.0, RoomsLag()))
    telling._received(Message("h.lag", b"", {}))
    for number in range(lag.ASKED + more):
        telling._received(Message("h.lag", b"", {}, f"inbox.{number}"))
    await telling.open()
    await asyncio.sleep(0)

    told = [f"inbox.{number}" for number in range(lag.ASKED + min(more, 0))]
    assert [each.subject for each in link.sent] == told
    assert list(link.subscribed) == ["h.lag"]

    # What cannot be told now is not told, and the next who asks is.
    link.connected = False
    telling._received(Message("h.lag", b"", {}, "lost"))
    await asyncio.sleep(0)
    link.connected = True
    telling._received(Message("h.lag", b"", {}, "next"))
    await asyncio.sleep(0)
    assert [each.subject for each in link.sent] == [*told, "next"]
    await telling.close()


async def test_a_node_tells_how_far_it_is(engine: Engine, hall_name: str, tmp_path: Path) -> None:
    async with running_node(engine.address, hall_name, tmp_path) as node:
        ann = await Wire.member(node.port, "ann", "lobby")
        await ann.say("lobby", "hi")
        before = figures(node.server)

        node.server._hall_log._head += 1_000
        after = figures(node.server)

    assert before["pychat_cluster_connected"] == before["pychat_cluster_nodes"] == 1
    assert before["pychat_hall_log_behind"] == before["pychat_rooms_behind"] == 0
    assert before["pychat_followed_rooms"] == 1
    assert before["pychat_proposals"] == before["pychat_proposal_age_seconds"] == 0
    assert before["pychat_hall_log_unseen_seconds"] >= 0
    assert after["pychat_hall_log_behind"] > 900


def figures(server: object) -> dict[str, float]:
    text = exposition(server, Histogram(), dict)().decode()
    families = text_string_to_metric_families(text)
    return {each.name: each.value for family in families for each in family.samples}


async def test_who_asks_all_nodes_is_answered_by_each(
    engine: Engine, hall_name: str, tmp_path: Path, link: Link
) -> None:
    async with running_node(engine.address, hall_name, tmp_path) as node:
        answer = await link.request(lag.subject(hall_name), seconds=30.0)
        told = msgspec.json.decode(answer.body, type=NodeLag)
        assert (told.node, told.behind, told.rooms) == (node.server.replica.node, 0, RoomsLag())
