"""The value of the bands of a survey: revenue so far, and the value that models expect."""

from __future__ import annotations

import datetime as dt
from statistics import NormalDist

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import described
from retention_kit.errors import DataError
from retention_kit.load.sources.engine import where_tested
from retention_kit.summarise.answers.band_behaviour import mean_interval
from retention_kit.summarise.answers.survey_answers import BAND_NAMES, one_per_customer
from retention_kit.summarise.common.matching_ids import warn_where_few_meet
from retention_kit.summarise.common.order_log import Orders

SILENT = "no answer"


def band_value(
    surveys: Orders,
    customers: ir.Table | pd.DataFrame,
    *,
    as_of: str | dt.date,
    kind: str = "nps",
    since: str | dt.date | None = None,
    value: str = "lifetime_value",
    scale: int | None = None,
) -> pd.DataFrame:
    r"""Revenue and expected value of each band, and its share of the revenue.

    Parameters
    ----------
    surveys : Dataset, Ibis table or DataFrame
        The answers, with customer_id.
    customers : Ibis table or DataFrame
        Customer table with customer_id and revenue; the columns probability_alive, `value`, `value`_low and
        `value`_high are read too if they exist.
    as_of : str or date
        Last day of answers that count.
    kind : {"nps", "csat", "ces"}
        Kind of survey.
    since : str or date, optional
        First day of answers that count.
    value : str
        Column with the expected value of each customer, from a fitted model.
    scale : int, optional
        Highest score of the question: csat 3 to 10, usually 5; ces 5 or 7, usually 7.

    Returns
    -------
    DataFrame
        One row per band, best first, and one for customers without an answer: band, customers, revenue,
        customer_share and revenue_share (of all customers), answered_share (of the revenue of those who answered) with
        its 95 % interval share_low, share_high (NaN where one band has all of it), revenue_per_customer with
        revenue_low, revenue_high; then, if available, the mean probability_alive and the sums of `value`, `value`_low,
        `value`_high.

    Raises
    ------
    DataError
        When columns are missing.

    Notes
    -----
    .. math:: s_b = \frac{\sum_{i \in b} v_i}{\sum_i v_i}, \quad
        var(s_b) = \frac{(1 - s_b)^2 \sum_{i \in b} v_i^2 + s_b^2 \sum_{i \notin b} v_i^2}{(\sum_i v_i)^2}

    The interval treats those who answered as a sample of customers; they may differ from those who did not. Customers
    are in the band of their last answer. Sums of low and high assume that the errors of all customers go together,
    which tends to make the interval too wide.

    Examples
    --------
    >>> asked = pd.DataFrame({"answered_at": pd.to_datetime(["2024-01-05", "2024-01-09"]), "score": [10, 3]})
    >>> asked = asked.assign(kind="nps", customer_id=["ada", "bo"])
    >>> people = pd.DataFrame({"customer_id": ["ada", "bo", "cy"], "revenue": [75.0, 25.0, 100.0]})
    >>> band_value(asked, people, as_of="2024-01-31")[["band", "customers", "revenue_share", "answered_share"]]
             band  customers  revenue_share  answered_share
    0   promoters          1          0.375            0.75
    1    passives          0          0.000            0.00
    2  detractors          1          0.125            0.25
    3   no answer          1          0.500             NaN
    """
    if not isinstance(customers, pd.DataFrame | ir.Table):
        raise DataError(f"customers must be a DataFrame or an Ibis table; got {described(customers)}")
    if missing := [name for name in ("customer_id", "revenue") if name not in customers.columns]:
        raise DataError(
            f"band_value needs customer_id and revenue; missing: {', '.join(missing)}. See summarise.customers."
        )
    extra = [
        name for name in ("probability_alive", value, f"{value}_low", f"{value}_high") if name in customers.columns
    ]
    columns = ["customer_id", "revenue", *extra]
    rows = ibis.memtable(customers[columns]) if isinstance(customers, pd.DataFrame) else where_tested(customers)
    everyone = rows.select(*columns)
    people = one_per_customer(surveys, as_of=as_of, kind=kind, since=since, which="last", scale=scale)
    warn_where_few_meet(people, everyone, "customer_id", whose="customers who answered", where="the customers")
    sums = _sums(everyone.left_join(people, "customer_id"), extra)
    table = sums.set_index("band").reindex([*BAND_NAMES[kind], SILENT]).rename_axis("band").reset_index()
    counted = [name for name in table.columns if name not in ("band", "probability_alive")]
    return _with_shares(table.fillna(dict.fromkeys(counted, 0)).astype({"customers": "int64"}), extra)


def _sums(rows: ir.Table, extra: list[str]) -> pd.DataFrame:
    """Customers, money and its squares, and the sums of the expected values, per band."""
    rows = rows.mutate(band=rows.band.fill_null(SILENT), money=rows.revenue.cast("float64"))
    expected = {
        name: rows[name].mean() if name == "probability_alive" else rows[name].cast("float64").sum() for name in extra
    }
    sums = rows.group_by("band").agg(
        customers=rows.count(), revenue=rows.money.sum(), squares=(rows.money * rows.money).sum(), **expected
    )
    table: pd.DataFrame = sums.to_pandas()
    return table


def _with_shares(table: pd.DataFrame, extra: list[str]) -> pd.DataFrame:
    answered = table["band"] != SILENT
    revenue, squares = table["revenue"].where(answered), table["squares"].where(answered)
    share = revenue / revenue.sum()
    variance = ((1 - share) ** 2 * squares + share**2 * (squares.sum() - squares)) / revenue.sum() ** 2
    # a share of 0 or 1 has no spread to measure
    half = NormalDist().inv_cdf(0.975) * variance.where(variance > 0) ** 0.5
    mean, mean_low, mean_high = mean_interval(table["revenue"], table["squares"], table["customers"])
    table = table.assign(
        customer_share=table["customers"] / table["customers"].sum(),
        revenue_share=table["revenue"] / table["revenue"].sum(),
        answered_share=share,
        share_low=(share - half).clip(lower=0),
        share_high=(share + half).clip(upper=1),
        revenue_per_customer=mean,
        revenue_low=mean_low,
        revenue_high=mean_high,
    )
    back = [name for name in table.columns if name not in (*extra, "squares")]
    return table[[*back, *extra]]
