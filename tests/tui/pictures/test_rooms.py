"""In rooms: what is said there, what is unread, who is there, ways to other places."""

from pychat.protocol import events, replies
from pychat.tui.settings.schema import Look, Settings
from tests.support.person import Person
from tests.support.pictures import MEDIUM, NARROW, SIZES, Album
from tests.support.scripted import ScriptedHall
from tests.support.team import DIRECT, at_the_hall, message, said, talking, team_hall

TINY = [(50, 14), (50, 10), (28, 7)]
"""Without the topic, without the status line, and too small."""


async def test_a_conversation(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await talking(person, hall)
        await album.take(person.pilot, "conversation")
        await album.take(person.pilot, "conversation-tiny", TINY)
        await _with_panes_over_it(album, person)
        for size in SIZES:
            await person.pilot.resize_terminal(*size)
            await person.still()
            await person.press("ctrl+o")
            await person.sees("a letter goes there")
            await album.take(person.pilot, f"jump-{size[0]}", [size])
            await person.press("escape")


async def _with_panes_over_it(album: Album, person: Person) -> None:
    await person.pilot.resize_terminal(*NARROW)
    await person.press("f7")
    await person.until(lambda: person.hall.rooms.display)
    await album.take(person.pilot, "rooms-over-the-log", [NARROW])
    await person.press("escape")
    await person.pilot.resize_terminal(*MEDIUM)
    await person.press("f8")
    await person.until(lambda: person.hall.members.display)
    await album.take(person.pilot, "members-over-the-log", [MEDIUM])
    await person.press("f8")


async def test_a_room_in_which_nothing_was_said(album: Album) -> None:
    async with at_the_hall(team_hall()) as person:
        await person.join("dev")
        await album.take(person.pilot, "empty-room")


async def test_being_named_and_who_is_there(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall, Settings(look=Look(names="safe"))) as person:
        await person.join("general")
        await person.enter("/focus 2h")
        hall.tell(
            message("general", 9, "ada", "kim: look", "kim"),
            message("general", 10, "ada", "@kim, and here", "kim"),
            events.Presence(room="general", joined=[replies.Member(name="max", role="operator")]),
            events.Typing(room="general", name="bob"),
        )
        await person.sees("and here", "focus", "MEMBERS 6", "★", "☆", "AWAY 1")
        await album.take(person.pilot, "being-named")


async def test_a_room_for_two_and_the_switcher(album: Album) -> None:
    hall = team_hall()
    hall.client._joined[DIRECT] = _with_ada
    async with at_the_hall(hall) as person:
        await person.join("random")
        await person.join("general")
        await hall.client.join(DIRECT)
        await person.press("alt+3")
        await person.sees("psst", "@ada")
        await album.take(person.pilot, "room-for-two")
        await person.press("alt+2")
        hall.tell(message("random", 1, "bob", "kim: lunch?", "kim"))
        await person.press("ctrl+k")
        await person.sees("Switch to", "@1 1 unread", "#dev", "@zoë")
        await album.take(person.pilot, "switcher")
        await person.press(*"xyz")
        await person.sees_not("#dev ")
        await album.take(person.pilot, "switcher-none")


def _with_ada(command_id: int) -> replies.Joined:
    return replies.Joined(
        id=command_id,
        room=DIRECT,
        topic="",
        members=[replies.Member(name="ada", away=True), replies.Member(name="kim")],
        count=2,
        seq=1,
        recovered=False,
        missed=0,
        more=False,
        messages=[said(1, 60_000, "ada", "psst, kim: **look** at this", room=DIRECT)],
    )


async def test_muted_rooms(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        for room in ("random", "dev", "general"):
            await person.join(room)
        await person.enter("/mute dev")
        await person.enter("/mute random")
        hall.tell(
            message("dev", 1, "ada", "build is red"),
            message("random", 1, "bob", "kim: lunch?", "kim"),
        )
        await person.sees("#random is muted", "1 mention")
        await album.take(person.pilot, "muted-rooms")


async def test_searches(album: Album) -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await person.join("general")
        await person.enter("/search soup")
        await person.sees("nothing for 'soup' in #general")
        await album.take(person.pilot, "search-none")
        await person.press("escape")
        _has_found(hall)
        await person.enter("/search limit")
        await person.sees("3 messages")
        await album.take(person.pilot, "search")
        await person.press("ctrl+g")
        await person.sees("Search in all your rooms")
        await album.take(person.pilot, "search-everywhere")


def _has_found(hall: ScriptedHall) -> None:
    minute, day = 60_000, 24 * 60 * 60_000
    hall.client.found = [
        said(8, 9 * minute, "zoë", "The limit is in the configuration"),
        said(5, 45 * minute, "bob", f"{'well, ' * 12}yes, it is the limit — raise it"),
        said(2, 400 * day, "ada", "no limits[/] \x1b[31mhere"),
    ]
