"""One customer as four strips on one axis of time: orders, P(active), segment, subscription and answers.

The figure is SVG whose text keeps its size while the width follows the page. Every mark has a title, so that a pointer
shows its value without a script. Events are shown, never called causes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

import pandas as pd

from retention_kit import formats
from retention_kit.tables.customer_history import CustomerHistory, months_of

LABELS: Final = {
    "orders": "Orders",
    "alive": "Still a customer, chance day by day",
    "half": "50 %: as likely gone as not",
    "segments": "Segment at the end of the month",
    "events": "Subscription, and answers",
    "silent": "",
    "no_answer": "no answer",
    "figure": "Orders, chance, segment, subscription and answers over time. Arrow keys read the values.",
}
"""Texts of the figure in English; a report passes its own."""
STYLE: Final = """\
.strips text { font: 12px/1.3 var(--sans, sans-serif); fill: var(--soft, #565d66); }
.strips .head { fill: var(--ink, #1b1f24); font-weight: 600; }
.strips .grid, .strips .base { stroke: var(--line, #e3e0d9); stroke-width: 1; }
.strips .base { stroke: var(--grey, #878d94); }
.strips .half { stroke: var(--worse, #a4450a); stroke-dasharray: 2 3; }
.strips .order { stroke: var(--accent, #00598c); fill: var(--accent, #00598c); stroke-width: 1.5; }
.strips .refund { stroke: var(--worse, #a4450a); fill: var(--worse, #a4450a); stroke-width: 1.5; }
.strips .silence { fill: var(--grey, #878d94); opacity: .15; }
.strips .curve { fill: none; stroke: var(--accent, #00598c); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.strips .band { fill: var(--accent, #00598c); opacity: .18; }
.strips .best { fill: var(--accent, #00598c); } .strips .good { fill: var(--green, #00796b); }
.strips .rest { fill: var(--grey, #878d94); } .strips .running { fill: var(--accent, #00598c); opacity: .7; }
.strips .answer { fill: var(--ink, #1b1f24); font-weight: 600; } .strips .low { fill: var(--worse, #a4450a); }
.strips .empty { fill: none; stroke: var(--grey, #878d94); } .strips .on { stroke-width: 4; }
"""
"""Colours by the page's variables, with those of the light scheme where there are none."""
_LABEL: Final = 30
"""Share of the width, in percent, that the name of the line at one half takes: it stands on the other side of it than
the curve there."""
_GOOD: Final = ("loyal", "potential loyalist", "new", "promising", "recent")
_HEIGHT: Final = 372
_LOW: Final = {"nps": 6, "csat": 2, "ces": 3}
"""Highest score of each kind that stands for a discontented customer."""


@dataclass(frozen=True)
class Writer:
    """How the figure writes money, shares, days and months, and its texts."""

    money: Callable[[float], str] = lambda x: formats.number(x, 2)
    percent: Callable[[float], str] = formats.percent
    day: Callable[[pd.Timestamp], str] = lambda day: f"{day:%Y-%m-%d}"
    month: Callable[[pd.Timestamp], str] = lambda day: f"{day:%b}"
    segment: Callable[[str], str] = str
    labels: Mapping[str, str] = field(default_factory=lambda: LABELS)


class _Axis:
    """The axis of time in per cent of the width."""

    def __init__(self, history: CustomerHistory) -> None:
        self.first = history.days[0].replace(day=1)
        self.length = max((history.as_of + pd.Timedelta(days=1) - self.first).total_seconds(), 1.0)

    def at(self, moment: pd.Timestamp) -> float:
        """Position of a moment; moments before the axis are at its beginning, and later ones at its end."""
        return min(max(100 * (moment - self.first).total_seconds() / self.length, 0.0), 100.0)


def strips(history: CustomerHistory, write: Writer | None = None) -> str:
    """The figure as SVG; all text from the data is escaped.

    Parameters
    ----------
    history : CustomerHistory
        From `tables.customer`.
    write : Writer, optional
        Formats and texts; English by default.
    """
    write, axis = write or Writer(), _Axis(history)
    parts = [*_frame(history, axis, write), *_orders(history, axis, write), *_alive(history, axis, write)]
    parts += [*_segments(history, axis, write), *_events(history, axis, write)]
    label = escape(write.labels["figure"])
    return (
        f'<svg class="figure strips" role="group" tabindex="0" aria-label="{label}" width="100%" height="{_HEIGHT}">'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    """Text at a moment; it is set leftwards in the last quarter, so that nothing is cut."""
    anchor = anchor or ("end" if x > 75 else "start")
    return f'<text x="{x:.2f}%" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _title(*lines: str) -> str:
    return f"<title>{escape(chr(10).join(line for line in lines if line))}</title>"


def _frame(history: CustomerHistory, axis: _Axis, write: Writer) -> Iterator[str]:
    """Headings of the strips, and the months below them: at most eight, and each January with its year."""
    for y, name in ((12, "orders"), (146, "alive"), (240, "segments"), (296, "events")):
        yield _text(0, y, write.labels[name], "head", "start")
    months = list(months_of(history))
    step = max(1, -(-len(months) // 8))
    for number, month in enumerate(months):
        if number % step == 0:
            x = axis.at(month)
            yield f'<line class="grid" x1="{x:.2f}%" x2="{x:.2f}%" y1="20" y2="350"/>'
            year = f" {month.year}" if number == 0 or month.year != months[number - step].year else ""
            yield _text(x, 366, f"{write.month(month)}{year}")


def _orders(history: CustomerHistory, axis: _Axis, write: Writer) -> Iterator[str]:
    """Orders above the line, refunds below it, and the silence since the last order."""
    last, base = axis.at(history.days[-1]), 100.0
    if history.silence:
        yield f'<rect class="silence" x="{last:.2f}%" width="{100 - last:.2f}%" y="20" height="80"/>'
        silent = write.labels["silent"] or f"{formats.counted(history.silence, 'day')} silent"
        yield _text(100, 34, silent, anchor="end")
    yield f'<line class="base" x1="0" x2="100%" y1="{base}" y2="{base}"/>'
    largest = max(float(history.orders["amount"].abs().max()), 1e-9)
    for row in history.orders.to_dict("records"):
        amount, moment = float(row["amount"]), row["ordered_at"]
        length = 72 * amount / largest if amount >= 0 else 28 * amount / largest
        x, kind = f"{axis.at(moment):.2f}%", "order" if amount >= 0 else "refund"
        yield (
            f'<g class="{kind}">{_title(write.money(amount), write.day(moment), str(row.get("order_id") or ""))}'
            f'<line x1="{x}" x2="{x}" y1="{base}" y2="{base - length:.1f}"/>'
            f'<circle cx="{x}" cy="{base - length:.1f}" r="3"/></g>'
        )


def _alive(history: CustomerHistory, axis: _Axis, write: Writer) -> Iterator[str]:
    """The curve with its band, the line at one half, and a mark at the end of each month."""
    top, height = 154.0, 68.0
    if history.alive.empty:
        return
    rows = history.alive.to_dict("records")
    points = [(axis.at(row["day"]), row) for row in rows]

    def line(name: str) -> list[str]:
        return [f"{10 * x:.1f},{100 * (1 - row[name]):.1f}" for x, row in points]

    is_known = bool(history.alive["low"].notna().all())
    ends = " ".join([*line("high"), *reversed(line("low"))])
    band = f'<polygon class="band" points="{ends}"/>' if is_known else ""
    yield f'<line class="half" x1="0" x2="100%" y1="{top + height / 2}" y2="{top + height / 2}"/>'
    is_above = sum(row["probability_alive"] for x, row in points if x < _LABEL) >= 0.5 * sum(
        x < _LABEL for x, _ in points
    )
    yield _text(0, top + height / 2 + (13 if is_above else -4), write.labels["half"], anchor="start")
    yield (
        f'<svg x="0" y="{top}" width="100%" height="{height}" viewBox="0 0 1000 100" preserveAspectRatio="none">'
        f"{band}"
        f'<polyline class="curve" points="{" ".join(line("probability_alive"))}"/></svg>'
    )
    months = {pd.Timestamp(row["day"]).to_period("M"): (x, row) for x, row in points}
    for x, row in months.values():
        y = top + height * (1 - row["probability_alive"])
        interval = f"{write.percent(row['low'])}–{write.percent(row['high'])}" if is_known else ""
        title = _title(write.percent(row["probability_alive"]), write.day(row["day"]), interval)
        yield f'<circle class="order" cx="{x:.2f}%" cy="{y:.1f}" r="2">{title}</circle>'


def _segments(history: CustomerHistory, axis: _Axis, write: Writer) -> Iterator[str]:
    """A box for each month, named where the segment changes."""
    before, free = "", 0.0
    for row in history.segments.to_dict("records"):
        end, segment = row["end"], str(row["segment"])
        start, stop = axis.at(end.to_period("M").start_time), axis.at(end + pd.Timedelta(days=1))
        kind = "best" if segment == "champions" else "good" if segment in _GOOD else "rest"
        name = write.segment(segment)
        yield (
            f'<rect class="{kind}" x="{start:.2f}%" width="{max(stop - start - 0.2, 0.2):.2f}%" y="248" height="12">'
            f"{_title(name, write.day(end))}</rect>"
        )
        if segment != before and start >= free:
            yield _text(start, 274, name, anchor="start" if start < 85 else "end")
            free = start + 16
        before = segment


def _events(history: CustomerHistory, axis: _Axis, write: Writer) -> Iterator[str]:
    """Stretches of subscriptions as bars, answers as their scores; a hollow mark is a question without an answer."""
    for row in history.subscriptions.to_dict("records"):
        ended = row["ended_at"] if pd.notna(row["ended_at"]) else history.as_of
        start, stop = axis.at(row["started_at"]), axis.at(min(ended, history.as_of) + pd.Timedelta(days=1))
        plan = row.get("plan")
        title = _title(
            write.money(float(row["mrr"])), str(plan) if pd.notna(plan) else "", write.day(row["started_at"])
        )
        width = max(stop - start - 0.2, 0.2)
        yield f'<rect class="running" x="{start:.2f}%" width="{width:.2f}%" y="304" height="12">{title}</rect>'
    for row in history.answers.to_dict("records"):
        x, kind, score = axis.at(row["answered_at"]), str(row["kind"]), row["score"]
        about = f"{kind.upper()}, {write.day(row['answered_at'])}"
        if pd.isna(score):
            title = _title(write.labels["no_answer"], about)
            yield f'<circle class="empty" cx="{x:.2f}%" cy="332" r="3.5">{title}</circle>'
            continue
        low = " low" if score <= _LOW.get(kind.lower(), -1) else ""
        text = f"{score:g}"
        yield (
            f'<text class="answer{low}" x="{x:.2f}%" y="336" text-anchor="middle">{_title(text, about)}{text}</text>'
        )
