"""The definition of the tables of retention_kit, column by column.

`data/README.md` is the same dictionary for readers; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAYS_PER_YEAR: Final = 365.25
DAYS_PER_MONTH: Final = DAYS_PER_YEAR / 12
UNIT_DAYS: Final = {"day": 1.0, "week": 7.0, "month": DAYS_PER_MONTH, "year": DAYS_PER_YEAR}
"""Days in one unit of model time."""

MONEY: Final = "decimal(18, 4)"
"""Engine type of amounts: sums are exact, so they reconcile to the cent and do not depend on row order."""


@dataclass(frozen=True)
class Column:
    """One column: its name, engine type, meaning, and other headers under which it is read."""

    name: str
    type: str
    meaning: str
    required: bool = True
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: what a row is, and its columns."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the required columns."""
        return tuple(c.name for c in self.columns if c.required)

    def column(self, name: str) -> Column | None:
        """The column of that name, or None for a dimension."""
        return next((c for c in self.columns if c.name == name), None)


_CUSTOMER = Column(
    "customer_id", "string", "who bought", also=("customer", "client_id", "user_id", "email", "customer_email")
)

_ORDERS = Table(
    "orders",
    "one order, or a refund (negative amount)",
    (
        _CUSTOMER,
        Column(
            "ordered_at",
            "timestamp",
            "when, in the business time zone",
            also=("date", "order_date", "created_at", "ordered", "datetime", "timestamp", "invoice_date"),
        ),
        Column(
            "amount",
            MONEY,
            "money paid, tax as in the source; refunds are negative",
            also=("total", "revenue", "value"),
        ),
        Column("order_id", "string", "the shop's own number of the order", False, ("order", "order_number", "invoice")),
        Column("currency", "string", "ISO 4217 code", False),
    ),
)

_ORDER_LINES = Table(
    "order_lines",
    "one product in one order",
    (
        Column("order_id", "string", "the order it belongs to", also=("order", "order_number", "invoice")),
        Column("product", "string", "what was bought", also=("product_name", "sku", "item")),
        Column("quantity", "float64", "how many", False, ("qty",)),
        Column("amount", MONEY, "money for the line", False, ("total", "price")),
    ),
)

_SUBSCRIPTIONS = Table(
    "subscriptions",
    "one stretch of one subscription at one price",
    (
        _CUSTOMER,
        Column(
            "subscription_id", "string", "the subscription; a plan change is a new row of the same one", also=("id",)
        ),
        Column("started_at", "timestamp", "first moment of the stretch", also=("start", "start_date")),
        Column("ended_at", "timestamp", "end of the stretch; empty while it runs", also=("end", "end_date")),
        Column("mrr", MONEY, "price per month, whatever the billing interval: the price of a year divided by twelve"),
        Column("plan", "string", "name of the plan", False),
        Column(
            "billing_months",
            "int64",
            "whole months from one bill to the next: 1, 3, 12, 24; empty where it is not known or shorter than a month",
            False,
            ("billing_interval_months", "months_per_bill"),
        ),
        Column(
            "trial_started_at",
            "timestamp",
            "first moment of the free trial, where it is later than started_at",
            False,
            ("trial_start",),
        ),
        Column("trial_ended_at", "timestamp", "end of the free trial", False),
        Column(
            "canceled_at",
            "timestamp",
            "when the customer asked to cancel; the stretch itself runs on to ended_at",
            False,
            ("cancelled_at",),
        ),
        Column("status", "string", "as the source calls it", False),
        Column("currency", "string", "ISO 4217 code", False),
    ),
)

_SURVEYS = Table(
    "surveys",
    "one answer",
    (
        Column("answered_at", "timestamp", "when, in the business time zone", also=("date", "created_at", "timestamp")),
        Column("kind", "string", "nps, csat or ces", also=("survey_type",)),
        Column("score", "float64", "the answer: 0-10 for nps; empty when not answered"),
        Column("customer_id", "string", "who answered", False, ("customer", "user_id", "email")),
        Column("comment", "string", "free text", False),
        Column("weight", "float64", "weight of the answer", False),
    ),
)

_VISITS = Table(
    "visits",
    "one day of traffic",
    (
        Column("day", "date", "the day", also=("date",)),
        Column("visitors", "int64", "people who came", also=("sessions", "users")),
        Column("conversions", "int64", "of these, how many bought", False),
    ),
)

TABLES: Final = {t.name: t for t in (_ORDERS, _ORDER_LINES, _SUBSCRIPTIONS, _SURVEYS, _VISITS)}
"""The tables that `load` reads."""

CUSTOMERS: Final = Table(
    "customers",
    "one customer up to as_of",
    (
        Column("customer_id", "string", "who"),
        Column("frequency", "int64", "repeat purchase events after the first"),
        Column("recency", "float64", "first to last purchase event, in units"),
        Column("T", "float64", "first purchase event to as_of, in units"),
        Column("monetary_value", "float64", "mean revenue per repeat event; NaN without one"),
        Column("orders", "int64", "orders, refunds not counted"),
        Column("revenue", "float64", "money, refunds taken off"),
        Column("first_order", "timestamp", "moment of the first order"),
        Column("last_order", "timestamp", "moment of the last order"),
        Column("days_since_last", "int64", "whole days from the last order to as_of"),
        Column("unit", "string", "what recency and T are measured in: day, week, month or year"),
        Column("grain", "string", "purchases in the same day, week … are one event"),
        Column("as_of", "date", "last day that counts"),
    ),
)
"""The table that `summarise.customers` returns; models read frequency, recency, T and monetary_value. On request it
also has log_gaps."""
