"""Pictures that only lessons draw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MonthLocator, date2num

from retention_kit.plots.drawing.labels import need, number_axis, rows_of, value
from retention_kit.plots.drawing.style import BLUE, GREY, PALE, TEXT, VERMILION, canvas, finish, frame, note, styled
from retention_kit.summarise.common.calendar_periods import as_day


@styled
def order_calendar(
    log: pd.DataFrame,
    *,
    as_of: str | dt.date | None = None,
    ax: Axes | None = None,
    title: str = "Orders of each customer",
) -> Axes:
    """Every order of a small log as a dot on its customer's line, refunds as crosses.

    Parameters
    ----------
    log : DataFrame
        customer_id, ordered_at, amount.
    as_of : str or date, optional
        Last day that counts: a line; what comes later is hollow.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str
        Title of the figure.

    Returns
    -------
    Axes
        With alternative text.

    Examples
    --------
    >>> from retention_kit import lesson, plots
    >>> plots.show(lesson.order_calendar(lesson.five_customers(), as_of="2024-02-29"))
    Orders of 5 customers by day: Ada 4, of which 3 count; Bo 1, of which 1 count; Cy 3, of which 2 count; Dee
    2, of which 1 count; Eli 1, of which 0 count.
    """
    log = need(log, "order_calendar", "customer_id", "ordered_at", "amount")
    names = list(dict.fromkeys(log["customer_id"]))[::-1]
    ax = canvas(ax, height=1.3 + 0.42 * len(names))
    end = log["ordered_at"].max() if as_of is None else pd.Timestamp(as_day(as_of)) + pd.Timedelta(days=1)
    rows, counts = log["customer_id"].map(names.index), log["ordered_at"] <= end
    styles: tuple[tuple[pd.Series, dict[str, Any]], ...] = (
        ((log["amount"] >= 0) & counts, {"marker": "o", "color": BLUE, "label": "order"}),
        ((log["amount"] < 0) & counts, {"marker": "X", "color": VERMILION, "label": "refund"}),
        (~counts, {"marker": "o", "markerfacecolor": "white", "color": GREY, "label": "does not count yet"}),
    )
    for chosen, style in styles:
        if chosen.any():
            ax.plot(log["ordered_at"][chosen], rows[chosen], linestyle="none", markersize=9, **style)
    if as_of is not None:
        ax.axvline(_day(end), color=TEXT, linewidth=1.4, linestyle="--", label="end of as_of")
    frame(ax, grid="y")
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.xaxis.set_major_locator(MonthLocator())  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(DateFormatter("1 %b %Y"))  # type: ignore[no-untyped-call]
    ax.set_xlabel("Day of the order")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.24), ncols=4)
    return finish(
        ax, title=title, alt=_alternative_text(log[log["amount"] >= 0], counts, names[::-1], dated=as_of is not None)
    )


def _alternative_text(orders: pd.DataFrame, counts: pd.Series, names: list[str], *, dated: bool) -> str:
    parts = []
    for name in names:
        own = orders["customer_id"] == name
        parts.append(f"{name} {own.sum()}" + (f", of which {(own & counts).sum()} count" if dated else ""))
    return f"Orders of {len(names)} customers by day: {'; '.join(parts)}."


@styled
def bars(
    values: pd.Series, *, x_label: str, y_label: str, title: str, unit: str = "count", ax: Axes | None = None
) -> Axes:
    """One bar per value, with the value on it.

    Parameters
    ----------
    values : Series
        What is drawn; the index names the bars.
    x_label, y_label, title : str
        What the axes measure, and what the figure is about.
    unit : {"count", "rate", "money", "number", "score"}
        How the values are written.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        With alternative text.

    Examples
    --------
    >>> from retention_kit import lesson, plots
    >>> sides = pd.Series({"heads": 5, "tails": 7})
    >>> plots.show(lesson.bars(sides, x_label="Side", y_label="Throws", title="A coin"))
    A coin. Side and Throws: heads 5, tails 7.
    """
    ax = canvas(ax, height=3.4)
    names, written = [str(name) for name in values.index], [value(x, unit) for x in values]
    ax.bar(range(len(values)), values, width=0.75, color=BLUE)
    for x, (height, text) in enumerate(zip(values, written, strict=True)):
        note(ax, text, (x, max(height, 0)), (0, 3), ha="center", fontsize=10)
    frame(ax)
    ax.set_xticks(range(len(values)), names)
    ax.margins(y=0.12)
    number_axis(ax.yaxis, unit)
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    parts = ", ".join(f"{name} {text}" for name, text in zip(names, written, strict=True))
    return finish(ax, title=title, alt=f"{title}. {x_label} and {y_label}: {parts}.")


@styled
def memberships(
    subscriptions: pd.DataFrame,
    *,
    first: str | dt.date,
    last: str | dt.date,
    ax: Axes | None = None,
    title: str = "Who is there when",
) -> Axes:
    """Who is a member when, around one period: a bar for each stretch, thick where more is paid.

    Parameters
    ----------
    subscriptions : DataFrame
        customer_id, started_at, ended_at (missing: running), mrr.
    first, last : str or date
        First and last day of the period; it is drawn with half of it before and a little after.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str
        Title of the figure.

    Returns
    -------
    Axes
        With alternative text.

    Examples
    --------
    >>> from retention_kit import lesson, plots
    >>> plots.show(lesson.memberships(lesson.ten_members(), first="2024-03-01", last="2024-03-31"))
    Memberships of 15 people around 1 March 2024 to 31 March 2024: 10 there at the start, 11 at the end.
    """
    subscriptions = need(subscriptions, "memberships", "customer_id", "started_at", "ended_at", "mrr")
    start, end = (pd.Timestamp(as_day(day, name)) for day, name in ((first, "first"), (last, "last")))
    end += pd.Timedelta(days=1)
    left, right = start - (end - start) / 2, end + (end - start) / 8
    names = list(dict.fromkeys(subscriptions["customer_id"]))[::-1]
    ends = subscriptions["ended_at"].fillna(right)
    ax = canvas(ax, height=1.2 + 0.3 * len(names))
    ax.axvspan(_day(start), _day(end), color=PALE)
    for row, ended in zip(rows_of(subscriptions), ends, strict=True):
        if ended > left:
            begun, y = _day(max(row.started_at, left)), names.index(row.customer_id)
            height = 0.2 + 0.5 * row.mrr / subscriptions["mrr"].max()
            ax.barh(y, _day(ended) - begun, left=begun, height=height, color=BLUE, edgecolor="white")
    frame(ax, grid=None)
    ax.set_xlim(_day(left), _day(right))
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.set_yticks(range(len(names)), names)
    ax.set_xticks(
        [_day(left), _day(start), _day(end)], [f"{day.day} {day:%b %Y}" for day in (left.normalize(), start, end)]
    )
    ax.set_xlabel("Day (the period is shaded; a thicker bar pays more)")
    members = [subscriptions[(subscriptions["started_at"] < day) & (ends >= day)] for day in (start, end)]
    at_start, at_end = (table["customer_id"].nunique() for table in members)
    days = f"{start.day} {start:%B %Y} to {pd.Timestamp(last).day} {pd.Timestamp(last):%B %Y}"
    alt = f"Memberships of {len(names)} people around {days}: {at_start} there at the start, {at_end} at the end."
    return finish(ax, title=title, alt=alt)


@styled
def cut_map(
    customers: pd.DataFrame,
    *,
    recency: Sequence[float],
    frequency: Sequence[float],
    ax: Axes | None = None,
    title: str = "Customers between the cut points",
) -> Axes:
    """Each customer by days since the last order and number of orders, with the cut points as lines.

    Parameters
    ----------
    customers : DataFrame
        customer_id, days_since_last, orders.
    recency, frequency : sequence of float
        Cut points of the two scores.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str
        Title of the figure.

    Returns
    -------
    Axes
        With alternative text.

    Examples
    --------
    >>> from retention_kit import lesson, plots
    >>> plots.show(lesson.cut_map(lesson.ten_customers(), recency=[60], frequency=[2]))
    Customers between the cut points: 10 customers by days since the last order (cut at 60) and orders (cut at 2).
    """
    customers = need(customers, "cut_map", "customer_id", "days_since_last", "orders")
    ax = canvas(ax, height=4.2)
    for cut in recency:
        ax.axvline(cut, color=GREY, linewidth=1, linestyle="--")
    for cut in frequency:
        ax.axhline(cut, color=GREY, linewidth=1, linestyle="--")
    ax.plot(customers["days_since_last"], customers["orders"], "o", color=BLUE, markersize=8)
    for i, row in enumerate(rows_of(customers.sort_values("days_since_last"))):
        offset = (6, -13 if i % 2 else 5)  # names of neighbours go above and below in turn
        note(ax, row.customer_id, (row.days_since_last, row.orders), offset, fontsize=10.5)
    frame(ax, grid=None)
    ax.set_xlabel("Days since the last order")
    ax.set_ylabel("Orders")
    ax.margins(x=0.09, y=0.09)
    days, counts = (", ".join(f"{cut:g}" for cut in cuts) for cuts in (recency, frequency))
    alt = f"{len(customers)} customers by days since the last order (cut at {days}) and orders (cut at {counts})."
    return finish(ax, title=title, alt=f"{title}: {alt}")


def _day(moment: pd.Timestamp) -> float:
    """A moment as matplotlib counts it: days since 1970."""
    return float(date2num(moment))  # type: ignore[no-untyped-call]
