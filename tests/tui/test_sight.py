"""What has been read: only what was in sight, by somebody who looks."""

from textual import events

from pychat.client import Client
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


async def look_away(person: Person) -> None:
    person.app.post_message(events.AppBlur())
    await person.until(lambda: not person.app.app_focus)


async def look(person: Person) -> None:
    person.app.post_message(events.AppFocus())
    await person.until(lambda: person.app.app_focus)


async def test_what_comes_is_unread_until_its_end_is_in_sight_of_somebody_who_looks(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    for number in range(45):
        await ada.send("dev", f"number {number}")
    async with seated(hall.address) as kim:
        await kim.join("dev")
        await kim.sees("number 44")
        view = kim.hall.client.mirror.rooms["dev"]
        await kim.until(lambda: view.last_read == view.head)

        # The terminal has no focus.
        await look_away(kim)
        await ada.send("dev", "@kim one")
        await ada.send("dev", "two")
        await kim.sees("╌ 2 new ╌", "@1 2")
        assert (view.unread, view.mentions) == (2, 1)
        assert kim.app._title_shown == "(@1 2) pychat — #dev"
        await look(kim)
        await kim.until(lambda: view.unread == 0)
        await kim.sees_not("@1 2")
        await kim.sees("╌ 2 new ╌")
        assert kim.app._title_shown == "pychat — #dev"
        assert view.last_read == view.head

        # The end is not in sight.
        await kim.press("pageup")
        await ada.send("dev", "three")
        await kim.sees("▼ 1 new below")
        assert view.unread == 1
        await kim.press("end")
        await kim.sees("three", "╌ 1 new ╌")
        await kim.until(lambda: view.unread == 0)

        # Something lies over it.
        await kim.press("f2")
        await kim.until(lambda: kim.screen is not kim.hall)
        await ada.send("dev", "four")
        await kim.until(lambda: view.unread == 1)
        await kim.press("escape")
        await kim.until(lambda: view.unread == 0)


async def test_a_room_of_more_than_a_page_stays_unread_until_its_end_and_alt_a_goes_on(
    hall: RunningHall, ada: Client
) -> None:
    for room in ("dev", "tea"):
        await ada.join(room)
    async with seated(hall.address) as kim:
        for room in ("dev", "tea"):
            await kim.join(room)
        await kim.press("alt+0")
        for number in range(60):
            await ada.send("dev", f"number {number}.")
        await ada.send("tea", "ready")
        await kim.sees("61 unread")

        await kim.press("alt+a")
        await kim.sees("number 0.", "╌ 60 new ╌")
        view = kim.hall.client.mirror.rooms["dev"]
        assert view.unread == 60
        await kim.press("alt+a")
        assert kim.hall.here == "tea"
        await kim.press("alt+a")
        assert kim.hall.here is None

        await kim.press("alt+1", "end")
        await kim.sees("number 59.")
        await kim.until(lambda: view.unread == 0)
