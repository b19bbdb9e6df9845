"""What is written: at length, by completion, by a paste, from memory."""

from tests.support.pictures import Album
from tests.support.team import at_the_hall, talking, team_hall


async def test_what_is_completed(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await person.join("general")
        for name, typed in (
            ("names", "thanks @"),
            ("emoji", "nice :ta"),
            ("commands", "/re"),
            ("rooms", "as in #"),
        ):
            await person.press(*typed)
            await person.until(lambda: person.hall.writing.popup.display)
            await album.take(person.pilot, f"completing-{name}")
            await person.press("escape")
            person.hall.writing.clear()


async def test_what_is_long_pasted_or_mistyped(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await talking(person, hall)
        await person.write("".join(f"\nline {number}" for number in range(3, 11)))
        await person.sees("line 10")
        await album.take(person.pilot, "writing-at-length")
        person.hall.writing.clear()
        await person.press("ctrl+r", *"rest")
        await person.sees("restarting")
        await album.take(person.pilot, "searching-what-was-sent")
        await person.press("escape")
        person.hall.writing.pasted("\n".join(f"line {number}" for number in range(148)))
        await person.sees("148 lines")
        await album.take(person.pilot, "pasting")
        await person.press("escape")
        await person.enter("/lsit")
        await person.sees("did you mean")
        await album.take(person.pilot, "mistyped-command")
        await person.press("ctrl+c", "ctrl+c")
        await person.sees("Leave the Hall?")
        await album.take(person.pilot, "leaving")
