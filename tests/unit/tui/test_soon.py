"""A call that is to be made soon."""

import asyncio

from textual.app import App

from pychat.tui.soon import Soon


async def test_it_is_made_once_and_is_due_until_then() -> None:
    soon, called = Soon(App[None]()), asyncio.Event()

    soon.call(called.set, 0.001)
    assert soon.is_due
    await called.wait()

    assert not soon.is_due


async def test_a_later_one_takes_its_place() -> None:
    soon, called = Soon(App[None]()), asyncio.Event()
    calls: list[str] = []

    soon.call(lambda: calls.append("first"), 0)
    soon.call(called.set, 0)
    await called.wait()

    assert calls == []


async def test_what_is_cancelled_is_not_made() -> None:
    soon, later = Soon(App[None]()), asyncio.Event()
    calls: list[str] = []

    soon.call(lambda: calls.append("cancelled"), 0)
    soon.cancel()
    asyncio.get_running_loop().call_later(0.001, later.set)
    await later.wait()

    assert not soon.is_due
    assert calls == []


async def test_it_may_ask_for_itself_again() -> None:
    soon, called = Soon(App[None]()), asyncio.Event()

    soon.call(lambda: soon.call(called.set, 0), 0)

    await called.wait()


class Told(App[None]):
    """Told of a failure, it does not end."""

    def __init__(self) -> None:
        super().__init__()
        self.failure: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def _handle_exception(self, error: Exception) -> None:
        self.failure.set_result(error)


async def test_its_failure_is_the_programs() -> None:
    app = Told()

    Soon(app).call(lambda: 1 // 0, 0)

    assert isinstance(await app.failure, ZeroDivisionError)
