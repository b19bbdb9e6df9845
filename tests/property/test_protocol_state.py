"""The fold of a message's events against a model that keeps each person's choice."""

from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol import events, state
from pychat.protocol.names import fold
from pychat.protocol.replies import Message

people = st.sampled_from(["ann", "Ann", "bob", "BOB", "cid"])
choices = st.lists(st.sampled_from("👍🎉🍵"), unique=True)
steps = st.lists(
    st.tuples(people, st.just("react"), choices)
    | st.tuples(people, st.just("edit"), st.text(max_size=3))
    | st.tuples(people, st.just("delete"), st.none()),
    max_size=12,
)


@given(steps)
def test_a_message_stands_as_a_simple_model_says(log: list[tuple[str, str, object]]) -> None:
    message = Message(room="tea", seq=1, time=1, sender="ann", text="hi")
    text, edited, deleted = "hi", None, False
    chosen: dict[str, list[str]] = {}

    for seq, (sender, kind, what) in enumerate(log, 2):
        common = {"room": "tea", "seq": seq, "prev": 1, "time": seq, "sender": sender}
        event: events.LoggedEvent
        if kind == "react":
            assert isinstance(what, list)
            event = events.Reacted(**common, nonce="n", target=1, emojis=what)  # type: ignore[arg-type]
            chosen[fold(sender)] = what
        elif kind == "edit":
            assert isinstance(what, str)
            event = events.Edited(**common, nonce="n", target=1, text=what)  # type: ignore[arg-type]
            if not deleted:
                text, edited = what, seq
        else:
            event = events.Deleted(**common, nonce="n", target=1)  # type: ignore[arg-type]
            text, deleted = "", True
        state.apply(message, event)

    assert (message.text, message.edited, message.deleted) == (text, edited, deleted)
    reactions = message.reactions or {}
    assert message.reactions != {}
    assert all(reactions.values())
    told = {(emoji, fold(name)) for emoji, names in reactions.items() for name in names}
    assert told == (
        set() if deleted else {(emoji, key) for key, mine in chosen.items() for emoji in mine}
    )
    assert len(told) == sum(map(len, reactions.values()))
