"""A client to which nothing happens."""

from pychat.client import Client
from tests.support.hall import RunningHall
from tests.support.person import Person, seated
from tests.support.tui import until


def looks(person: Person) -> bool:
    """Whether it looks at the clock every second."""
    timer = person.hall.around._looking
    return timer is not None and timer._active.is_set()


async def test_the_clock_is_looked_at_only_while_somebody_types(
    hall: RunningHall, ada: Client
) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await ada.join("general")
        await person.sees("ada")
        assert not looks(person)

        await ada.typing("general")
        await person.sees("ada is typing")
        assert looks(person)

        await ada.send("general", "hello")
        await person.sees("hello")
        await until(person.pilot, lambda: not looks(person))
