"""What becomes of a client after each last word that a Hall may have for it."""

import typing

import pytest

from pychat.client import ConnectionLost
from pychat.protocol import replies
from pychat.protocol.errors import RECONNECT, ByeCode
from tests.support.stay import Stay

CODES: tuple[ByeCode, ...] = typing.get_args(ByeCode)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("retry_after", [None, 0, 3_000])
async def test_who_is_wanted_back_comes_and_who_is_not_stays_away(
    stay: Stay, code: ByeCode, retry_after: int | None
) -> None:
    stay.hall.tell(replies.bye(code, "so it is", retry_after))
    # The Hall need not hang up: it has said that it would.
    await stay.until(lambda: stay.client.state != "connected")

    assert stay.client.trouble == f"{stay.hall.address} closed the connection: so it is"
    if code in RECONNECT:
        await stay.until(lambda: stay.client.retry is not None)
        assert stay.client.retry == (1, stay.time.now + 0.5 + (retry_after or 0) / 1_000)
        await stay.come_back()
        assert (stay.client.trouble, stay.client.lost) == ("", None)
    else:
        assert (stay.client.state, stay.client.retry) == ("offline", None)
        assert isinstance(stay.client.lost, ConnectionLost)
        assert stay.client.lost.bye is not None
        assert stay.client.lost.bye.code == code


@pytest.mark.parametrize("reconnect", [True, False])
async def test_a_code_that_is_new_says_itself_whether_to_come_back(
    stay: Stay, reconnect: bool
) -> None:
    stay.hall.tell(replies.Bye(code="moved", text="elsewhere", reconnect=reconnect))
    await stay.until(lambda: stay.client.state != "connected")

    assert stay.client.state == ("connecting" if reconnect else "offline")


@pytest.mark.parametrize("code", [code for code in CODES if code not in RECONNECT])
async def test_who_was_sent_away_while_coming_back_stays_away(stay: Stay, code: ByeCode) -> None:
    await stay.break_off()
    await stay.called()
    stay.hall.tell(replies.bye(code, "not you"))
    await stay.until(lambda: stay.client.state == "offline")

    assert stay.client.trouble.endswith("closed the connection: not you")
