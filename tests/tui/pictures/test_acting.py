"""What is done with messages."""

from pychat.protocol import events
from tests.support.person import NOON
from tests.support.pictures import Album
from tests.support.team import at_the_hall, team_hall


def reacted(seq: int, sender: str, emojis: list[str]) -> events.Reacted:
    return events.Reacted(
        room="general",
        seq=seq,
        prev=seq - 1,
        time=NOON,
        sender=sender,
        nonce=f"{seq}",
        target=6,
        emojis=emojis,
    )


async def test_acts(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await person.join("general")
        await person.sees("RoomFull")
        await person.press("alt+up", "alt+up")
        await person.sees("r reply", "e edit")
        await album.take(person.pilot, "chosen")
        await person.press("+")
        # With what lies behind: it was missing where the box was looked at before it was painted.
        await person.sees("React with", "8 🔥", "Team Hall")
        await album.take(person.pilot, "reacting")
        await person.press("escape", "i")
        await person.sees("Message 6")
        await album.take(person.pilot, "about-a-message")
        await person.press("escape", "e")
        await person.sees("✎ editing 11:16 on it")
        await album.take(person.pilot, "editing")
        await person.press("escape", "escape", *["alt+up"] * 3, "r")
        await person.sees("↩ replying to bob")
        await person.write("will do")
        await album.take(person.pilot, "replying")


async def test_what_was_done(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await person.join("general")
        await person.sees("RoomFull")
        hall.tell(
            reacted(9, "ada", ["👍", "🎉"]),
            reacted(10, "kim", ["👍"]),
            events.Deleted(
                room="general", seq=11, prev=10, time=NOON, sender="bob", nonce="11", target=5
            ),
        )
        await person.sees("👍2 🎉1")
        await person.press("alt+up", "alt+up", "d")
        await person.sees("delete this message?")
        await album.take(person.pilot, "reacted-and-deleted")
