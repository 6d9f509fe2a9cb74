"""A report of shops of the nastiest shapes: each of their pages is there, and no missing number is printed.

They are segments of one report, each of which has the pages of a report of its own.
Run from the repository: python benchmarks/strange_shops.py
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from random_shops import printed
from sections import machine, write_section

from retention_kit import report
from retention_kit.report.notebooks.splitting import folders
from retention_kit.report.run import Month
from retention_kit.report.settings.config import Config

MONTH: Final = "2024-06"
END: Final = pd.Timestamp("2024-06-30")
PAGES: Final = {
    "00_data_quality",
    "01_overview",
    "02_cohorts",
    "03_rfm",
    "04_lifetime_value",
    "07_forecast",
    "analyst",
    "index",
}


def shop(days_ago: Any, amounts: Any = 20.0, people: int | None = None) -> pd.DataFrame:
    """Orders so many days before the end of the month; customers in turn where only their number is given."""
    days_ago = np.atleast_1d(days_ago)
    who = np.arange(len(days_ago)) if people is None else np.arange(len(days_ago)) % people
    return pd.DataFrame(
        {"customer_id": who, "ordered_at": END - pd.to_timedelta(days_ago, unit="D"), "amount": amounts}
    )


def spread(n: int, days: int, seed: int = 1) -> Any:
    """The days of n orders, the last of them in the month."""
    return np.append(np.random.default_rng(seed).integers(0, days, n - 1), 3)


def amounts(n: int, seed: int = 2) -> Any:
    """Amounts of n orders."""
    return np.random.default_rng(seed).gamma(2.0, 20.0, n).round(2)


def often_refunded() -> pd.DataFrame:
    """Every other row is a refund."""
    table = shop(spread(120, 500), amounts(120), people=30)
    return table.assign(amount=table["amount"].where(table.index % 2 == 0, -table["amount"]))


def repeats_refunded() -> pd.DataFrame:
    """Everyone bought again, and everyone got it back."""
    first = shop([400] * 20, 20.0)
    return pd.concat([first, shop([200] * 20), shop([100] * 20, -20.0), shop([3] * 20), shop([2] * 20, -20.0)])


SHOPS: Final = {
    "first order on the last day": shop(0),
    "first month": shop(spread(40, 29), amounts(40)),
    "first month, all on one day": shop([5] * 60, amounts(60), people=20),
    "Basic $5 to Pro $10": shop(spread(90, 50), amounts(90), people=40),  # two months old
    "five months": shop(spread(200, 150), amounts(200), people=80),
    "seven months": shop(spread(200, 210), amounts(200), people=80),
    "everyone twice": shop(
        [300 + i % 60 for i in range(60)] + [3 + i % 90 for i in range(60)], amounts(120), people=60
    ),
    "nobody twice": shop(spread(150, 700), amounts(150)),
    "one price": shop(spread(300, 700), 19.99, people=120),
    "one price, nobody twice": shop(spread(60, 400), 0.1),
    "one customer": shop(spread(200, 700), amounts(200), people=1),
    "one customer, two orders": shop([700, 3], [5.0, 9.0], people=1),
    "one customer every day": shop(range(100), 7.77, people=1),
    "for nothing": shop(spread(60, 300), 0.0, people=20),
    r"$\frac$ a": often_refunded(),
    "_refunded": repeats_refunded(),
    "台灣": shop(spread(150, 500), (np.random.default_rng(3).pareto(0.6, 150) * 10 + 0.01).round(2), people=60),
    "three repeat": shop([*range(3, 186, 3), 90, 60, 30], amounts(64), people=61),
    "long asleep": shop([*([900] * 30), *([880] * 30), 3], amounts(61), people=30),
    "like a clock": shop([i * 30 for i in range(20)] * 5, 12.5, people=100),
}


def month_of(shops: Iterable[str], folder: Path) -> Month:
    """The report of these shops, made in the folder."""
    orders = pd.concat([SHOPS[name].assign(country=name) for name in shops], ignore_index=True)
    orders["customer_id"] = orders["country"] + " " + orders["customer_id"].astype(str)
    orders.to_csv(folder / "orders.csv", index=False)
    config = Config(
        orders=str(folder / "orders.csv"),
        split_by="country",
        output=folder / "reports",
        currency="EUR",
        parameters={"draws": 20},
    )
    (month,) = report.run(config, months=[MONTH])
    return month


def faults(month: Month, shops: Iterable[str]) -> list[str]:
    """Pages that failed or are not there, and missing numbers that were printed."""
    found = [f"{name} failed in cell {failure.cell}: {failure.cause}" for name, failure in month.failures.items()]
    for part in ("", *folders("country", list(shops)).values()):
        there = {path.stem for path in (month.index.parent / part).glob("*.html")}
        found += [f"{part} lacks {name}" for name in sorted(PAGES - there)]
    return found + list(printed(month.index.parent))


def main() -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = faults(month_of(SHOPS, Path(folder)), SHOPS)
    text = f"{len(SHOPS)} shops: {len(found)} faults, {time.monotonic() - began:.0f} s. {machine()}\n"
    write_section("Reports of strange shops", text + "".join(f"\n* {fault}" for fault in found))


if __name__ == "__main__":
    main()
