import asyncio
from typing import cast

import pytest

from pychat.server.backplane.jetstream import stored
from pychat.server.backplane.jetstream.link import Link, LinkError
from tests.support.fake_link import FakeLink


async def test_what_a_replica_that_stands_still_does_not_answer_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stored, "ASKED_SECONDS", (0.01, 30.0))
    link = FakeLink()

    reading = asyncio.create_task(stored.after(cast(Link, link), "hall-HALL", "hall.hall", 7, 10))
    first, again = await link.has_sent(2)
    link.answer(first, Status="404")
    link.answer(again, Status="204", **{"Nats-Num-Pending": "3"})

    assert await reading == stored.Batch([], 3)
    assert first.body == again.body
    assert link.awaited == 0


async def test_a_stream_that_nobody_reads_out_is_a_fault_after_so_many_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stored, "ASKED_SECONDS", (0.01, 0.02, 0.03))
    link = FakeLink()

    with pytest.raises(LinkError, match=r"hall-HALL was not read within 0\.06 s"):
        await stored.after(cast(Link, link), "hall-HALL", "hall.hall", 7, 10)

    assert len(await link.has_sent(3)) == 3
    assert link.awaited == 0
