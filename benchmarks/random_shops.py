"""Reports of random shops: no page is lost for what one of its blocks cannot say, and no missing number is printed.

Shops of 1 to 2,000 orders in 1 day to 4 years: one price or many, one customer or many, refunds, everyone or nobody
bought twice, odd names of countries, segments, surveys, subscriptions, fields left out. Of each a report month is made
by the real machine; it must have no page under failed/, and no NaN, None or inf as a number on a page or in a CSV.
Run from the repository: python benchmarks/random_shops.py [shops] [first seed]
"""

from __future__ import annotations

import contextlib
import html
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from bs4 import BeautifulSoup
from sections import machine, write_section

from retention_kit import report
from retention_kit.report.settings.config import Config

COUNTRIES: Final = ("PL", "US", "台灣", "波蘭", "Basic $5 to Pro $10", r"$\frac$ a", "_none", "")
NO_NUMBER: Final = re.compile(r"(?<![\w/.-])(nan|NaN|NaT|None|inf|-inf|<NA>)(?![\w/-])")
"""How a missing or endless number looks where it was printed as it is."""
CODE: Final = re.compile(r"<(style|script|pre|code)\b.*?</\1>", re.DOTALL)
"""Parts of a page that are no text of the report."""


@dataclass
class Shop:
    """A random shop: its tables, the month of its report, and how the report is asked for."""

    name: str
    orders: pd.DataFrame
    month: str
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


def shop(seed: int) -> Shop:
    """The shop of this seed."""
    rng = np.random.default_rng(seed)
    n = int(np.exp(rng.uniform(0, np.log(2000))))
    days = int(np.exp(rng.uniform(0, np.log(1461))))
    people = {0: 1, 1: n, 2: max(1, n // 2)}.get(int(rng.integers(6)), max(1, int(n ** rng.uniform(0.3, 1))))
    first = pd.Timestamp("2022-01-01") + pd.Timedelta(days=int(rng.integers(365)))
    habit = rng.gamma(rng.choice([0.3, 1.0, 20.0]), size=people) + 1e-9
    who = rng.permutation(n) % people if rng.random() < 0.3 else rng.choice(people, n, p=habit / habit.sum())
    spread = rng.choice([1.0, 0.3, 3.0])  # even, early or late
    when = first + pd.to_timedelta(np.sort((rng.random(n) ** spread) * days * 24 * 60).astype(int), unit="min")
    prices = {0: np.full(n, rng.choice([9.99, 19.9, 0.1, 10.0, 7.77])), 1: rng.choice([5.0, 20.0, 100.0], n),
              2: rng.pareto(0.8, n) * 10 + 0.01}  # fmt: skip
    amount = prices.get(int(rng.integers(5)), rng.gamma(2.0, 20.0, n)).round(2)
    if rng.random() < 0.3:  # refunds
        amount = np.where(rng.random(n) < rng.choice([0.05, 0.5]), -amount, amount)
    if rng.random() < 0.1:  # given away
        amount = np.where(rng.random(n) < rng.choice([0.1, 1.0]), 0.0, amount)
    orders = pd.DataFrame({"customer_id": [f"c{w}" for w in who], "ordered_at": when, "amount": amount})
    options: dict[str, Any] = {}
    if rng.random() < 0.4:
        names = rng.choice(COUNTRIES, int(rng.integers(1, 5)), replace=False)
        orders["country"] = rng.choice(names, people)[who]
        if rng.random() < 0.3:
            options["split_by"] = "country"
    if not (orders["amount"] >= 0).any():
        orders.loc[0, "amount"] = 1.0  # only refunds make no shop
    first_order = orders.loc[orders["amount"] >= 0, "ordered_at"].min()
    months = orders.loc[orders["ordered_at"] >= first_order, "ordered_at"].dt.strftime("%Y-%m")
    month = str(rng.choice(sorted(set(months)))) if rng.random() < 0.5 else months.max()
    made = Shop(f"seed {seed}: {n} orders, {people} customers, {days} days", orders, month, options=options)
    if rng.random() < 0.2:
        made.tables["surveys"] = _surveys(orders, rng)
    if rng.random() < 0.2:
        made.tables["subscriptions"] = _subscriptions(first, days, people, rng)
    return made


def _surveys(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    asked = orders.sample(frac=float(rng.uniform(0.05, 1)), random_state=int(rng.integers(1000)))
    score = rng.integers(0, 11, len(asked)) if rng.random() < 0.7 else np.full(len(asked), int(rng.integers(0, 11)))
    days = pd.to_timedelta(rng.integers(0, 20, len(asked)), unit="D")
    table = {"customer_id": asked["customer_id"], "answered_at": asked["ordered_at"] + days, "kind": "nps"}
    return pd.DataFrame(table | {"score": score, "channel": rng.choice(["mail", "web"], len(asked))})


def _subscriptions(first: pd.Timestamp, days: int, people: int, rng: np.random.Generator) -> pd.DataFrame:
    n = min(people, 200)
    started = first + pd.to_timedelta(rng.integers(0, days, n), unit="D")
    ended = pd.Series(started + pd.to_timedelta(rng.integers(1, 400, n), unit="D")).where(rng.random(n) < 0.5)
    table = {"customer_id": [f"c{i}" for i in range(n)], "subscription_id": range(n), "started_at": started}
    plans = rng.choice(["Small", "Pro $10"], n)
    return pd.DataFrame(table | {"ended_at": ended, "mrr": rng.choice([5.0, 10.0], n), "plan": plans})


def faults(shop: Shop, folder: Path) -> list[str]:
    """What is wrong with the report of this shop, which is made in the folder."""
    shop.orders.to_csv(folder / "orders.csv", index=False)
    for name, table in shop.tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    sources = {name: str(folder / f"{name}.csv") for name in ("orders", *shop.tables)}
    config = Config(**sources, output=folder / "reports", currency="EUR", **shop.options)
    try:
        (made,) = report.run(config, months=[shop.month])
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    lost = [f"{name} failed in cell {failure.cell}: {failure.cause}" for name, failure in made.failures.items()]
    return lost + list(printed(made.index.parent))


def printed(folder: Path) -> Iterator[str]:
    """Missing numbers that stand on pages and in the tables as words of Python."""
    for path in sorted(folder.rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        if not NO_NUMBER.search(html.unescape(CODE.sub("", page))):  # most pages need not be parsed
            continue
        tree = BeautifulSoup(page, "html.parser")
        for code in tree(["style", "script", "pre", "code", "details"]):
            code.decompose()
        texts = [tree.get_text("\n"), *(image.get("alt", "") for image in tree.find_all("img"))]
        for text in texts:
            for line in text.splitlines():
                if NO_NUMBER.search(line):
                    yield f"{path.relative_to(folder)}: {line.strip()[:120]}"
    for path in sorted(folder.rglob("*.csv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if NO_NUMBER.search(line):
                yield f"{path.relative_to(folder)}: {line[:120]}"


def main(shops: int = 500, first: int = 0) -> None:
    began, wrong = time.monotonic(), {}
    for seed in range(first, first + shops):
        made = shop(seed)
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), contextlib.suppress(KeyboardInterrupt):
            warnings.simplefilter("ignore")
            found = faults(made, Path(folder))
        print(
            f"{made.name}, {made.month} {made.options}: {time.monotonic() - started:.1f} s",
            *found,
            sep="\n    ",
            flush=True,
        )
        if found:
            wrong[made.name] = found
    text = f"{shops} shops from seed {first}: {len(wrong)} with faults, {time.monotonic() - began:.0f} s. {machine()}\n"
    text += "".join(f"\n* {name}: {'; '.join(found)}" for name, found in wrong.items())
    write_section("Reports of random shops", text)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
