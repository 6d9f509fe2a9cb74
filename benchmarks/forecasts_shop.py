"""Do intervals of a whole shop and of recurring revenue hold? Every past origin, with what was known there.

    python benchmarks/forecasts_shop.py

The shop: known customers, those who will come, and both, on Online Retail II and the simulated store, with origins from
day 180 and 60 days apart, at 30, 91 and 182 days; purchases and revenue. Recurring revenue: 24 simulated businesses of
four years, whose rates are known but never stand still (growth, price, churn and sign-ups move by random walks that
return to their mean), with origins from the sixth month on, at 1, 3 and 12 months. 90 % intervals should hold in 83 to
98 %. Widths are compared with those of ±1.645 times the root mean square of the log errors, which nobody can know
beforehand.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
import pandas as pd
from sections import machine, write_section

from retention_kit import load, models, summarise
from retention_kit.models.outlook.own_record import Quantity
from retention_kit.models.outlook.recurring_parts import END, MONTH, MOVEMENTS, recurring
from retention_kit.models.outlook.shop_parts import COUNT, KNOWN, NEW, WHOLE, shop_parts, steps_of
from retention_kit.models.totals.request import MODELS, replayed

HORIZONS, LEVEL, STEP = (30, 91, 182), 0.9, 60
MONTHS, BUSINESSES, LENGTH = (1, 3, 12), 24, 48


def graded(quantity: Quantity, horizon: float, wanted: np.ndarray) -> pd.DataFrame:
    """Whether each interval held, its reach on the log scale, and the log error."""
    errors, lines = quantity.errors(horizon), []
    for i in np.flatnonzero(np.isfinite(errors) & wanted):
        low, high = quantity.ends(i, horizon, LEVEL)
        actual, half = max(quantity.actual[horizon][i], 0.0), quantity.half[i]
        reach = np.log((high + half) / (low + half)) / 2
        lines.append({"held": low <= actual <= high, "reach": reach, "error": errors[i]})
    return pd.DataFrame(lines)


def shops() -> pd.DataFrame:
    """One row per log, measure, part, horizon and origin."""
    tables = []
    logs = {"Online Retail II": load.sample("online_retail"), "store": load.sample("store").orders}
    for log, orders in logs.items():
        last = orders.table.filter(orders.table.amount >= 0).ordered_at.max().to_pandas()
        for measure in ("purchases", "revenue"):
            past, _ = replayed(
                orders,
                as_of=pd.Timestamp(last).date(),
                horizon=[*steps_of(91), 182],
                origins=99,
                models=MODELS,
                measure=measure,
                by=None,
                level=LEVEL,
                unit="week",
                grain="day",
            )
            shop = shop_parts(past, steps_of(91))
            day = past.origins - past.past.start
            graded_days = (day >= 180) & ((day - 180) % STEP == 0)
            for h in HORIZONS:
                for part in (KNOWN, NEW, COUNT, WHOLE):
                    table = graded(shop.quantities[part], float(h), graded_days)
                    tables.append(table.assign(log=log, measure=measure, part=part, horizon=h))
                rules = {name: by_horizon[float(h)] for name, by_horizon in shop.rules.items()}
                actual = shop.quantities[WHOLE].actual[float(h)]
                for name, expected in rules.items():
                    error = np.log(actual / expected)[graded_days & np.isfinite(actual) & np.isfinite(expected)]
                    tables.append(pd.DataFrame({"error": error}).assign(log=log, measure=measure, part=name, horizon=h))
    return pd.concat(tables, ignore_index=True)


def walk(rng: np.random.Generator, months: int, scale: float) -> np.ndarray:
    """Factors that wander about 1: an autoregression of the logarithm with a memory of 0.8."""
    steps = np.zeros(months)
    for t in range(1, months):
        steps[t] = 0.8 * steps[t - 1] + rng.normal(0, scale)
    return np.exp(steps)


def business(seed: int) -> pd.DataFrame:
    """Subscriptions of one business: sign-ups, plan changes, cancellations and returns, month by month."""
    rng = np.random.default_rng(seed)
    sign_ups = rng.uniform(8, 60) * walk(rng, LENGTH, 0.15) * np.exp(rng.normal(0.01, 0.02) * np.arange(LENGTH))
    churn = np.minimum(rng.uniform(0.02, 0.08) * walk(rng, LENGTH, 0.15), 0.5)
    up, down, back = 0.02 * walk(rng, LENGTH, 0.2), 0.01 * walk(rng, LENGTH, 0.2), 0.02
    price, since, gone, rows = np.empty(0), np.empty(0, dtype=int), np.empty(0, dtype=bool), []
    for t in range(LENGTH):
        new = rng.choice([9.0, 19.0, 49.0], rng.poisson(sign_ups[t]), p=[0.5, 0.35, 0.15])
        chance = rng.random(len(price))
        leaves = ~gone & (chance < churn[t])
        rises = ~gone & ~leaves & (chance < churn[t] + up[t])
        falls = ~gone & ~leaves & ~rises & (chance < churn[t] + up[t] + down[t])
        returns = gone & (chance < back)
        rows += [(who, since[who], t, price[who]) for who in np.flatnonzero(leaves | rises | falls)]
        price = np.where(rises, price * 1.5, np.where(falls, price / 1.5, price))
        since = np.where(rises | falls | returns, t, since)
        gone = (gone | leaves) & ~returns
        price, since = np.append(price, new), np.append(since, np.full(len(new), t))
        gone = np.append(gone, np.zeros(len(new), dtype=bool))
    rows += [(who, since[who], LENGTH, price[who]) for who in np.flatnonzero(~gone)]
    table = pd.DataFrame(rows, columns=["who", "from", "to", "mrr"])
    first = pd.Period("2020-01", freq="M")
    day = pd.to_timedelta(1 + table["who"] % 27, unit="D")
    return pd.DataFrame(
        {
            "customer_id": "c" + table["who"].astype(str),
            "subscription_id": "s" + table["who"].astype(str),
            "started_at": pd.PeriodIndex(first + table["from"]).to_timestamp() + day,
            "ended_at": (pd.PeriodIndex(first + table["to"]).to_timestamp() + day).where(table["to"] < LENGTH),
            "mrr": table["mrr"].round(2),
        }
    )


def businesses() -> pd.DataFrame:
    """One row per business, movement, horizon and origin."""
    tables = []
    for seed in range(BUSINESSES):
        books = summarise.periods(business(seed), as_of=(pd.Period("2020-01") + LENGTH - 1).end_time.date())
        for months in MONTHS:
            parts = recurring(books[books["complete"]].reset_index(drop=True), months)
            wanted = parts.months >= 6
            for name in (*MOVEMENTS, END):
                table = graded(parts.quantities[name], months * MONTH, wanted)
                tables.append(table.assign(log=seed, measure="mrr", part=name, horizon=months))
            actual = parts.quantities[END].actual[months * MONTH]
            error = np.log(actual / parts.start)[wanted & np.isfinite(actual)]
            tables.append(
                pd.DataFrame({"error": error}).assign(log=seed, measure="mrr", part="no change", horizon=months)
            )
    return pd.concat(tables, ignore_index=True)


def line(table: pd.DataFrame) -> str:
    """Splits, held, by horizon, by log, width ratio, mean absolute error."""
    held = table.dropna(subset=["held"])
    off = f"{100 * np.mean(np.abs(np.exp(-table['error']) - 1)):.1f}"
    if held.empty:
        return f"{len(table)} | | | | {off}"
    by_horizon = (100 * held.groupby("horizon")["held"].mean().astype(float)).round().astype(int).to_dict()
    oracle = 1.645 * np.sqrt((held["error"] ** 2).groupby([held["log"], held["horizon"]]).transform("mean"))
    ratio = held["reach"].sum() / oracle.sum()
    return f"{len(held)} | {100 * held['held'].mean():.0f} | {by_horizon} | {ratio:.2f} | {off}"


def met(table: pd.DataFrame, name: str) -> str:
    held = 100 * table["held"].mean()
    return f"* {'met' if 83 <= held <= 98 else '**not met**'}: {name} held {held:.0f} % (83 to 98)"


def main() -> None:
    warnings.simplefilter("ignore")
    began = time.process_time()
    shop = shops()
    text = [f"`python benchmarks/forecasts_shop.py`. {machine()}", "", "### The whole shop", ""]
    text += [
        "| log | measure | forecast | splits | held % | by horizon | width ratio | mean error % |",
        "|" + "---|" * 8,
    ]
    for (log, measure, part), table in shop.groupby(["log", "measure", "part"], sort=False):
        text.append(f"| {log} | {measure} | {part} | {line(table)} |")
    text.append("")
    for measure, table in shop.groupby("measure"):
        text += [met(table[table["part"] == part], f"{measure}, {part}") for part in (KNOWN, NEW, COUNT, WHOLE)]
    seconds = time.process_time() - began
    began = time.process_time()
    mrr = businesses()
    text += [
        "",
        f"{seconds:.0f} processor seconds.",
        "",
        f"### Recurring revenue of {BUSINESSES} simulated businesses",
        "",
    ]
    text += ["| forecast | splits | held % | by months | width ratio | mean error % |", "|" + "---|" * 6]
    text += [f"| {part} | {line(table)} |" for part, table in mrr.groupby("part", sort=False)]
    text.append("")
    text += [met(mrr[mrr["part"] == part], f"recurring revenue, {part}") for part in (*MOVEMENTS, END)]
    sample = models.forecast_mrr(load.sample("store").subscriptions, as_of="2025-12-31", months=3)
    text += [
        "",
        f"{time.process_time() - began:.0f} processor seconds.",
        "",
        f"In the sample store: {sample.sentence()}",
    ]
    print("\n".join(text))
    write_section("forecasts of whole shops and of recurring revenue", "\n".join(text))


if __name__ == "__main__":
    main()
