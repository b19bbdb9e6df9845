"""When the scrollbar looks the same."""

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segments
from textual.scrollbar import ScrollBarRender

from pychat.tui.log.thumb import thumb


def painted(total: int, window: int, position: int) -> Segments:
    return ScrollBarRender.render_bar(
        size=window,
        virtual_size=total,
        window_size=window if window < total else 0,
        position=position,
    )


@given(st.integers(1, 60), st.integers(0, 5_000), st.integers(0, 5_000), st.integers(0, 40))
def test_a_scrollbar_whose_thumb_is_the_same_is_painted_the_same(
    window: int, above: int, below: int, more: int
) -> None:
    here, there = (above + window + below, above), (above + window + below + more, above + more)
    if thumb(here[0], window, here[1]) == thumb(there[0], window, there[1]):
        assert painted(here[0], window, here[1]).segments == (
            painted(there[0], window, there[1]).segments
        )


def test_a_thumb_moves_from_the_top_to_the_bottom() -> None:
    assert thumb(100, 10, 0) == (0, 8)
    assert thumb(100, 10, 90) == (72, 8)
    assert thumb(10, 10, 0) == (0, 0)
