"""How often a month names anything where nothing changes, whether a real change of 15 % is named, what intervals hold.

    python benchmarks/what_moved.py [seeds]
    python benchmarks/what_moved.py intervals [seeds]
    python benchmarks/what_moved.py cost [orders]

The shops are those of `constant_shop.py`: in balance, 24 months of log. The reports of months 13 to 24 judge every
number of the scorecard and every cause of the change of revenue as one family: `metrics.scorecard`,
`metrics.revenue_causes`, `report.numbers.verdicts`. Intervals of causes are counted against the year before, whose
month has as many days, so that the truth is no change; February is left out, as 2024 has a leap day, and so is the shop
with weekends, whose months have other numbers of them. Then the last month really changes: customers order 15 % more
often, or prices rise by 15 %.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from constant_shop import FIRST, MIME, SHOPS, Shop, orders
from sections import machine, write_section

from retention_kit import load, metrics, tables
from retention_kit.report.numbers.measures import find
from retention_kit.report.numbers.verdicts import Verdicts, verdicts

CHANGES = {"15 % more often": {"often": 1.15}, "15 % dearer": {"dearer": 1.15}}


def months(log: pd.DataFrame, numbers: range) -> Iterator[tuple[Verdicts, pd.DataFrame]]:
    """The verdicts and the causes in the reports of these months of the log, from 1."""
    table = load.orders(log).table.cache()
    for month in numbers:
        as_of = (FIRST + pd.DateOffset(months=month) - pd.Timedelta(days=1)).date()
        bundle = tables.numbers(metrics.scorecard(table, as_of=as_of, lapse_after=180))._repr_mimebundle_()
        node: dict[str, Any] = {"cells": [{"outputs": [{"data": {MIME: bundle[MIME]}}]}]}
        causes = metrics.revenue_causes(table, as_of=as_of)
        yield verdicts(find([("01_overview", "Overview", node)]), causes), causes


def held(causes: pd.DataFrame) -> pd.DataFrame:
    """For each part of the change against the year before: whether its interval holds no change."""
    rows = causes[(causes["against"] == "last_year") & causes["low"].notna()]
    return pd.DataFrame({"part": rows["part"], "held": (rows["low"] <= 0) & (rows["high"] >= 0)})


def is_fair(shop: Shop, month: int) -> bool:
    """Whether the month has the same calendar as the one a year before, as far as it matters for the shop."""
    return month % 12 != 2 and shop.weekend == 1


def intervals(seeds: int) -> str:
    """Coverage of the intervals of causes, with the sampling error between shops: months of a shop share customers."""
    tables_of = []
    for shop in SHOPS:
        for seed in range(100, 100 + seeds):
            table = load.orders(orders(shop, seed)).table.cache()
            for month in range(13, 25):
                if is_fair(shop, month):
                    as_of = (FIRST + pd.DateOffset(months=month) - pd.Timedelta(days=1)).date()
                    tables_of.append(held(metrics.revenue_causes(table, as_of=as_of)).assign(shop=shop.name, seed=seed))
        print(shop.name, flush=True)
    every = pd.concat(tables_of)
    by_shop = every.groupby(["part", "shop", "seed"])["held"].mean().groupby("part").agg(["mean", "sem"])
    lines = ["| 95 % interval of | holds no change in | sampling error | months |", "|---|---|---|---|"]
    counts = every.groupby("part").size()
    for part, row in by_shop.iterrows():
        lines.append(f"| {part} | {100 * row['mean']:.1f} % | {100 * row['sem']:.1f} | {counts[part]:,} |")
    return "\n".join(lines)


def named(judged: Verdicts, against: str | None = None) -> bool:
    """Whether a month names any number or cause."""
    items = [*judged.numbers.items(), *judged.causes.items()]
    return any(verdict.sure for key, verdict in items if against is None or against in key)


def constant(shop: Shop, seeds: int) -> tuple[int, int, int]:
    """Months, those that name anything, and p values."""
    count = names = family = 0
    for seed in range(seeds):
        for judged, _ in months(orders(shop, seed), range(13, 25)):
            count, names, family = count + 1, names + named(judged), family + judged.family
    return count, names, family


def changed(shop: Shop, seeds: int, how: dict[str, float]) -> tuple[int, int]:
    """Shops, and those whose last month names something since the month before."""
    found = [
        named(judged, "previous") for s in range(seeds) for judged, _ in months(orders(shop, s, **how), range(24, 25))
    ]
    return len(found), sum(found)


def cost(rows: int) -> str:
    """Processor seconds of the causes, from a table in the engine."""
    rng = np.random.default_rng(1)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 1095, rows), "D")
    ids = rng.zipf(1.3, rows) % (rows // 5)
    frame = pd.DataFrame(
        {"customer_id": ids.astype(str), "ordered_at": days, "amount": rng.gamma(2, 20, rows).round(2)}
    )
    frame["country"] = rng.choice(["PL", "TW", "US"], rows)
    texts = []
    for name, data, as_of, by in (
        ("CDNOW", "cdnow", "1998-06-30", None),
        (f"{rows:,} orders", frame, "2025-12-31", "country"),
    ):
        table = load.orders(data).table.cache()
        metrics.revenue_causes(table, as_of=as_of, by=by)  # the first call imports and starts the engine
        before = os.times()
        metrics.revenue_causes(table, as_of=as_of, by=by)
        after = os.times()
        texts.append(f"{name} {after.user + after.system - before.user - before.system:.2f}")
    return f"`metrics.revenue_causes`, processor seconds: {', '.join(texts)}."


def main(seeds: int = 8) -> None:
    """Print and store the study."""
    lines = [
        "| shop | orders a month | months | p values a month | months that name anything |",
        "|---|---|---|---|---|",
    ]
    all_months = all_named = 0
    for shop in SHOPS:
        count, names, family = constant(shop, seeds)
        all_months, all_named = all_months + count, all_named + names
        size = np.mean([len(orders(shop, seed)) / 24 for seed in range(2)])
        lines.append(f"| {shop.name} | {size:,.0f} | {count} | {family / count:.0f} | {100 * names / count:.1f} % |")
        print(lines[-1], flush=True)
    error = math.sqrt(0.1 * 0.9 / all_months)
    lines.append(
        f"| all | | {all_months} | | {100 * all_named / all_months:.1f} % (sampling error {100 * error:.1f}) |"
    )
    lines += ["", "| shop | " + " | ".join(CHANGES) + " |", "|---|" + "---|" * len(CHANGES)]
    for shop in SHOPS:
        hits = [changed(shop, 2 * seeds, how) for how in CHANGES.values()]
        lines.append(f"| {shop.name} | " + " | ".join(f"named in {k} of {n}" for n, k in hits) + " |")
        print(lines[-1], flush=True)
    text = "\n".join([f"`python benchmarks/what_moved.py {seeds}`; {machine()}", "", *lines, "", cost(1_000_000)])
    print(text)
    write_section("what moved", text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["cost"]:
        print(cost(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000))
    elif sys.argv[1:2] == ["intervals"]:
        seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 25
        about = f"`python benchmarks/what_moved.py intervals {seeds}`; {machine()}"
        write_section("intervals of what moved", f"{about}\n\n{intervals(seeds)}")
    else:
        main(*map(int, sys.argv[1:2]))
