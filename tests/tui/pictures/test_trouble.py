"""Without a connection, and what was not sent."""

from pychat.client import Retry
from tests.support.pictures import Album
from tests.support.team import at_the_hall, losing, team_hall

HOUR = 3_600_000
NOBODY = "Nobody is listening at chat.lan:22222. Is `pychat serve` running there?"


async def test_a_lost_connection(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await person.join("general")
        await losing(hall, person)
        await album.take(person.pilot, "offline")


async def test_coming_back(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await person.join("general")
        await person.enter("too rude for this room")
        await person.sees("sending…")
        [refused] = hall.client.outbox.of("general")
        hall.client.refuse(refused, "This room does not want that.")
        await person.sees("✗ not sent")
        await person.enter("did this arrive?")
        await person.sees("sending…")
        hall.hang_up(NOBODY, Retry(attempt=3, due=3.4))
        await person.sees("◌ reconnecting · 3rd try in 4 s")
        await person.enter("and this, typed while offline")
        await person.write("one more")
        await person.sees("queued")
        await album.take(person.pilot, "reconnecting")
        for item in hall.client.outbox:
            item.created -= 2 * HOUR
            item.since -= 2 * HOUR
        hall.client.outbox.hold_overdue()
        hall.hang_up(NOBODY, Retry(attempt=4, due=3.4))
        await person.sees("waited 2 h")
        await album.take(person.pilot, "waited-long")
