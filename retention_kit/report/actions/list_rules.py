"""Rules of the action lists: which customers belong on each, why, their expected value, and when to contact them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from retention_kit import formats
from retention_kit.errors import FitError
from retention_kit.report.actions.month_customers import Customers
from retention_kit.report.language import gettext_noop

TITLES: Final = {
    "at_risk": gettext_noop("At risk: worth more than most, and going quiet"),
    "win_back": gettext_noop("Win back: good customers who are probably gone"),
    "champions": gettext_noop("Champions: bought recently, often and for large amounts"),
    "due_to_reorder": gettext_noop("Due to reorder: by their own rhythm"),
}
_BEST: Final = ("champions", "loyal", "can't lose", "at risk")
_GONE: Final = 0.5
"""Below this probability of being active, a customer has more likely left than not."""
_ONE_DAY: Final = pd.Timedelta(days=1)


def make(name: str, customers: Customers) -> pd.DataFrame:
    """One of `TITLES` as a list, the most expected value first.

    Columns customer_id, reason, expected_value, low, high, suggested_date.

    Raises
    ------
    FitError
        The list needs expected values, and no model could be fitted.
    """
    table = {"at_risk": _at_risk, "win_back": _win_back, "champions": _champions, "due_to_reorder": _due}[name](
        customers
    )
    table = table.sort_values(["expected_value", "customer_id"], ascending=[False, True], ignore_index=True)
    columns = ["customer_id", "reason", "expected_value", "low", "high", "suggested_date"]
    return table[columns]


def _valued(customers: Customers) -> pd.DataFrame:
    table = customers.table
    if customers.unknown:
        raise FitError(f"no expected values are known: {customers.unknown}")
    return table


def _at_risk(customers: Customers) -> pd.DataFrame:
    """Customers of the best segments who are less surely active than usual and worth more than the average."""
    table = _valued(customers)
    alive = table["probability_alive"]
    quiet = table[table["segment"].isin(_BEST) & (alive < customers.settings.quiet_below) & (alive >= _GONE)]
    quiet = quiet[quiet["expected_value"] > table["expected_value"].mean()]
    return _with_reasons(quiet, customers, "Going quiet: {orders}, the last {days}; still a customer: {alive} likely.")


def _win_back(customers: Customers) -> pd.DataFrame:
    """Customers who have more likely left than not, and are among the two fifths with the largest revenue."""
    table = _valued(customers)
    gone = table[(table["probability_alive"] < _GONE) & (table["M"] >= 4) & (table["orders"] > 1)]
    return _with_reasons(
        gone,
        customers,
        "Probably gone: {orders}, the last {days}; still a customer: only {alive} likely.",
    )


def _champions(customers: Customers) -> pd.DataFrame:
    best = customers.table[customers.table["segment"] == "champions"]
    return _with_reasons(best, customers, "Among the best: {orders}, the last {days}.")


def _due(customers: Customers) -> pd.DataFrame:
    """Customers who are due by the median of their own gaps and have not more likely left than not."""
    both = customers.table.merge(customers.rhythm, on="customer_id")
    near = both["due"] <= customers.as_of + customers.settings.due_within * _ONE_DAY
    here = both[near & ~(both["probability_alive"] < _GONE)]
    table = _with_reasons(
        here, customers, "Buys every {usual} days; {orders}, the last {days}; the next is due on {due}."
    )
    tomorrow = customers.as_of + _ONE_DAY
    return table.assign(suggested_date=here["due"].where(here["due"] > tomorrow, tomorrow))


def _with_reasons(chosen: pd.DataFrame, customers: Customers, sentence: str) -> pd.DataFrame:
    """The chosen customers with the reason in words; the suggested day of contact is the day after as_of."""
    reasons = [
        sentence.format(**_in_words(row, str(customers.orders.currency or ""))) for row in chosen.to_dict("records")
    ]
    return chosen.assign(
        reason=pd.Series(reasons, chosen.index, dtype="str"), suggested_date=customers.as_of + _ONE_DAY
    )


def _in_words(row: Mapping[Any, Any], currency: str) -> dict[str, str]:
    orders, days = int(row["orders"]), int(row["days_since_last"])
    return {
        "orders": f"{orders:,} {'order' if orders == 1 else 'orders'} for {formats.money(row['revenue'], currency)}",
        "days": f"{days:,} {'day' if days == 1 else 'days'} ago",
        "alive": formats.percent(row["probability_alive"]),
        "usual": f"{row.get('usual', 0):.0f}",
        "due": f"{row['due']:%Y-%m-%d}" if "due" in row else "",
    }
