"""Charts are geometry: what is drawn has the size of what is counted."""

from itertools import pairwise

import pytest

from core.render.charts import (
    BOTTOM,
    GAP,
    HEIGHT,
    LEFT,
    RIGHT,
    SIGN,
    SIGN_ON_PHONE,
    TOP,
    WIDTH,
    Series,
    ceiling,
    lined,
    rows,
    stacked,
)

PLOT = HEIGHT - TOP - BOTTOM


def test_a_bar_is_as_high_as_its_value() -> None:
    chart = stacked(["lu", "ma", "mi"], [Series("Abiertos", [4, 0, 8])])
    assert [round(bar.height, 1) for bar in chart.bars] == [PLOT / 2, PLOT]
    assert {round(bar.y + bar.height, 1) for bar in chart.bars} == {HEIGHT - BOTTOM}, "all stand on the line"
    assert [bar.words for bar in chart.bars] == ["lu: Abiertos 4", "mi: Abiertos 8"]


def test_series_stand_on_top_of_each_other() -> None:
    lower, upper = stacked(["lu"], [Series("a", [2]), Series("b", [6])]).bars
    assert upper.height == pytest.approx(3 * lower.height, abs=0.2)
    assert upper.y + upper.height == pytest.approx(lower.y, abs=0.2)
    assert (lower.tone, upper.tone) == (1, 2)


def test_bars_share_the_width_and_stay_inside() -> None:
    chart = stacked([str(day) for day in range(31)], [Series("a", [1] * 31)])
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH - RIGHT for bar in chart.bars)
    assert all(one.x + one.width < other.x for one, other in zip(chart.bars, chart.bars[1:], strict=False))
    assert len(chart.axis) <= 6, "not every day has room for its name"


@pytest.mark.parametrize("count", range(1, 63))
def test_no_word_of_the_axis_lies_on_another_or_over_the_edge(count: int) -> None:
    axis = stacked(["30/10/26"] * count, [Series("a", [200_000] * count)]).axis
    for marks, width in ((axis, 8 * SIGN), ([mark for mark in axis if not mark.is_second], 8 * SIGN_ON_PHONE)):
        assert len(marks) >= min(count, 3)
        assert all(width / 2 <= mark.x <= WIDTH - width / 2 for mark in marks)
        assert all(other.x - one.x > width for one, other in pairwise(marks))


def test_short_words_all_stay_on_a_phone() -> None:
    stars = stacked(["1", "2", "3", "4", "5"], [Series("a", [1, 0, 2, 5, 9])])
    assert [mark.words for mark in stars.axis if not mark.is_second] == ["1", "2", "3", "4", "5"]


def test_a_scale_of_large_numbers_has_room_for_them() -> None:
    for most in (3, 9_999, 123_456):
        (top,) = [mark for mark in lined(["a"], [Series("m", [most])]).scale if mark.y == TOP]
        assert top.x - GAP >= len(top.words) * SIGN_ON_PHONE


def test_a_day_without_a_value_is_a_gap_in_the_line_and_not_a_zero() -> None:
    (line,) = lined(["a", "b", "c", "d"], [Series("Mediana", [10, 20, None, 40])]).lines
    assert len(line.stretches) == 1
    assert len(line.stretches[0].split()) == 2
    assert [dot.words[0] for dot in line.dots] == ["a", "b", "d"]
    assert line.dots[2].y == TOP, "40 is the top of the scale"


def test_lying_bars_are_as_long_as_their_values() -> None:
    chart = rows(["Tom", "Lucía"], [Series("Reales", [30, 15]), Series("Cobrados", [60, 0])])
    lengths = [bar.width for bar in chart.bars]
    assert lengths[0] * 2 == pytest.approx(lengths[2 - 1], abs=0.2)
    assert lengths[2] * 4 == pytest.approx(lengths[1], abs=0.4)
    assert [mark.words for mark in chart.scale] == ["30", "60", "15", "0"]
    assert max(bar.y + bar.height for bar in chart.bars) <= chart.height


@pytest.mark.parametrize(("most", "top"), [(0, 4), (3, 4), (5, 8), (9, 20), (21, 40), (81, 200), (1999, 2000)])
def test_a_scale_ends_on_a_round_number(most: int, top: int) -> None:
    assert ceiling(most) == top


def test_nothing_counted_is_nothing_drawn() -> None:
    assert stacked(["lu"], [Series("a", [0])]).is_empty
    assert lined(["lu"], [Series("a", [None])]).is_empty


def test_who_was_answered_at_once_is_no_gap() -> None:
    chart = lined(["lu", "ma"], [Series("Mediana", [0, None])])
    assert not chart.is_empty
    assert len(chart.lines[0].dots) == 1
