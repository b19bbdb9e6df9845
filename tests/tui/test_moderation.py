"""Orders given on the screen, and what those see whom they mean."""

from pychat.client import Client
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_an_owner_keeps_order_from_the_composer(hall: RunningHall, ada: Client) -> None:
    async with seated(hall.address) as person:
        await person.join("den")
        await ada.join("den")
        await person.sees("● kim (you) ★")

        await person.enter("/op ada")
        await person.sees("ada is an operator of #den now.", "● ada ☆")
        await person.enter("/room topic operator")
        await person.sees("#den: public, the topic is for operators.")
        await person.enter("/deop ada")
        await person.enter("/silence ada 5m too loud")
        await person.sees("ada is silenced in #den for 5 min; /unsilence ada ends it.")
        await person.enter("/bans")
        await person.sees("more, by kim: too loud")
        await person.enter("/kick ada enough")
        await person.sees("ada (kicked by kim: enough) left")
        assert not ada.mirror.rooms
        await person.enter("/kick ada")
        await person.sees("nobody in 'den' is called 'ada'")


async def test_who_is_sent_out_is_told_and_keeps_what_is_written(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("den")
    async with seated(hall.address) as person:
        await person.join("den")
        await ada.moderation.change("den", slow=600)
        await person.enter("one")
        await person.sees("the room's settings have changed", "you may write again in")
        await person.write("half a thou")

        await ada.moderation.kick("den", "kim", "hush")

        await person.sees("You were removed from #den: kicked by ada: hush")
        assert person.hall.here is None
        await person.press("ctrl+u")
        await person.join("den")
        await person.sees("half a thou")
