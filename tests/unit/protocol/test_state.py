"""A message as it stands is its log, worked in one event after the other."""

from typing import Any

import pytest

from pychat.protocol import events, state
from pychat.protocol.replies import Message


def logged(kind: type[Any], seq: int, sender: str = "ann", **fields: Any) -> Any:
    return kind(
        room="tea",
        seq=seq,
        prev=seq - 1,
        time=seq * 1_000,
        sender=sender,
        nonce=f"n{seq}",
        **fields,
    )


def said(text: str = "hi", reply_to: int | None = None) -> Message:
    return state.message_of(logged(events.Message, 3, text=text, reply_to=reply_to))


def react(message: Message, sender: str, *emojis: str) -> None:
    state.apply(message, logged(events.Reacted, 9, sender, target=3, emojis=list(emojis)))


def test_a_message_is_at_first_as_it_was_said() -> None:
    assert said("hi", reply_to=2) == Message(
        room="tea", seq=3, time=3_000, sender="ann", text="hi", reply_to=2
    )


def test_two_messages_share_no_reactions() -> None:
    one, other = said(), said()

    react(one, "bob", "👍")

    assert other.reactions is None
    assert said().reactions is None


def test_the_last_edit_is_what_is_shown() -> None:
    message = said()

    state.apply(message, logged(events.Edited, 5, target=3, text="ho"))
    state.apply(message, logged(events.Edited, 7, target=3, text="he"))

    assert (message.text, message.edited, message.time) == ("he", 7_000, 3_000)


def test_a_deleted_message_has_no_text_and_no_reactions_and_stays_deleted() -> None:
    message = said()
    react(message, "bob", "👍")

    state.apply(message, logged(events.Deleted, 5, target=3))
    state.apply(message, logged(events.Edited, 6, target=3, text="back"))
    react(message, "bob", "🎉")

    assert message == Message(room="tea", seq=3, time=3_000, sender="ann", text="", deleted=True)


def test_reactions_are_in_the_order_of_their_choosing() -> None:
    message = said()

    react(message, "bob", "👍")
    react(message, "cid", "🎉", "👍")

    assert message.reactions == {"👍": ["bob", "cid"], "🎉": ["cid"]}
    assert list(message.reactions) == ["👍", "🎉"]


def test_a_choice_is_the_whole_set_and_takes_back_what_is_not_in_it() -> None:
    message = said()
    react(message, "bob", "👍", "🎉")
    react(message, "cid", "👍")

    react(message, "bob", "🎉", "🍵")

    assert message.reactions == {"👍": ["cid"], "🎉": ["bob"], "🍵": ["bob"]}


def test_the_same_choice_again_changes_nothing() -> None:
    message = said()
    react(message, "bob", "👍")
    react(message, "cid", "👍")

    react(message, "bob", "👍")

    assert message.reactions == {"👍": ["bob", "cid"]}


def test_an_empty_choice_takes_all_back() -> None:
    message = said()
    react(message, "bob", "👍", "🎉")

    react(message, "bob")

    assert message.reactions is None


@pytest.mark.parametrize("twin", ["BOB", "Ｂob", "bob"])
def test_regression_a_person_who_writes_the_name_in_another_case_is_still_the_same(
    twin: str,
) -> None:
    message = said()
    react(message, "Bob", "👍", "🎉")

    react(message, twin, "👍", "🍵")
    assert message.reactions == {"👍": ["Bob"], "🍵": [twin]}

    react(message, "bOB")
    assert message.reactions is None


def test_reactions_handed_out_before_do_not_change_later() -> None:
    message = said()
    react(message, "bob", "👍")
    earlier = message.reactions

    react(message, "cid", "👍")

    assert earlier == {"👍": ["bob"]}


def test_a_topic_changes_no_message() -> None:
    message = said()

    state.apply(message, logged(events.Topic, 5, text="cakes"))

    assert message == said()
