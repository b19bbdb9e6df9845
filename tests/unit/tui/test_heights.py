"""Heights against a list that is measured in full."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.tui.log.heights import BLOCK, Heights, Place


class Item(NamedTuple):
    id: int
    height: int


def measure(items: Sequence[Item]) -> list[int]:
    return [item.height for item in items]


def items(first: int, count: int) -> list[Item]:
    return [Item(number, 1 + number * number % 5) for number in range(first, first + count)]


def chars(items: Sequence[Item]) -> int:
    return sum(item.height * 40 for item in items)


def filled(count: int) -> Heights[Item]:
    rows = Heights(measure, chars, 80)
    rows.extend(items(0, count))
    return rows


@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_settled_heights_are_the_sum_of_the_rows(count: int) -> None:
    rows = filled(count)

    rows.settle(0, 0, 10**9)

    assert rows.total == sum(measure(items(0, count)))
    assert len(rows) == count


def test_every_line_is_located_in_the_row_that_has_it() -> None:
    rows = filled(300)
    rows.settle(0, 0, 10**9)
    lines = [(item.id, line) for item in items(0, 300) for line in range(item.height)]

    found = [(rows.at(place), place.line) for place in map(rows.locate, range(rows.total))]

    assert [(item.id, line) for item, line in found] == lines


def test_a_line_outside_is_located_in_the_nearest_row() -> None:
    rows = filled(10)

    assert rows.at(rows.locate(-5)).id == 0
    assert rows.at(rows.locate(10**6)).id == 9


def test_only_what_is_near_is_measured() -> None:
    measured: list[int] = []

    def counting(some: Sequence[Item]) -> list[int]:
        measured.extend(item.id for item in some)
        return measure(some)

    rows = Heights(counting, chars, 80)
    rows.extend(items(0, 100 * BLOCK))
    measured.clear()
    rows.relayout(counting, 60)
    rows.settle_end(80)

    assert 0 < len(measured) <= 2 * BLOCK


def test_what_grows_above_a_line_moves_it() -> None:
    rows = Heights(measure, lambda some: 0, 80)  # estimated as one line each
    rows.extend(items(0, 2 * BLOCK))

    y = rows.settle(BLOCK, BLOCK, 0)

    assert y == sum(measure(items(0, BLOCK)))


def test_rows_are_found_by_id_or_the_next_one_is() -> None:
    rows: Heights[Item] = Heights(measure, chars, 80)
    rows.extend([Item(10, 1), Item(20, 1), Item(30, 1)])

    assert [rows.find(wanted) for wanted in (5, 10, 11, 30)] == [
        Place(0, 0),
        Place(0, 0),
        Place(0, 1),
        Place(0, 2),
    ]
    assert rows.find(31) is None
    assert rows.get(20) == Item(20, 1)
    assert rows.get(21) is None


OPS = st.lists(
    st.one_of(
        st.tuples(st.just("extend"), st.integers(1, 300)),
        st.tuples(st.just("extend_left"), st.integers(1, 300)),
        st.tuples(st.sampled_from(["pop", "pop_left", "settle", "relayout"]), st.integers(0, 500)),
        st.tuples(st.just("replace"), st.integers(0, 500)),
    ),
    max_size=12,
)


@given(OPS)
def test_any_sequence_of_changes_leaves_what_a_plain_list_has(ops: list[tuple[str, int]]) -> None:
    rows: Heights[Item] = Heights(measure, chars, 80)
    model: list[Item] = []
    for op, number in ops:
        if op == "extend":
            new = items(model[-1].id + 1 if model else 0, number)
            rows.extend(new)
            model += new
        elif op == "extend_left":
            new = items((model[0].id if model else 0) - number, number)
            rows.extend_left(new)
            model[:0] = new
        elif op == "pop" and model:
            assert rows.pop() == model.pop()
        elif op == "pop_left" and model:
            assert rows.pop_left() == model.pop(0)
        elif op == "replace" and model:
            at = number % len(model)
            model[at] = Item(model[at].id, number % 7 + 1)
            place = rows.find(model[at].id)
            assert place is not None
            rows.replace(place, model[at])
        elif op == "settle":
            rows.settle(number, 30, 60)
        elif op == "relayout":
            rows.relayout(measure, number + 1)

    assert len(rows) == len(model)
    assert list(reversed(list(rows.backward()))) == model
    rows.settle(0, 0, 10**9)
    assert rows.total == sum(measure(model))
    for at in range(0, len(model), 37):
        place = rows.find(model[at].id)
        assert place is not None
        assert rows.top(place) == sum(measure(model[:at]))
