"""Data small enough to count by eye; lessons and their exercises use the same rows."""

from __future__ import annotations

import pandas as pd


def five_customers() -> pd.DataFrame:
    """Orders of five customers in the first quarter of 2024, with a refund and two orders on one day.

    Returns
    -------
    DataFrame
        customer_id, ordered_at, amount: the orders table of the schema.

    Examples
    --------
    >>> five_customers().groupby("customer_id")["amount"].agg(["size", "sum"])
                 size   sum
    customer_id
    Ada             5  80.0
    Bo              1  40.0
    Cy              3  40.0
    Dee             2  95.0
    Eli             1  22.0
    """
    rows = [
        ("Ada", "2024-01-03 09:10", 20.0),
        ("Ada", "2024-01-03 18:45", 15.0),
        ("Bo", "2024-01-17 12:00", 40.0),
        ("Ada", "2024-01-24 08:30", 30.0),
        ("Cy", "2024-02-07 21:15", 10.0),
        ("Cy", "2024-02-09 07:50", 12.0),
        ("Dee", "2024-02-20 13:05", 50.0),
        ("Dee", "2024-03-05 16:20", 45.0),
        ("Ada", "2024-03-06 10:40", 25.0),
        ("Eli", "2024-03-12 19:30", 22.0),
        ("Ada", "2024-03-13 11:00", -10.0),
        ("Cy", "2024-03-27 15:55", 18.0),
    ]
    log = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    return log.astype({"ordered_at": "datetime64[us]"})


def ten_members() -> pd.DataFrame:
    """Subscriptions of a coffee club that has ten members on 1 March 2024, and what March does to them.

    Returns
    -------
    DataFrame
        customer_id, subscription_id, started_at, ended_at (missing: running), mrr.

    Examples
    --------
    >>> club = ten_members()
    >>> there = (club["started_at"] < "2024-03-01") & ~(club["ended_at"] <= "2024-03-01")
    >>> int(there.sum()), float(club["mrr"][there].sum())
    (10, 200.0)
    """
    rows = [
        ("Ada", "2023-06-01", None, 20.0),
        ("Bo", "2023-09-01", None, 20.0),
        ("Cy", "2023-05-01", None, 20.0),
        ("Dee", "2023-11-01", "2024-03-15", 20.0),
        ("Dee", "2024-03-15", None, 50.0),
        ("Eli", "2023-12-01", "2024-03-10", 40.0),
        ("Eli", "2024-03-10", None, 20.0),
        ("Fay", "2024-01-05", None, 10.0),
        ("Gus", "2024-01-20", None, 20.0),
        ("Hal", "2024-02-01", "2024-03-05", 10.0),
        ("Ida", "2023-08-01", "2024-03-12", 20.0),
        ("Jo", "2023-10-01", "2024-03-28", 20.0),
        ("Kim", "2024-03-04", None, 10.0),
        ("Lou", "2024-03-11", None, 20.0),
        ("Mo", "2024-03-18", None, 10.0),
        ("Ned", "2024-03-02", "2024-03-20", 10.0),
        ("Oz", "2023-06-01", "2023-12-01", 20.0),
        ("Oz", "2024-03-25", None, 10.0),
    ]
    club = pd.DataFrame(rows, columns=["customer_id", "started_at", "ended_at", "mrr"])
    club.insert(1, "subscription_id", club["customer_id"] + "-" + club["started_at"].str[:4])
    club.loc[club["customer_id"].isin(["Dee", "Eli"]), "subscription_id"] = club["customer_id"] + "-2023"
    return club.astype({"started_at": "datetime64[us]", "ended_at": "datetime64[us]"})


def ten_shoppers() -> pd.DataFrame:
    """What ten customers of a shop ordered in March 2024.

    Returns
    -------
    DataFrame
        customer_id, orders, revenue.

    Examples
    --------
    >>> ten_shoppers()[["orders", "revenue"]].sum().tolist()
    [18.0, 900.0]
    """
    names = ["Ann", "Ben", "Cat", "Dan", "Eve", "Fox", "Gil", "Hua", "Ivo", "Joy"]
    orders = [1, 1, 2, 1, 3, 1, 5, 1, 2, 1]
    revenue = [30.0, 20.0, 80.0, 40.0, 150.0, 25.0, 400.0, 35.0, 90.0, 30.0]
    return pd.DataFrame({"customer_id": names, "orders": orders, "revenue": revenue})


def ten_customers() -> pd.DataFrame:
    """Ten customers as RFM sees them: how long ago, how often, how much.

    Returns
    -------
    DataFrame
        customer_id, days_since_last, orders, revenue.

    Examples
    --------
    >>> ten_customers().nlargest(1, "orders")["customer_id"].item()
    'Ann'
    """
    rows = [
        ("Ann", 5, 12, 410.0),
        ("Ben", 200, 1, 30.0),
        ("Cat", 40, 3, 95.0),
        ("Dan", 12, 1, 60.0),
        ("Eve", 90, 8, 300.0),
        ("Fox", 330, 2, 45.0),
        ("Gil", 3, 4, 120.0),
        ("Hua", 150, 5, 220.0),
        ("Ivo", 25, 1, 20.0),
        ("Joy", 60, 2, 80.0),
    ]
    return pd.DataFrame(rows, columns=["customer_id", "days_since_last", "orders", "revenue"])


def twenty_answers() -> pd.DataFrame:
    """Twenty people were asked in June 2024 whether they would recommend the shop; two of them did not answer.

    Returns
    -------
    DataFrame
        answered_at, kind, score: the surveys table of the schema.

    Examples
    --------
    >>> int(twenty_answers()["score"].notna().sum())
    18
    """
    nothing = float("nan")
    scores = [10, 9, 9, 10, 8, 7, 9, 3, 6, 10, 8, 0, 9, 7, 5, 10, nothing, nothing, 9, 8]
    days = pd.date_range("2024-06-03", periods=len(scores), unit="us")
    return pd.DataFrame({"answered_at": days, "kind": "nps", "score": scores})
