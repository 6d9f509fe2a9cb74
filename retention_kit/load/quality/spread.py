"""The distribution of rows over time, of amounts by size, and of orders over customers."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit import schema
from retention_kit.errors import ConfigError
from retention_kit.load.dataset import Dataset

# names of periods, with their units in the engine and in pandas
_PERIODS = {"day": ("D", "D"), "week": ("W", "W-SUN"), "month": ("M", "M"), "quarter": ("Q", "Q"), "year": ("Y", "Y")}
# quantiles that describe the middle and both ends of a distribution
_SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def coverage(data: Dataset, *, period: str = "month") -> pd.DataFrame:
    """Rows by period, which show a missing month or an incomplete last day.

    Parameters
    ----------
    data : Dataset
        A table with a moment or a day: not order_lines.
    period : {"day", "week", "month", "quarter", "year"}
        Weeks start on Monday.

    Returns
    -------
    DataFrame
        Every period from the first to the last, also those without rows: period (Timestamp, start), rows, days (with at
        least one row), days_in_period, first_day, last_day, and customers and amount where the table has them.

    Examples
    --------
    >>> from retention_kit import load
    >>> coverage(load.sample("cdnow"))[["period", "rows", "customers", "days"]].head(2)
          period  rows  customers  days
    0 1997-01-01  8928       7846    31
    1 1997-02-01 11272       9633    28
    """
    if period not in _PERIODS:
        raise ConfigError(f"period must be one of {', '.join(_PERIODS)}, came {period!r}")
    unit, frequency = _PERIODS[period]
    moment = _moment(data)
    table = data.table.mutate(__day=moment.cast("date"))
    groups = table.group_by(period=moment.truncate(unit).cast("date"))
    measures = {
        "rows": table.count(),
        "days": table["__day"].nunique(),
        "first_day": table["__day"].min(),
        "last_day": table["__day"].max(),
    }
    if "customer_id" in table.columns:
        measures["customers"] = table.customer_id.nunique()
    if data.source.table == "orders":
        measures["amount"] = table.amount.sum().cast("float64")
    counted = groups.aggregate(**measures).to_pandas()
    for column in ("period", "first_day", "last_day"):
        counted[column] = pd.to_datetime(counted[column])
    every = pd.period_range(counted["period"].min(), counted["period"].max(), freq=frequency)
    periods = pd.DataFrame({"period": every.start_time, "days_in_period": (every.end_time - every.start_time).days + 1})
    periods["period"] = periods["period"].astype(counted["period"].dtype)
    periods = periods.merge(counted, on="period", how="left")
    counts = [c for c in ("rows", "days", "customers", "amount") if c in periods]
    periods[counts] = periods[counts].fillna(0)
    return periods.astype({c: "int64" for c in counts if c != "amount"})


def _moment(data: Dataset) -> ir.Value:
    columns = schema.TABLES[data.source.table].columns
    name = next((c.name for c in columns if c.required and c.type in ("timestamp", "date")), None)
    if name is None:
        raise ConfigError(f"{data.source.table} have no column of time")
    return data.table[name].cast("timestamp")


def amounts(data: Dataset) -> pd.DataFrame:
    """The distribution of the amounts in a few numbers.

    Parameters
    ----------
    data : Dataset
        Orders.

    Returns
    -------
    DataFrame
        Columns what, value: rows, refunds (below zero), zeros, total, mean, smallest, quantiles, largest.

    Examples
    --------
    >>> from retention_kit import load
    >>> amounts(load.sample("cdnow")).head(4)
          what      value
    0     rows   69659.00
    1  refunds       0.00
    2    zeros      80.00
    3    total 2500315.63
    """
    amount = data.table.amount
    # the median of the decimals 1.0001 … 4.0004 is 2.5002 in DuckDB, 2.5003 in Spark, and an error in PostgreSQL
    exact, number = amount.cast(schema.MONEY), amount.cast("float64")
    measures = {
        "rows": amount.count(),
        "refunds": (amount < 0).sum(),
        "zeros": (amount == 0).sum(),
        "total": exact.sum().cast("float64"),
        "mean": number.mean(),
        "smallest": number.min(),
        **{f"quantile {share:.0%}": number.quantile(share) for share in _SHARES},
        "largest": number.max(),
    }
    values = data.table.aggregate(**measures).to_pyarrow().to_pylist()[0]
    return pd.DataFrame({"what": list(values), "value": [float(v or 0) for v in values.values()]})


def histogram(data: Dataset, *, bins: int = 30) -> pd.DataFrame:
    """Orders by size, in bins of equal width up to the 99 % quantile; the last bin takes the rest.

    Parameters
    ----------
    data : Dataset
        Orders; refunds are not counted.
    bins : int
        Number of bins.

    Returns
    -------
    DataFrame
        Columns lower, upper (NaN for the last: open) and rows, every bin included.

    Examples
    --------
    >>> from retention_kit import load
    >>> histogram(load.sample("cdnow"), bins=3)["rows"].sum()
    np.int64(69659)
    """
    table = data.table.filter(data.table.amount >= 0)
    number = table.amount.cast("float64")
    top = table.aggregate(top=number.quantile(0.99)).to_pyarrow().to_pylist()[0]["top"] or 1.0
    width = top / (bins - 1)
    bin_number = (number / width).floor().cast("int64")
    table = table.mutate(bin=ibis.least(bin_number, bins - 1))
    counted = table.group_by("bin").aggregate(rows=table.count()).to_pandas().set_index("bin")["rows"]
    rows = counted.reindex(range(bins), fill_value=0).to_numpy()
    lower = [i * width for i in range(bins)]
    return pd.DataFrame({"lower": lower, "upper": [*lower[1:], float("nan")], "rows": rows})


def orders_per_customer(data: Dataset, *, most: int = 5) -> pd.DataFrame:
    """Customers by their number of orders; the first row holds the one-time buyers.

    Parameters
    ----------
    data : Dataset
        Orders; refunds are not counted.
    most : int
        The last row holds customers with that many orders or more.

    Returns
    -------
    DataFrame
        Columns orders (1 to `most`), customers and share.

    Examples
    --------
    >>> from retention_kit import load
    >>> orders_per_customer(load.sample("cdnow")).round(3).head(2)
       orders  customers  share
    0       1      11908  0.505
    1       2       4079  0.173
    """
    table = data.table.filter(data.table.amount >= 0)
    per_customer = table.group_by("customer_id").aggregate(orders=table.count())
    per_customer = per_customer.mutate(orders=ibis.least(per_customer.orders, most))
    counted = (
        per_customer.group_by("orders")
        .aggregate(customers=per_customer.count())
        .to_pandas()
        .set_index("orders")["customers"]
    )
    customers = counted.reindex(range(1, most + 1), fill_value=0)
    share = customers / customers.sum()
    return pd.DataFrame({"orders": customers.index, "customers": customers.to_numpy(), "share": share.to_numpy()})
