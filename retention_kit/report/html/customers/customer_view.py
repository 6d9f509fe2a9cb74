"""The page of one customer: what it says, in the language of the report."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from babel import Locale
from babel.dates import format_date
from markupsafe import Markup

from retention_kit import formats
from retention_kit.report.actions.shown_customers import ShownCustomer
from retention_kit.report.html.customers.list_view import View
from retention_kit.report.language import Language, gettext_noop
from retention_kit.tables.customer_history import CustomerHistory
from retention_kit.tables.customer_strips import STYLE, Writer, strips

FOLDER: Final = "customers"
LAST: Final = 8
"""Number of orders in the table of the last orders."""
_TEXTS: Final = {
    "orders": gettext_noop("Orders"),
    "alive": gettext_noop("Still a customer, chance day by day"),
    "half": gettext_noop("50 %%: as likely gone as not"),
    "segments": gettext_noop("Segment at the end of the month"),
    "events": gettext_noop("Subscription, and answers"),
    "no_answer": gettext_noop("no answer"),
    "figure": gettext_noop("Orders, chance, segment, subscription and answers over time. Arrow keys read the values."),
}
"""Texts of the figure."""


@dataclass(frozen=True)
class Tile:
    """One number with what it means."""

    label: str
    value: str
    more: str


@dataclass(frozen=True)
class CustomerPage:
    """Everything that the page of a customer shows."""

    id: str
    name: str
    """The id as readers see it: of a hash the first digits."""
    about: str
    heading: str
    tiles: tuple[Tile, ...]
    figure: Markup
    lists: tuple[tuple[str, str, str], ...]
    """Title, link and reason of each list."""
    orders: tuple[tuple[str, str, str], ...]
    """Day, number and amount of the last orders."""


def name_of(id: str) -> str:
    """Name of the page of a customer: letters and digits for any id, the same in every month.

    Examples
    --------
    >>> name_of("C00180")
    'customers/f96b4c28bd5c.html'
    """
    return f"{FOLDER}/{hashlib.sha256(id.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}.html"


def page(shown: ShownCustomer, view: View) -> CustomerPage:
    """The page of a customer on lists."""
    row, known = shown.row, shown.history
    about = [
        text
        for text in (row.get(shown.lists[0][0].extra), view.segment(row.get("segment")))
        if text and not pd.isna(text)
    ]
    lists = tuple(
        (view.title(listing), f"../{listing.href}", str(fields.get("reason") or "")) for listing, fields in shown.lists
    )
    value = {"expected": row["expected_value"], "expected_low": row["low"], "expected_high": row["high"]}
    return of_history(known, view, about=", ".join(map(str, about)), value=value, lists=lists)


def of_history(
    known: CustomerHistory,
    view: View,
    *,
    about: str,
    value: dict[str, Any],
    lists: tuple[tuple[str, str, str], ...] = (),
) -> CustomerPage:
    """The page of any customer with a history."""
    facts = {
        "usual_gap": known.usual_gap,
        "days_since_last": known.silence,
        "orders": known.number_of_orders,
    }
    name = view.names([known.customer_id])[known.customer_id]
    last = known.orders.tail(LAST).iloc[::-1].to_dict("records")
    return CustomerPage(
        id=known.customer_id,
        name=name,
        about=about,
        heading=view.spoken.gettext("%(id)s: %(why)s.", id=name, why=view.why(facts)),
        tiles=tuple(_tiles(known, view, value)),
        figure=Markup(f"<style>{STYLE}</style>{strips(known, _writer(view, known.silence))}"),
        lists=lists,
        orders=tuple(
            (_day(order["ordered_at"], view), _text(order.get("order_id")), view.money(order["amount"], 2))
            for order in last
        ),
    )


def _tiles(known: CustomerHistory, view: View, value: dict[str, Any]) -> Iterator[Tile]:
    spoken = view.spoken
    if pd.notna(value.get("expected")):
        interval = view.between(value["expected_low"], value["expected_high"])
        text = spoken.gettext("expected; %(interval)s is how well that is known", interval=interval)
        yield Tile(view.horizon(), view.money(value["expected"]), text)
    if len(known.alive):
        end = known.alive.iloc[-1]
        ends = {"low": view.percent(end["low"]), "high": view.percent(end["high"])}
        messages = {
            True: gettext_noop("on %(day)s; %(low)s–%(high)s by the model"),
            False: gettext_noop("on %(day)s by the model; the data do not say how sure that is"),
        }
        text = spoken.gettext(messages[pd.notna(end["low"])], day=_day(known.as_of, view), **ends)
        yield Tile(spoken.gettext("Still a customer"), view.percent(known.probability_alive), text)
    text = spoken.ngettext(
        "%(n)s order since %(day)s, refunds taken off",
        "%(n)s orders since %(day)s, refunds taken off",
        known.number_of_orders,
        day=_day(known.days[0], view),
    )
    yield Tile(spoken.gettext("So far"), view.money(known.revenue), text)
    if known.usual_gap >= 0:
        text = spoken.ngettext(
            "the middle of %(n)s wait; %(longer)s of them longer than today's %(silent)s",
            "the middle of %(n)s waits; %(longer)s of them longer than today's %(silent)s",
            len(known.gaps),
            silent=view.count(known.silence),
            longer=view.count(known.longer_gaps),
        )
        days = spoken.ngettext("%(n)s day", "%(n)s days", round(known.usual_gap))
        yield Tile(spoken.gettext("Usual wait"), days, text)


def _writer(view: View, silence: int) -> Writer:
    labels = {name: view.spoken.gettext(text) for name, text in _TEXTS.items()}
    labels["silent"] = view.spoken.ngettext("%(n)s day silent", "%(n)s days silent", silence)
    return Writer(
        money=lambda x: view.money(x, 2),
        percent=view.percent,
        day=lambda day: _day(day, view),
        month=lambda day: _month(view.config.language, day.year, day.month),
        segment=view.segment,
        labels=labels,
    )


def _day(moment: Any, view: View) -> str:
    return _written(pd.Timestamp(moment).date(), view.spoken)


@functools.cache  # the pages of a month write the same days many times
def _written(day: date, spoken: Language) -> str:
    return spoken.day(day)


@functools.cache
def _month(code: str, year: int, month: int) -> str:
    return format_date(date(year, month, 1), "LLL", Locale.parse(code, sep="-"))


def _text(value: Any) -> str:
    return formats.MISSING if value is None or pd.isna(value) else str(value)
