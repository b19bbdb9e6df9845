"""Outside of all rooms: the welcome, help, lists, settings."""

from textual.widgets import Input

from tests.support.pictures import Album
from tests.support.team import at_the_hall, setting_wrongly, team_hall


async def test_the_welcome_and_what_helps(album: Album) -> None:
    async with at_the_hall(team_hall()) as person:
        await person.sees("#general")
        # In 50 columns all of it fits but for the bar, which Textual keeps where it was once shown.
        person.hall.board.styles.scrollbar_size_vertical = 0
        await album.take(person.pilot, "welcome")
        await person.press("f1")
        await person.sees("Esc")
        await album.take(person.pilot, "guide")
        await person.press("escape")
        await person.enter("/help")
        await person.sees("Commands", "/join ROOM")
        await album.take(person.pilot, "help")
        await person.press("escape")
        await person.enter("/manual")
        await person.sees("Be kind.")
        await album.take(person.pilot, "manual")


async def test_lists_and_the_palette(album: Album) -> None:
    async with at_the_hall(team_hall()) as person:
        await person.sees("#general")
        await person.enter("/list")
        await person.sees("Rooms of the Hall")
        await album.take(person.pilot, "rooms-of-the-hall")
        await person.press(*"soup")
        await person.sees("No room like 'soup'")
        await album.take(person.pilot, "rooms-of-the-hall-none")
        await person.press("escape", "ctrl+n")
        await person.sees("Which room?")
        await album.take(person.pilot, "which-room")
        await person.press("escape", "ctrl+p")
        await person.sees("Join room…")
        person.screen.query_one(Input).cursor_blink = False
        await album.take(person.pilot, "palette")
        await person.press(*"theme")
        await person.sees_not("Join room…")
        await album.take(person.pilot, "palette-narrowed")


async def test_the_settings(album: Album) -> None:
    async with at_the_hall(team_hall()) as person:
        await person.press("f2")
        await person.sees("theme", "LOOK")
        await album.take(person.pilot, "settings")
        await setting_wrongly(person)
        await album.take(person.pilot, "settings-refused")
