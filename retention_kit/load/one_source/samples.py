"""The data that come with the package: two real order logs, and simulated tables."""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import parquet

from retention_kit import schema
from retention_kit.errors import ConfigError, DataError
from retention_kit.load.columns.mapping import match
from retention_kit.load.columns.typed_columns import Hints
from retention_kit.load.dataset import Dataset
from retention_kit.load.files.textfile import sha256
from retention_kit.load.one_source.judging import finish, judge
from retention_kit.load.presets.applying import Prepared
from retention_kit.load.sources import frames

NAMES = ("cdnow", "cdnow_sample", "cdnow_surveys", "online_retail", "store")
CURRENCY = {"cdnow": "USD", "cdnow_sample": "USD", "cdnow_surveys": None, "online_retail": "GBP", "store": "EUR"}
_CDNOW = ["customer_id", "ordered_at", "number_of_cds", "amount"]


@dataclass(frozen=True)
class Store:
    """Every table of the simulated shop."""

    orders: Dataset
    order_lines: Dataset
    subscriptions: Dataset
    surveys: Dataset
    visits: Dataset


def sample(name: str) -> Dataset | Store:
    """Data to try things on.

    Parameters
    ----------
    name : {"cdnow", "cdnow_sample", "cdnow_surveys", "online_retail", "store"}
        "cdnow": the real log of 69,659 purchases of 23,570 customers of a shop for music, January 1997 to June 1998;
        "cdnow_sample": its published tenth, 2,357 customers; "cdnow_surveys": simulated survey answers of CDNOW's
        customers; "online_retail": the real log of a British wholesaler of gifts, 1 December 2009 to 9 December 2011,
        5,939 customers of 41 countries, with returns and a strong autumn; "store": a simulated shop with every table.

    Returns
    -------
    Dataset or Store
        A `Dataset`; for "store" an object with the datasets orders, order_lines, subscriptions, surveys and visits.

    Raises
    ------
    ConfigError
        If there is no sample of that name.

    Notes
    -----
    CDNOW is the standard example of the field (Fader and Hardie, "Forecasting repeat sales at CDNOW: a case study",
    Interfaces 31, 2001); the file comes with the lifetimes package. Amounts are US dollars.

    Online Retail II is by Daqing Chen (UCI Machine Learning Repository, data set 502, 2012,
    https://doi.org/10.24432/C5CG6D), under the licence CC BY 4.0. Amounts are pounds. It comes with the package, summed
    up to days: a purchase is all that one customer bought on one day from one country, and `invoices` says in how many
    invoices; what they returned or had cancelled that day is a row of its own, a negative amount with 0 invoices. Lines
    without a customer, exact duplicates of lines, and prices of 0 or below were left out. Customers of before December
    2009 look new in its first months, and the last month is not complete.

    Examples
    --------
    >>> sample("cdnow").source.rows_read
    69659
    >>> sample("online_retail")
    <orders from online_retail: 40,619 rows read, 40,619 kept, 0 refused, 0 warnings>
    """
    if name not in NAMES:
        raise ConfigError(f"there is no sample {name!r}; samples are {', '.join(NAMES)}")
    if name == "store":
        return Store(*(table("store", t) for t in ("orders", "order_lines", "subscriptions", "surveys", "visits")))
    return table(name, "surveys" if name == "cdnow_surveys" else "orders")


@functools.cache
def table(name: str, which: str) -> Dataset:
    """One table of a sample."""
    if name == "store":
        return _store(which)
    if (name == "cdnow_surveys") != (which == "surveys") or which not in ("orders", "surveys"):
        raise DataError(f"the sample {name} has no {which}; {_OFFERS[name]}")
    if name == "cdnow_surveys":
        return _surveys()
    return _online_retail() if name == "online_retail" else _cdnow(name)


_OFFERS = {
    name: f"it is a table of {'surveys' if name == 'cdnow_surveys' else 'orders'}; sample 'store' has every table"
    for name in NAMES
}


def _cdnow(name: str) -> Dataset:
    """The order log from the lifetimes package, which is located without being imported."""
    complete = name == "cdnow"
    path = _lifetimes() / "datasets" / ("CDNOW_master.txt" if complete else "CDNOW_sample.txt")
    names = _CDNOW if complete else ["number_in_master", *_CDNOW]
    frame = pd.read_csv(path, sep=r"\s+", header=None, skiprows=1 if complete else 0, names=names, dtype=str)
    frame["number_of_cds"] = frame["number_of_cds"].astype("int64")
    frame = frame if complete else frame.drop(columns="customer_id").rename(columns={"number_in_master": "customer_id"})
    note = "days without a time of day; amounts in US dollars; customers by their number in the whole log"
    return _clean("orders", frame, name, CURRENCY[name], sha256=sha256(path), assumptions=(note,))


def _lifetimes() -> Path:
    """The folder of the lifetimes package; importing it would change an option of pandas."""
    package = importlib.util.find_spec("lifetimes")
    if package is None or not package.origin:
        raise DataError(
            "the sample cdnow is read out of the package lifetimes, which is not installed; pip install lifetimes"
        )
    return Path(package.origin).parent


def _online_retail() -> Dataset:
    """The wholesaler's days, each split into what was bought and what came back."""
    path = Path(__file__).with_name("online_retail.parquet")
    days = parquet.read_table(path).to_pandas().rename(columns={"day": "ordered_at", "orders": "invoices"})
    days["ordered_at"] = pd.to_datetime(days["ordered_at"])
    refunds = days[days["refunds"] > 0]
    refunds = refunds.assign(amount=-refunds["refunds"], invoices=0)
    frame = pd.concat([days[days["invoices"] > 0], refunds]).sort_values(["ordered_at", "customer_id"], kind="stable")
    frame = frame[["customer_id", "ordered_at", "amount", "invoices", "country"]].reset_index(drop=True)
    notes = (
        "days without a time of day; amounts in pounds; one purchase is what a customer bought on one day",
        "returns and cancellations are rows of their own, on their own day",
        "Online Retail II, Daqing Chen (2012), UCI Machine Learning Repository 502, CC BY 4.0, doi 10.24432/C5CG6D",
    )
    return _clean("orders", frame, "online_retail", CURRENCY["online_retail"], sha256=sha256(path), assumptions=notes)


def _surveys() -> Dataset:
    """Simulated answers of CDNOW's customers."""
    from retention_kit import simulate

    orders = table("cdnow", "orders").table
    customers = orders.group_by("customer_id").aggregate(
        orders=orders.count(), first_order=orders.ordered_at.min(), last_order=orders.ordered_at.max()
    )
    answers = simulate.cdnow_surveys(customers.order_by("customer_id").to_pandas())
    return _clean("surveys", answers, "cdnow_surveys", None, assumptions=("every answer is simulated",))


def _store(which: str) -> Dataset:
    """A table of the simulated shop."""
    from retention_kit import simulate

    currency = "EUR" if which in ("orders", "order_lines", "subscriptions") else None
    return _clean(which, simulate.store()[which], "store", currency, assumptions=("every row is simulated",))


def _clean(which: str, frame: pd.DataFrame, name: str, currency: str | None, **properties: Any) -> Dataset:
    raw = frames.read(frame, name, "sample", decimal=".", **properties)
    columns = match(schema.TABLES[which], raw.headers, None)
    prepared = Prepared(raw, schema.TABLES[which], {})
    return finish(judge(prepared, columns, Hints("UTC"), currency=currency, engine="duckdb"))
