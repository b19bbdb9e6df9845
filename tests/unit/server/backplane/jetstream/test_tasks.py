import asyncio

import pytest

from pychat.server.backplane.jetstream import tasks


async def test_a_task_that_fails_is_told_of_while_its_owner_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise ValueError("a defect")

    task = tasks.begin(fail())
    await asyncio.wait([task])
    await asyncio.sleep(0)

    assert "a defect" in caplog.text
    await tasks.end(task)


async def test_a_task_that_is_ended_is_over_and_none_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    task = tasks.begin(asyncio.Event().wait())

    await tasks.end(task)
    await tasks.end(None)

    assert task.cancelled()
    assert caplog.text == ""
