"""Somebody who has read nothing, and knows Enter, Tab and F1."""

from pychat.client import Client
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_a_newcomer_who_only_types_and_presses_enter_tab_and_f1_gets_by(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("kitchen")
    await ada.send("kitchen", "the soup of long ago")
    for number in range(60):
        await ada.send("kitchen", f"filler {number}")
    async with seated(hall.address, size=(80, 24)) as person:
        # Into a room.
        await person.press("f1", *"join")
        await person.sees("Join room…")
        await person.press("enter", *"kitchen", "enter")
        await person.until(lambda: person.hall.here == "kitchen")
        room = person.hall.client.mirror.rooms["kitchen"].messages
        await person.sees("filler 59")
        await person.press(*"hello", "enter")
        await person.until(lambda: room[-1].text == "hello")

        # An answer: Tab leads to the messages, and the bottom line says how.
        await person.until(lambda: not person.hall.client.outbox.of("kitchen"))
        for _ in range(5):
            await person.press("tab")
            if person.hall.message_log.has_focus:
                break
        await person.sees("r reply")
        await person.press("r", *"indeed", "enter")
        await person.sees("⤷ kim: hello")

        # A reaction.
        await person.press("f1", *"react", "enter")
        await person.sees("React with")
        await person.press("enter")
        await person.sees("👍1")

        # A change.
        await person.press("f1", *"edit", "enter")
        await person.until(lambda: person.hall.composer.text == "indeed")
        await person.press("!", "enter")
        await person.sees("indeed! (edited)")

        # What was said long ago.
        await person.press("f1", *"search", "enter")
        await person.sees("Type what you look for.")
        await person.press(*"soup", "enter")
        await person.sees("1 message")
        await person.press("enter")
        await person.sees("the soup of long ago", "◀ found")

        # And home.
        await person.press("f1", *"quit", "enter")
        await person.until(lambda: person.app._exit)
