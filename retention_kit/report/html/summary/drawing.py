"""Where the marks of the page's figures are: x in per cent of the width, y in pixels, so that text keeps its size.

Every mark has a text of its own: the value, what it is, its interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from retention_kit.report.html.summary.facts import Causes, Number, Outlook, Step

SPARK_HEIGHT: Final = 40.0
_PAD: Final = 5.0
ROW: Final = 24.0
GAP: Final = 14.0
AXIS: Final = (47.0, 80.0)
"""Where the axis of causes begins and ends, in per cent; names are left of it, numbers right."""
FAN_HEIGHT: Final = 220.0
_FAN_TOP: Final = 14.0


@dataclass(frozen=True)
class Mark:
    """A mark with its text; `kind` is its class."""

    x: float
    y: float
    title: str
    kind: str = ""


@dataclass(frozen=True)
class Spark:
    """The history of a number as a line: its months, this one last, and the height of the target."""

    line: str
    marks: tuple[Mark, ...]
    target: float | None
    first: str
    last: str


@dataclass(frozen=True)
class CauseRow:
    """A part of a change: name, number, and the marks on its axis; `state` is its class."""

    y: float
    name: str
    text: str
    x: float
    low: float
    high: float
    title: str
    state: str


@dataclass(frozen=True)
class CausePanel:
    """The parts of a change since one earlier period."""

    heading: str
    verdict: str
    rows: tuple[CauseRow, ...]
    zero: float
    height: float


@dataclass(frozen=True)
class Tick:
    """A label on an axis; `year` stands below it, `wide` labels go on a phone."""

    at: float
    text: str
    year: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Fan:
    """What happened, what was forecast, and what is expected."""

    line: str
    marks: tuple[Mark, ...]
    path: str
    band: str
    half: str
    earlier: tuple[str, ...]
    earlier_lines: tuple[str, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    height: float = FAN_HEIGHT


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Map values between two ends to places between two others; the middle where the ends are the same."""
    if high <= low:
        return lambda _: (start + end) / 2
    return lambda x: round(start + (x - low) / (high - low) * (end - start), 2)


def spark(number: Number, titles: Sequence[str], first: str, last: str) -> Spark | None:
    """The line of a tile; None with fewer than two months."""
    points = [(i, point) for i, point in enumerate(number.history) if not math.isnan(point.value)]
    if len(points) < 2:
        return None
    values = [point.value for _, point in points] + ([number.target.value] if number.target else [])
    to_x = scale(points[0][0], points[-1][0], 2, 98)
    to_y = scale(min(values), max(values), SPARK_HEIGHT - _PAD, _PAD)
    year_ago = f"{int(number.history[-1].month[:4]) - 1}{number.history[-1].month[4:]}"
    marks = tuple(
        Mark(
            to_x(i),
            to_y(point.value),
            titles[i],
            "now" if i == points[-1][0] else "ring" if point.month == year_ago else "hit",
        )
        for i, point in points
    )
    return Spark(line(marks), marks, to_y(number.target.value) if number.target else None, first, last)


def line(marks: Iterable[Mark]) -> str:
    """The path through marks."""
    return "M" + " L".join(f"{mark.x:g} {mark.y:g}" for mark in marks)


def panel(
    causes: Causes,
    heading: str,
    verdict: str,
    *,
    names: Callable[[str], str],
    numbers: Callable[[float], str],
    titles: Callable[[object], str],
    most: int = 8,
) -> CausePanel:
    """The parts of a change, split by split; of a column the values with the largest parts."""
    groups = [
        sorted(parts, key=lambda part: -abs(part.change))[:most] if name.startswith("dimension:") else list(parts)
        for name, parts in causes.splits.items()
    ]
    every = [part for parts in groups for part in parts]
    ends = [x for part in every for x in (part.change, part.low, part.high, 0.0) if not math.isnan(x)]
    to_x = scale(min(ends), max(ends), *AXIS)
    rows, y = [], ROW / 2
    for parts in groups:
        for part in parts:
            state = "chance" if not part.sure else "more" if part.change > 0 else "less"
            low, high = (part.change if math.isnan(x) else x for x in (part.low, part.high))
            rows.append(
                CauseRow(
                    y,
                    names(part.name),
                    numbers(part.change),
                    to_x(part.change),
                    to_x(low),
                    to_x(high),
                    titles(part),
                    state,
                )
            )
            y += ROW
        y += GAP
    return CausePanel(heading, verdict, tuple(rows), to_x(0.0), y - GAP - ROW / 2)


def fan(
    outlook: Outlook,
    *,
    titles: Callable[[str, date, float, Step | None], str],
    months: Callable[[date], Tick],
    money: Callable[[float], str],
) -> Fan | None:
    """The figure of the forecast; None without a history."""
    if len(outlook.history) < 2 or not outlook.path:
        return None
    first, end = outlook.history[0][0], outlook.path[-1].end
    steps = [step for steps in outlook.earlier for step in steps]
    top = max([x for _, x in outlook.history] + [step.high for step in (*outlook.path, *steps)])
    step_of_y = _nice(top / 4)
    top = step_of_y * math.ceil(top / step_of_y)
    to_x, to_y = scale(first.toordinal(), end.toordinal(), 1, 99), scale(0, top, FAN_HEIGHT, _FAN_TOP)

    def at(day: date) -> float:
        return to_x(day.toordinal())

    now, last = outlook.history[-1]
    start = Step(now, last, last, last, last, last)
    path = (start, *outlook.path)
    seen = [Mark(at(day), to_y(x), titles("actual", day, x, None), "actual") for day, x in outlook.history]
    ahead = [
        Mark(at(step.end), to_y(step.expected), titles("expected", step.end, step.expected, step), "expected")
        for step in outlook.path
    ]
    past = [
        Mark(at(step.end), to_y(step.expected), titles("past", step.end, step.expected, step), "past") for step in steps
    ]
    return Fan(
        line=line(seen),
        marks=(*past, *seen, *ahead),
        path=line([seen[-1], *ahead]),
        band=_area([(at(step.end), to_y(step.low), to_y(step.high)) for step in path]),
        half=""
        if math.isnan(path[-1].half_low)
        else _area([(at(s.end), to_y(s.half_low), to_y(s.half_high)) for s in path]),
        earlier=tuple(
            _area([(at(s.end), to_y(s.low), to_y(s.high)) for s in steps_of])
            for steps_of in outlook.earlier
            if len(steps_of) > 1
        ),
        earlier_lines=tuple(
            line([Mark(at(s.end), to_y(s.expected), "") for s in steps_of])
            for steps_of in outlook.earlier
            if len(steps_of) > 1
        ),
        x_ticks=tuple(_months_between(first, end, at, months)),
        y_ticks=tuple(Tick(to_y(k * step_of_y), money(k * step_of_y)) for k in range(round(top / step_of_y) + 1)),
    )


def _months_between(first: date, end: date, at: Callable[[date], float], months: Callable[[date], Tick]) -> list[Tick]:
    starts = [date(first.year + m // 12, m % 12 + 1, 1) for m in range(first.month, first.month + 30)]
    ticks = [(day, months(day)) for day in starts if day <= end]
    return [
        Tick(at(day), tick.text, tick.year if i == 0 or day.month == 1 else "", wide=i % 3 != 0)
        for i, (day, tick) in enumerate(ticks)
    ]


def _area(ends: Sequence[tuple[float, float, float]]) -> str:
    """A closed path from the upper ends forwards and the lower ends back."""
    upper = [f"{x:g} {high:g}" for x, _, high in ends]
    lower = [f"{x:g} {low:g}" for x, low, _ in reversed(ends)]
    return f"M{' L'.join(upper + lower)} Z"


def _nice(size: float) -> float:
    """The next of 1, 2, 5, 10 … above a size."""
    if size <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(size))
    return next(power * k for k in (1, 2, 5, 10) if power * k >= size)


def steps_of_map(values: Iterable[float], steps: int = 7) -> Callable[[float], int]:
    """The step of a cohort map for a value, from 1 (pale) to `steps`, by equal parts of the range."""
    known = [x for x in values if not math.isnan(x)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if high <= low:
        return lambda _: 1
    return lambda x: min(int((x - low) / (high - low) * steps) + 1, steps)
