"""However many reacted to a message, it fits into a frame; what is shown of them is the first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol import codec
from pychat.protocol import limits as wire
from pychat.protocol.names import fold
from pychat.protocol.replies import Message
from pychat.server import limits
from pychat.server.backplane.reactions import Reactions, bounded
from tests.support.hall import running_hall
from tests.support.ledgers import Recorder, append, newest, reacted, said
from tests.support.wire import Wire

LONG = "\U00020000" * (wire.NAME_CHARS - 3)
"""Of a name or a reaction: characters of four bytes, a number follows."""


def message(reactions: Reactions) -> Message:
    return Message(room="lobby", seq=1, time=0, sender="ann", text="x", reactions=reactions)


def size(reactions: Reactions) -> int:
    return len(codec.encode(reactions))


def names_of_size(total: int) -> Reactions:
    """One emoji, with names so that the JSON has exactly so many bytes."""
    names = [f"{LONG}{number:03}" for number in range(999)]
    while size({"+": names}) > total - 200:
        names.pop()
    names.append("")
    names[-1] = "x" * (total - size({"+": names}))
    return {"+": names}


@pytest.mark.parametrize(("beyond", "cut"), [(-1, False), (0, False), (1, True)])
def test_reactions_are_shown_whole_up_to_the_limit(beyond: int, cut: bool) -> None:
    reactions = names_of_size(limits.REACTION_BYTES + beyond)
    assert size(reactions) == limits.REACTION_BYTES + beyond

    shown = bounded(message(reactions)).reactions

    assert (shown != reactions) == cut
    assert size(shown) <= limits.REACTION_BYTES
    assert shown["+"] == reactions["+"][: len(shown["+"])]
    assert len(shown["+"]) >= len(reactions["+"]) - 1


def test_of_many_emojis_each_is_shown_with_its_first_names() -> None:
    reactions = {f"e{n}": [f"{LONG}{m:03}" for m in range(400)] for n in range(20)}

    shown = bounded(message(reactions)).reactions

    assert list(shown) == list(reactions)
    counts = [len(names) for names in shown.values()]
    assert max(counts) - min(counts) <= 1
    assert limits.REACTION_BYTES - 200 < size(shown) <= limits.REACTION_BYTES


def test_of_too_many_emojis_the_first_are_shown() -> None:
    reactions = {f"{LONG}{n}": ["ann", "bob"] for n in range(8_000)}

    shown = bounded(message(reactions)).reactions

    assert list(shown) == list(reactions)[: len(shown)]
    assert set(map(tuple, shown.values())) == {("ann",)}
    assert size(shown) <= limits.REACTION_BYTES


a_word = st.text(st.sampled_from('x"\\\U0001f600é'), min_size=1, max_size=32)


@given(st.dictionaries(a_word, st.lists(a_word, min_size=1, max_size=30), max_size=30))
def test_what_is_shown_is_never_more_than_fits_and_never_what_is_not_so(
    reactions: Reactions,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "REACTION_BYTES", 500)

        shown = bounded(message(reactions)).reactions

    assert size(shown) <= 500
    assert all(names == reactions[emoji][: len(names)] for emoji, names in shown.items())
    assert shown == reactions or size(reactions) > 500


async def test_a_log_with_more_than_a_frame_of_reactions_can_be_read(ledger) -> None:
    recorder = Recorder()
    await ledger.close()
    await ledger.open(recorder)
    emojis = [f"{LONG}{number:02}" for number in range(wire.EMOJIS_PER_PERSON)]
    people = [f"{LONG}{number:03}" for number in range(400)]
    assert len(set(map(fold, people))) == 400
    await append(ledger, recorder, said("x" * wire.TEXT_CHARS), said("after"))
    await append(ledger, recorder, *(reacted(1, *emojis, sender=name) for name in people))
    await ledger.close()

    async with running_hall(ledger) as hall:
        # The client holds each frame against the contract's limit.
        wire_ = await Wire.enter(hall.port, "zoe")
        joined = await wire_.granted("join", room="lobby", limit=200)
        page = await wire_.granted("history", room="lobby", limit=200)

    assert [each["text"][:5] for each in joined["messages"]] == ["xxxxx", "after"]
    assert joined["messages"] == page["messages"]
    shown = page["messages"][0]["reactions"]
    assert list(shown) == emojis
    assert all(names == people[: len(names)] for names in shown.values())
    await ledger.open(recorder)
    assert (await ledger.page(newest())).messages[0].reactions == shown
