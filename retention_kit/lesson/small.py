"""Data small enough to count by eye; lessons and their exercises use the same rows."""

from __future__ import annotations

import pandas as pd

__all__ = ["five_customers"]


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
