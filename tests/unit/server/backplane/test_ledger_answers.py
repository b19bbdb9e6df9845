"""Pages, deltas and searches, whatever the engine: the same tests for each."""

import asyncio

import pytest

from pychat.protocol import codec
from pychat.server.backplane import fold, rules
from pychat.server.backplane.interface import LedgerError
from tests.support.ledgers import (
    append,
    deleted,
    edited,
    newest,
    reacted,
    said,
    since,
    start,
    topic,
    wanted,
)


def texts(answer: object) -> list[str]:
    return [message.text for message in answer.messages]


async def test_a_closed_log_cannot_be_read(ledger) -> None:
    await ledger.close()

    for question in (ledger.page(newest()), ledger.delta(since(0)), ledger.search(wanted("x"))):
        with pytest.raises(LedgerError, match="closed"):
            await question


async def test_a_page_shows_messages_as_they_stand(ledger, recorder, clock) -> None:
    await append(ledger, recorder, said("one"), said("two", sender="bob"), said("three"))
    clock.now += 1_000
    await append(
        ledger,
        recorder,
        edited(1, "uno"),
        reacted(1, "👍", "🎉", sender="bob"),
        reacted(1, "👍", sender="cat"),
        reacted(1, "🎉", sender="bob"),
        reacted(2, "👍"),
        deleted(2, sender="bob"),
        topic("numbers"),
    )

    page = await ledger.page(newest())

    one, two, three = page.messages
    assert (one.text, one.edited) == ("uno", clock.now)
    assert one.reactions == {"👍": ["cat"], "🎉": ["bob"]}
    assert (two.text, two.deleted, two.reactions) == ("", True, None)
    assert (three.text, three.edited) == ("three", None)
    assert (page.more_before, page.more_after) == (False, False)


async def test_a_page_knows_nothing_above_upto(ledger, recorder) -> None:
    await append(
        ledger, recorder, said("a"), edited(1, "b"), reacted(1, "👍"), deleted(1), said("c")
    )

    found = [(await ledger.page(newest(upto=upto))).messages for upto in range(6)]

    assert [len(messages) for messages in found] == [0, 1, 1, 1, 1, 2]
    assert [m[0].text for m in found[1:]] == ["a", "b", "b", "", ""]
    assert found[3][0].reactions == {"👍": ["ann"]}


@pytest.mark.parametrize(
    ("position", "seqs", "before", "after"),
    [
        ({}, [7, 8, 9], True, False),
        ({"before": 9}, [6, 7, 8], True, True),
        ({"before": 3}, [1, 2], False, True),
        ({"before": 1}, [], False, True),
        ({"before": 99}, [7, 8, 9], True, False),
        ({"after": 0}, [1, 2, 3], False, True),
        ({"after": 6}, [7, 8, 9], True, False),
        ({"after": 9}, [], True, False),
        ({"around": 5}, [4, 5, 6], True, True),
        ({"around": 1}, [1, 2, 3], False, True),
        ({"around": 9}, [7, 8, 9], True, False),
        ({"around": 99}, [7, 8, 9], True, False),
        ({"around": 5, "limit": 4}, [3, 4, 5, 6], True, True),
        ({"around": 5, "limit": 1}, [5], True, True),
        ({"limit": 0}, [], True, False),
        ({"upto": 5}, [3, 4, 5], True, False),
        ({"upto": 5, "after": 3}, [4, 5], True, False),
        ({"limit": 200}, [1, 2, 3, 4, 5, 6, 7, 8, 9], False, False),
    ],
)
async def test_a_page_lies_where_it_was_asked_for(
    ledger, recorder, position, seqs, before, after
) -> None:
    await append(ledger, recorder, *(said(str(number)) for number in range(1, 10)))

    page = await ledger.page(newest(**{"limit": 3, **position}))

    assert [message.seq for message in page.messages] == seqs
    assert (page.more_before, page.more_after) == (before, after)


@pytest.mark.parametrize(
    ("position", "seqs"),
    [
        ({}, [8, 9]),
        ({"before": 6}, [4, 5]),
        ({"after": 3}, [4, 5]),
        ({"around": 5}, [5, 6]),
    ],
)
async def test_a_page_keeps_to_its_budget_next_to_the_position(
    ledger, recorder, position, seqs
) -> None:
    await append(ledger, recorder, *(said(str(number)) for number in range(1, 10)))
    size = len(codec.encode((await ledger.page(newest(limit=1))).messages[0]))

    page = await ledger.page(newest(budget=2 * size + 1, **position))
    short = await ledger.page(newest(budget=2 * size, **position))
    tiny = await ledger.page(newest(budget=0, **position))

    assert [message.seq for message in page.messages] == seqs
    assert page.more_before
    assert page.more_after == (position != {})
    assert len(short.messages) == len(tiny.messages) == 1


async def test_a_message_with_very_many_reactions_is_told_exactly(ledger, recorder) -> None:
    people = [f"p{number}" for number in range(150)]
    await append(ledger, recorder, said())
    await append(ledger, recorder, *(reacted(1, "👍", "🎉", sender=name) for name in people))
    await append(ledger, recorder, *(reacted(1, "🎉", sender=name) for name in people[:-1]))
    await append(ledger, recorder, reacted(1, "👍", sender="p3"))

    (now,) = (await ledger.page(newest())).messages
    (then,) = (await ledger.page(newest(upto=101))).messages

    assert now.reactions == {"👍": ["p149", "p3"], "🎉": people[:3] + people[4:]}
    assert then.reactions == {"👍": people[:100], "🎉": people[:100]}


async def test_a_delta_has_every_event_as_it_went_out(ledger, recorder) -> None:
    await append(ledger, recorder, said("a"), edited(1, "b"), said("c"), topic("t"), said("d"))

    delta = await ledger.delta(since(1, upto=4))

    assert [codec.decode_event(raw) for raw in delta.events] == recorder.events[1:4]
    assert delta.missed == 1


@pytest.mark.parametrize(
    ("bounds", "whole"),
    [({"max_events": 3}, True), ({"max_events": 2}, False), ({"budget": 10}, False)],
)
async def test_a_delta_is_whole_or_none(ledger, recorder, bounds, whole) -> None:
    await append(ledger, recorder, said(), said(), reacted(1, "👍"))

    delta = await ledger.delta(since(0, **bounds))

    assert (delta.events is not None) == whole
    assert delta.missed == 2


async def test_a_delta_of_exactly_its_budget_is_whole(ledger, recorder) -> None:
    await append(ledger, recorder, said(), said())
    size = len(b",".join(map(codec.encode, recorder.events)))

    assert (await ledger.delta(since(0, budget=size))).events is not None
    assert (await ledger.delta(since(0, budget=size - 1))).events is None


async def test_a_delta_from_the_head_or_beyond_is_empty(ledger, recorder) -> None:
    await append(ledger, recorder, said(), said())

    for after in (2, 7):
        delta = await ledger.delta(since(after, upto=2, max_events=0, budget=0))
        assert (delta.events, delta.missed) == ([], 0)


async def test_a_room_without_a_log_has_empty_answers(ledger) -> None:
    page = await ledger.page(newest("nowhere"))
    delta = await ledger.delta(since(0, room="nowhere"))
    found = await ledger.search(wanted("x", "nowhere"))

    assert (page.messages, page.more_before, page.more_after) == ([], False, False)
    assert (delta.events, delta.missed) == ([], 0)
    assert (found.messages, found.more) == ([], False)


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("fox", ["a Fox-trot", "the QUICK brown fox!"]),
        ("BRO qui", ["the QUICK brown fox!"]),
        ("ox", []),
        ("cafe", ["Café Straße"]),
        ("café STRASSE", ["Café Straße"]),
        ("fox-trot", ["a Fox-trot"]),
        ("trot-fox", []),
        ("東京", ["私は東京都にいる"]),
        ("京東", []),
        ("", []),
        ("  ", []),
        ("!? 👍 \"' -", []),
        ('fox" OR text:"the', []),
        ("fox*", ["a Fox-trot", "the QUICK brown fox!"]),
        ("NOT fox", []),
        ("text : fox", []),
        ("{tags} : r1", []),
    ],
)
async def test_search_finds_words_and_their_beginnings(ledger, recorder, text, hits) -> None:
    lines = ["the QUICK brown fox!", "Café Straße", "私は東京都にいる", "a Fox-trot"]
    await append(ledger, recorder, *(said(line) for line in lines))

    found = await ledger.search(wanted(text))

    assert texts(found) == hits
    assert not found.more


async def test_search_goes_by_the_text_as_it_stands(ledger, recorder) -> None:
    await append(ledger, recorder, said("apple"), said("apple pie"), said("cherry"))
    await append(ledger, recorder, edited(1, "banana"), deleted(2), reacted(3, "👍"))

    assert texts(await ledger.search(wanted("apple"))) == []
    assert texts(await ledger.search(wanted("banana"))) == ["banana"]
    (cherry,) = (await ledger.search(wanted("cherry"))).messages
    assert cherry.reactions == {"👍": ["ann"]}


async def test_search_stays_in_the_rooms_given(ledger, recorder, clock) -> None:
    for number, room in enumerate("abAa", start=1):
        await append(ledger, recorder, said(f"x {number}", room=room))
        clock.now += 1

    assert texts(await ledger.search(wanted("x", "a", "b"))) == ["x 4", "x 2", "x 1"]
    assert texts(await ledger.search(wanted("x", "A"))) == ["x 3"]
    assert texts(await ledger.search(wanted("x", "no such room"))) == []


async def test_search_takes_very_many_rooms(ledger, recorder, clock, plenty) -> None:
    rooms = [f"room{number}" for number in range(plenty)]
    await append(ledger, recorder, *(said(f"x {room}", room=room) for room in rooms[:-1]))
    clock.now += 1
    await append(ledger, recorder, said("x last", room=rooms[-1]))

    found = await ledger.search(wanted("x", *rooms, limit=1))

    assert texts(found) == ["x last"]


async def test_search_narrows_by_sender_and_time(ledger, recorder, clock) -> None:
    await append(ledger, recorder, said("x 1", sender="Ánn"), said("x 2", sender="bob"))
    clock.now += 10
    await append(ledger, recorder, said("x 3", sender="Ánn"), said("x 4", sender="ann"))

    assert texts(await ledger.search(wanted("x", sender="ánn"))) == ["x 3", "x 1"]
    assert texts(await ledger.search(wanted("x", before=clock.now))) == ["x 2", "x 1"]
    assert texts(await ledger.search(wanted("x", sender="bob", before=1))) == []


async def test_a_search_by_time_goes_by_the_time_where_the_clock_was_set_back(
    ledger, recorder, clock
) -> None:
    clock.now = 90_000
    await append(ledger, recorder, said("x 1", room="a"))
    clock.now = 90_001
    await append(ledger, recorder, said("x 2", room="b"))
    clock.now = 50_000
    await append(ledger, recorder, said("x 3", room="c"), said("x 4", room="b"))

    assert texts(await ledger.search(wanted("x", "a", "b", "c", before=60_000))) == ["x 3"]
    both = await ledger.search(wanted("x", "a", "b", "c", before=90_001))
    # Whether the order or the time makes it newer is the engine's.
    assert sorted(texts(both)) == ["x 1", "x 3"]


async def test_search_keeps_to_limit_and_budget_and_says_so(ledger, recorder) -> None:
    await append(ledger, recorder, *(said(f"x {number}") for number in range(4)))

    whole = await ledger.search(wanted("x", limit=4))
    part = await ledger.search(wanted("x", limit=3))
    tiny = await ledger.search(wanted("x", budget=1))

    assert (texts(whole), whole.more) == (["x 3", "x 2", "x 1", "x 0"], False)
    assert (texts(part), part.more) == (["x 3", "x 2", "x 1"], True)
    assert (texts(tiny), tiny.more) == (["x 3"], True)


async def test_a_search_by_the_time_of_its_last_hit_leads_to_all_that_was_said_at_once(
    ledger, recorder, monkeypatch
) -> None:
    monkeypatch.setattr(rules, "AHEAD", 100)
    said_at_once = [said(f"x {number}") for number in range(rules.AHEAD)]
    await append(ledger, recorder, *said_at_once)
    seen, bounds, more = [], {}, True
    while more:
        found = await ledger.search(wanted("x", limit=9, **bounds))
        seen += texts(found)
        more, bounds = found.more, {"before": found.messages[-1].time}

    assert seen == [message.text for message in reversed(said_at_once)]


@pytest.mark.parametrize(
    ("times", "limit", "end"),
    [
        ([], 2, 0),
        ([9, 8], 2, 2),
        ([9, 8, 7], 2, 2),
        ([9, 8, 8], 2, 1),
        ([9, 9, 8, 8], 3, 2),
        ([9, 9, 9], 2, 2),
    ],
)
def test_a_page_of_a_search_ends_between_two_milliseconds_where_it_can(times, limit, end) -> None:
    assert fold.page_end(times, limit) == end


async def test_a_search_of_a_whole_frame_is_answered(ledger, recorder) -> None:
    await append(ledger, recorder, said("a b c d e f"))

    assert texts(await ledger.search(wanted("a b c " * 10_000))) == ["a b c d e f"]
    assert texts(await ledger.search(wanted("-".join(["a"] * 30_000)))) == []


async def test_answers_come_while_appends_are_under_way(ledger, recorder) -> None:
    await append(ledger, recorder, *(said(str(number)) for number in range(60)))

    settled = start(ledger, recorder, *(said() for _ in range(500)))
    pages = await asyncio.gather(*(ledger.page(newest(upto=60)) for _ in range(20)))
    await asyncio.gather(*settled)

    assert all([message.seq for message in page.messages] == list(range(11, 61)) for page in pages)
