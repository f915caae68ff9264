"""Charts as geometry: what a template needs to draw bars, stacks and lines, and the same numbers as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

WIDTH, HEIGHT = 480, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 14, 40  # room around the plot for its numbers
TICKS = 4
LABELS_SHOWN = 6
SIGN, SIGN_ON_PHONE = 7.5, 11.5  # a digit's width: the words on a phone are larger than the drawing
GAP = 6  # between two words
ROW_LABEL, ROW_BAR = 22, 18
_POWERS = [int("1" + "0" * zeros) for zeros in range(12)]


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers, a number for each label; None where there is nothing to say."""

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; ``tone`` from 1 names its colour."""

    x: float
    y: float
    width: float
    height: float
    tone: int
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place; ``is_second``: there is no room for it on a phone."""

    x: float
    y: float
    words: str
    is_second: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """The points of one series, in stretches without a gap: ``x,y x,y``."""

    stretches: Sequence[str]
    dots: Sequence[Mark]
    tone: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything drawn, in units of a box ``width`` by ``height``, beside the numbers themselves."""

    labels: Sequence[str]
    series: Sequence[Series]
    width: int = WIDTH
    height: int = HEIGHT
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    scale: Sequence[Mark] = ()
    axis: Sequence[Mark] = ()

    is_lying: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be seen: no bar is drawn for a zero, while a line may well run along the bottom."""
        has_bars = any(value for series in self.series for value in series.values)
        return not has_bars and not any(line.dots for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where things stand: so many labels beside each other, values up to ``top``."""

    count: int
    top: int

    @property
    def left(self) -> float:
        """Room for the largest number of the scale, in the letters of a phone."""
        return max(LEFT, len(str(self.top)) * SIGN_ON_PHONE + GAP + 4)

    @property
    def step(self) -> float:
        return (WIDTH - self.left - RIGHT) / max(1, self.count)

    def x(self, place: int) -> float:
        return self.left + self.step * (place + 0.5)

    def y(self, value: int) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top)

    def scale(self) -> list[Mark]:
        values = [self.top * step // TICKS for step in range(TICKS + 1)]
        return [Mark(self.left, round(self.y(value), 1), str(value)) for value in values]

    def axis(self, labels: Sequence[str]) -> list[Mark]:
        """As many labels as there is room for; none over another, none over the edge."""
        marks: list[Mark] = []
        reached = reached_on_phone = 0.0  # where the last word ends
        for place in range(0, len(labels), -(-len(labels) // LABELS_SHOWN) or 1):
            words = labels[place]
            half, half_on_phone = len(words) * SIGN / 2, len(words) * SIGN_ON_PHONE / 2
            x = min(self.x(place), WIDTH - half_on_phone)
            if x - half < reached:
                continue
            is_second = x - half_on_phone < reached_on_phone
            marks.append(Mark(round(x, 1), HEIGHT - 6, words, is_second))
            reached = x + half + GAP
            reached_on_phone = reached_on_phone if is_second else x + half_on_phone + GAP
        return marks


def stacked(labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """One column a label, its series on top of each other; one series is plain bars."""
    columns = [[one.values[place] or 0 for one in series] for place in range(len(labels))]
    plot = _Plot(len(labels), ceiling(max((sum(column) for column in columns), default=0)))
    bars = [
        Bar(
            round(plot.left + place * plot.step + plot.step * 0.12, 1),
            round(plot.y(reached), 1),
            round(plot.step * 0.76, 1),
            round(plot.y(0) - plot.y(value), 1),
            tone,
            f"{labels[place]}: {series[tone - 1].name} {value}",
        )
        for place, column in enumerate(columns)
        for tone, (value, reached) in enumerate(zip(column, accumulate(column), strict=True), start=1)
        if value
    ]
    return Chart(labels, series, bars=bars, scale=plot.scale(), axis=plot.axis(labels))


def lined(labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """A line a series; a label without a value leaves a gap."""
    plot = _Plot(len(labels), ceiling(max((value or 0 for one in series for value in one.values), default=0)))
    lines = [_line(one, labels, plot, tone) for tone, one in enumerate(series, start=1)]
    return Chart(labels, series, lines=lines, scale=plot.scale(), axis=plot.axis(labels))


def rows(labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Bars that lie, one under the other for each label: room for long names."""
    most = max((value or 0 for one in series for value in one.values), default=0) or 1
    height = ROW_LABEL + ROW_BAR * len(series) + 8
    bars, axis, scale = [], [], []
    for place, label in enumerate(labels):
        axis.append(Mark(0, place * height + ROW_LABEL - 6, _short(label)))
        for tone, one in enumerate(series, start=1):
            value, y = one.values[place] or 0, place * height + ROW_LABEL + (tone - 1) * ROW_BAR
            length = round(value / most * (WIDTH - 70), 1)
            bars.append(Bar(0, y, max(length, 1), ROW_BAR - 3, tone, f"{label}: {one.name} {value}"))
            scale.append(Mark(length + 6, y + ROW_BAR - 4, str(value)))
    return Chart(
        labels, series, height=max(1, len(labels)) * height, bars=bars, scale=scale, axis=axis, is_lying=True
    )


def ceiling(most: int) -> int:
    """The top of a scale with TICKS whole steps: 4, 8, 20, 40, 80, 200…"""
    steps = (TICKS * factor * power for power in _POWERS for factor in (1, 2, 5))
    return next(top for top in steps if top >= most)


def _line(series: Series, labels: Sequence[str], plot: _Plot, tone: int) -> Line:
    stretches: list[list[str]] = [[]]
    dots = []
    for place, value in enumerate(series.values):
        if value is None:
            stretches.append([])
            continue
        x, y = round(plot.x(place), 1), round(plot.y(value), 1)
        stretches[-1].append(f"{x},{y}")
        dots.append(Mark(x, y, f"{labels[place]}: {series.name} {value}"))
    return Line([" ".join(points) for points in stretches if len(points) > 1], dots, tone)


def _short(label: str) -> str:
    return label if len(label) <= 52 else label[:51].rstrip() + "…"
