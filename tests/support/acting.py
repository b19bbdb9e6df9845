"""What tests of messages as things have in common: saying them, choosing them, clicking on them."""

from pychat.protocol.replies import Message
from tests.support.person import Person


def messages(person: Person, room: str = "dev") -> list[Message]:
    return person.hall.client.mirror.rooms[room].messages


def last(person: Person) -> Message:
    return messages(person)[-1]


async def say(person: Person, text: str) -> None:
    count = len(messages(person))
    await person.enter(text)
    await person.until(lambda: len(messages(person)) == count + 1)
    await person.until(lambda: not person.hall.client.outbox.of("dev"))


async def choose(person: Person, *keys: str) -> Message:
    await person.press("alt+up")
    await person.until(lambda: person.hall.acting.chosen is not None)
    message = person.hall.acting.chosen
    assert message is not None
    await person.press(*keys)
    return message


async def click_on(person: Person, text: str) -> None:
    """The first place on the screen where this stands."""
    await person.sees(text)
    for y, line in enumerate(person.text.split("\n")):
        if text in line:
            await person.pilot.click(offset=(line.index(text), y))
            return
