"""One customer in a notebook: what the customer did, whether the customer is still there, and what to expect."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import ibis
import pandas as pd

from retention_kit import formats, summarise
from retention_kit.arguments import Arguments
from retention_kit.errors import DataError, FitError
from retention_kit.summarise.common.calendar_periods import as_day
from retention_kit.summarise.common.order_log import as_table
from retention_kit.tables.customer_history import CustomerHistory, histories
from retention_kit.tables.customer_strips import STYLE, strips

_NEAR = 3
"""Number of similar ids that an error names."""
_PIECE = 3
"""Least length of an id that is similar to another because it is a part of it."""


def _accents() -> tuple[str, str]:
    """Small Latin letters with accents, and the letter without its accent for each of them."""
    letters = [chr(code) for code in (*range(0xE0, 0x250), *range(0x1E00, 0x1F00)) if chr(code).islower()]
    bases = {letter: unicodedata.normalize("NFD", letter)[0] for letter in letters}
    bases |= {"ł": "l", "ø": "o", "đ": "d"}
    pairs = [(letter, base) for letter, base in bases.items() if base.isascii()]
    return "".join(letter for letter, _ in pairs), "".join(base for _, base in pairs)


_ACCENTS = _accents()


@dataclass(frozen=True, repr=False)
class OneCustomer:
    """One customer for display: facts and a figure in HTML, the facts as plain text.

    Parameters
    ----------
    history : CustomerHistory
        Orders, P(active), segments, subscriptions, answers and expected value.
    months : float
        Horizon of the expected value.
    unknown : str
        Why no model could be fitted; empty if one was.
    """

    history: CustomerHistory
    months: float
    unknown: str = ""

    def _facts(self) -> Iterator[tuple[str, str]]:
        """Names and values of what is known, in words."""
        known, money = self.history, self._money
        orders = formats.counted(known.number_of_orders, "order")
        yield "So far", f"{money(known.revenue)} in {orders} since {known.days[0]:%Y-%m-%d}"
        usual = f", where {formats.counted(known.usual_gap, 'day')} are usual" if known.usual_gap >= 0 else ""
        yield "Last order", f"{formats.counted(known.silence, 'day')} ago{usual}"
        if len(known.segments):
            yield "Segment", str(known.segments["segment"].iloc[-1])
        if len(known.alive):
            end = known.alive.iloc[-1]
            interval = f" ({formats.percent(end['low'])} to {formats.percent(end['high'])})" if end["low"] >= 0 else ""
            yield "Still a customer", f"{formats.percent(known.probability_alive)}{interval}"
        if known.value:
            value = known.value
            interval = f"{money(value['expected_low'])} to {money(value['expected_high'])}"
            yield f"Next {self.months:g} months", f"{money(value['expected'])} expected ({interval})"
        if self.unknown:
            yield "Not known", self.unknown

    def _money(self, x: float) -> str:
        return f"{formats.number(x, 2)}{formats.SPACE}{self.history.currency}".strip()

    def __repr__(self) -> str:
        lines = [f"customer {self.history.customer_id} as of {self.history.as_of:%Y-%m-%d}"]
        return "\n".join([*lines, *(f"{name}: {value}" for name, value in self._facts())])

    def _repr_html_(self) -> str:
        facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in self._facts())
        head = f"<h3>{escape(self.history.customer_id)}, {self.history.as_of:%Y-%m-%d}</h3>"
        return f"<style>{STYLE}</style>{head}<dl>{facts}</dl>{strips(self.history)}"


def customer(
    orders: Any,
    customer_id: str,
    *,
    as_of: str | dt.date,
    subscriptions: Any = None,
    surveys: Any = None,
    model: str = "auto",
    months: float = 12,
    annual_discount_rate: float = 0.1,
    margin: float = 1.0,
    draws: int = 100,
) -> OneCustomer:
    r"""One customer: orders, P(active) over time, segment at each month's end, subscriptions, answers, expected value.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    customer_id : str
        The customer.
    as_of : str or date
        Last day that counts.
    subscriptions, surveys : Dataset, Ibis table or DataFrame, optional
        Further tables whose rows of this customer are shown.
    model : str
        Model of purchases: BGNBD, MBGNBD, ParetoNBD, or auto for the model that a report would use.
    months : float
        Horizon of the expected value.
    annual_discount_rate : float
        0.1 for 10 % a year.
    margin : float
        Share of revenue that is kept.
    draws : int
        Number of draws of the parameters for the interval of the expected value.

    Returns
    -------
    OneCustomer
        For display in a notebook; `.history` has the tables. Where no model can be fitted, `.unknown` says why, and
        what needs no model is still there.

    Raises
    ------
    DataError
        If the customer did not order by then; the error names similar ids.
    ConfigError
        If as_of or a setting of the value cannot be read.

    Notes
    -----
    The model is fitted to all customers up to as_of, so P(active) of an earlier day is what today's model says of that
    day. Its interval (90 %) holds the uncertainty of the parameters. Segments are those of `models.rfm.ten_segments`,
    with the cut points of the end of the month before for all months, so that a customer only moves because of what
    the customer did or did not do.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-01-01", "2024-01-15", "2024-01-29", "2024-02-12", "2024-01-08"])
    >>> log = pd.DataFrame({"customer_id": ["ada"] * 4 + ["bo"], "ordered_at": days, "amount": 10})
    >>> ada = customer(log, "ada", as_of="2024-03-31").history
    >>> ada.number_of_orders, ada.usual_gap, ada.silence
    (4, 14.0, 48)
    """
    with Arguments() as check:
        check.instance("customer_id", customer_id, str, "the id of a customer, as text")
        months = check.number("months", months, above=0)
    from retention_kit.models import rfm  # the package's tables are also used where nothing is fitted

    day, log = pd.Timestamp(as_day(as_of)), as_table(orders)
    refuse_unknown(log, customer_id, day)
    everybody = summarise.customers(log, as_of=day.date()).to_pandas()
    everybody = pd.DataFrame(everybody).sort_values("customer_id", ignore_index=True)
    before = summarise.customers(log, as_of=(day - pd.offsets.MonthEnd(1)).date()).to_pandas()
    cuts = rfm.cut_points(before if len(before) else everybody)
    settings = {"months": months, "annual_discount_rate": annual_discount_rate, "margin": margin, "draws": draws}
    purchases, value, unknown = _fitted(log, everybody, customer_id, day, model, settings)
    more = {"subscriptions": _table(subscriptions, "subscriptions"), "surveys": _table(surveys, "surveys")}
    known = histories(log, [customer_id], as_of=day, model=purchases, cuts=cuts, **more)[customer_id]
    currency = str(getattr(orders, "currency", None) or "")
    return OneCustomer(replace(known, value=value, currency=currency), months, unknown)


def refuse_unknown(log: Any, customer_id: str, day: pd.Timestamp) -> None:
    """Raise DataError, with similar ids, unless the customer ordered by a day."""
    after = day.to_pydatetime() + dt.timedelta(days=1)
    own = log.filter(log.customer_id == customer_id, log.amount >= 0)
    moments = own.agg(first=own.ordered_at.min()).to_pandas()["first"]
    if pd.notna(moments.iloc[0]):
        if moments.iloc[0] < after:
            return
        raise DataError(f"Customer {customer_id!r} first ordered on {moments.iloc[0]:%Y-%m-%d}, after {day:%Y-%m-%d}.")
    ids = log.select("customer_id").distinct()
    asked, plain = _folded(customer_id), ids.customer_id.lower().translate(*_ACCENTS)
    distance, longer = plain.levenshtein(asked), ibis.greatest(plain.length(), len(asked))
    contained = ibis.greatest(plain.contains(asked), ibis.literal(asked).contains(plain))
    shares_enough = (2 * distance <= longer) | (contained & (ibis.least(plain.length(), len(asked)) >= _PIECE))
    near = ids.mutate(distance=distance).filter(shares_enough).order_by(["distance", "customer_id"]).limit(_NEAR)
    similar = ", ".join(near.to_pandas()["customer_id"])
    raise DataError(f"No orders of customer {customer_id!r}. Similar ids: {similar or 'none'}.")


def _folded(id: str) -> str:
    return id.lower().translate(str.maketrans(*_ACCENTS))


def _table(data: Any, name: str) -> Any:
    return None if data is None else as_table(data, name)


def _fitted(
    log: Any, everybody: pd.DataFrame, id: str, day: pd.Timestamp, name: str, settings: dict[str, Any]
) -> tuple[Any, dict[str, float], str]:
    """The model of purchases, the customer's expected value, and why either is missing."""
    from retention_kit import models
    from retention_kit.models.checks.holdout import known_model

    purchases = None
    try:
        chosen = models.value_model(log, as_of=day.date()).model if name == "auto" else name
        purchases = known_model(chosen).fit(everybody)
        spend = models.GammaGamma.fit(everybody)
        own = everybody[everybody["customer_id"] == id]
        worth = models.lifetime_value(purchases, spend, own, level=0.9, **settings)
    except (DataError, FitError) as fault:
        return purchases, {}, str(fault)
    return purchases, {str(k): float(v) for k, v in worth.iloc[0].items()}, ""
