"""Who comes, goes, is away or takes another name: what the others in the room are told."""

from tests.support.hall import RunningHall
from tests.support.wire import Json, Wire


def about(messages: list[Json], name: str) -> list[str]:
    """What became of somebody, in order."""
    told = []
    for each in messages:
        if each["type"] == "presence":
            told += ["joined" for member in each.get("joined", ()) if member["name"] == name]
            told += ["left" for parting in each.get("left", ()) if parting["name"] == name]
            told += [
                f"away={change['member']['away']} as {change['member']['name']}"
                for change in each.get("changed", ())
                if change["name"] == name
            ]
    return told


async def test_coming_away_back_renamed_gone(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")
    await ann.event("presence")

    await bob.granted("away", away=True)
    gone = await ann.event("presence", room="lobby")
    await bob.granted("away", away=False)
    back = await ann.event("presence", room="lobby")

    assert gone["changed"][0]["member"]["away"] is True
    assert back["changed"][0]["member"]["away"] is False


async def test_away_is_shown_among_the_members(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await ann.granted("away", away=True)
    bob = await Wire.enter(hall.port, "bob")

    joined = await bob.granted("join", room="lobby")
    members = await bob.granted("members", room="lobby")

    assert [member["away"] for member in joined["members"]] == [True, False]
    assert members["members"] == joined["members"]


async def test_away_twice_is_told_once(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")

    for _ in range(3):
        await bob.granted("away", away=True)

    assert about(await ann.drain(), "bob") == ["joined", "away=True as bob"]


async def test_presence_stays_in_its_rooms(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    eve = await Wire.member(hall.port, "eve", "street")
    nobody = await Wire.enter(hall.port, "zed")

    bob = await Wire.member(hall.port, "bob", "lobby")
    await bob.granted("away", away=True)
    await bob.granted("name", name="bobby")
    await bob.granted("quit")

    assert about(await ann.drain(), "bob") == ["joined", "away=True as bob", "away=True as bobby"]
    assert await eve.drain() == []
    assert await nobody.drain() == []


async def test_a_crowd_that_comes_and_goes_is_gathered_and_adds_up(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    crowd = [await Wire.enter(hall.port, f"user-{number}") for number in range(60)]
    for each in crowd:
        each.command("join", room="lobby")
    present: set[str] = set()
    events = 0

    while len(present) < 60:
        told = await ann.event("presence")
        present |= {member["name"] for member in told.get("joined", ())}
        events += 1
    for each in crowd:
        each.command("quit")
    while present:
        told = await ann.event("presence")
        present -= {parting["name"] for parting in told.get("left", ())}
        events += 1

    assert events < 100
    assert (await ann.granted("members", room="lobby"))["count"] == 1


async def test_one_who_is_told_to_have_come_is_not_told_twice(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.enter(hall.port, "bob")

    joined = await bob.granted("join", room="lobby")

    assert [member["name"] for member in joined["members"]] == ["ann", "bob"]
    assert about(await ann.drain(), "bob") == ["joined"]
    assert about(await bob.drain(), "ann") == []


async def test_the_presence_after_a_message_does_not_overtake_it(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")
    await ann.event("presence")

    await bob.say("lobby", "bye all")
    await bob.granted("quit")

    order = [await ann.read(), await ann.read()]
    assert [each["type"] for each in order] == ["message", "presence"]
