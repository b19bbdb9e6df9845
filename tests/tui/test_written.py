"""How times and texts are written, by the settings, while the Hall is open."""

from pychat.client import Client
from pychat.tui.palette import ENTRIES
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_the_clock_and_the_marks_of_texts_follow_the_settings_at_once(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    await ada.send("general", "this is **so** true")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.sees("this is so true")
        time = person.hall.client.mirror.rooms["general"].messages[0].time
        minutes = time // 60_000 % (24 * 60)
        exact = f"{minutes // 60:02}:{minutes % 60:02}"
        half = "am" if minutes < 12 * 60 else "pm"
        plain = f"{minutes // 60 % 12 or 12}:{minutes % 60:02}{half}"
        await person.sees(f"{exact} ada ")

        def choose(title: str) -> None:
            next(entry for entry in ENTRIES if entry.title == title).run(person.hall)

        choose("Plain time or 24 h")
        await person.sees(f"{plain} ada ", "look.clock is 12h from now on.")
        choose("Markdown, or as it was typed")
        await person.sees("this is **so** true", "look.markdown is off from now on.")

        choose("Plain time or 24 h")
        choose("Markdown, or as it was typed")
        await person.sees(f"{exact} ada ", "this is so true")
        await person.sees_not("**so**")
