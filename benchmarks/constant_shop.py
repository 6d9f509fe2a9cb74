"""How often a report calls a change more than noise in shops in which nothing changes, and whether it finds real ones.

    python benchmarks/constant_shop.py [seeds]

Each shop is simulated for years before its log begins, so that it is in balance, and its log has 24 months. The
reports of months 13 to 24 judge every number of the scorecard that they compare, against the month and the year before,
exactly as "what moved most" does: `metrics.scorecard`, `tables.numbers`, `report.measures.beyond_noise`. Then the same
shops with one real change in the last month: customers order a third more often, or prices rise by a fifth.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention_kit import load, metrics, summarise, tables
from retention_kit.report.measures import Measure, beyond_noise, find

FIRST = pd.Timestamp("2024-01-01")
DAYS = 731
BEFORE = 3000
MIME = "application/vnd.retention-kit.numbers+json"
AGAINST = ("previous", "last_year")


@dataclass(frozen=True)
class Shop:
    """A shop in balance.

    Parameters
    ----------
    joining : float
        New customers a day.
    rate : float
        Orders of a customer a day, on average; Gamma with shape 1.5 over customers.
    leaving : float
        Share of customers who leave a day.
    weekend : float
        How much more is ordered on Saturdays and Sundays.
    heavy : float
        Standard deviation of the logarithm of an order's amount.
    """

    name: str
    joining: float
    rate: float
    leaving: float
    weekend: float = 1.0
    heavy: float = 0.6


SHOPS = (
    Shop("small", 0.8, 1 / 40, 1 / 300),
    Shop("medium", 4, 1 / 40, 1 / 300),
    Shop("large", 25, 1 / 40, 1 / 300),
    Shop("loyal, weekends", 1.5, 1 / 20, 1 / 700, weekend=2.5),
    Shop("mostly one order", 10, 1 / 250, 1 / 120),
    Shop("few large orders", 3, 1 / 40, 1 / 300, heavy=1.5),
)
CHANGES = {"more often": {"often": 4 / 3}, "dearer": {"dearer": 1.2}}


def orders(shop: Shop, seed: int, *, often: float = 1.0, dearer: float = 1.0) -> pd.DataFrame:
    """The log of a shop; in its last month customers order more often, or pay more."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(shop.joining * (BEFORE + DAYS))
    joined = rng.uniform(-BEFORE, DAYS, n)
    left = joined + rng.exponential(1 / shop.leaving, n)
    rates = rng.gamma(1.5, shop.rate / 1.5, n) * often
    size = rng.gamma(4, 10, n)
    until = np.minimum(left, DAYS)
    counts = rng.poisson(rates * (until - joined))
    who = np.repeat(np.arange(n), counts)
    moments = joined[who] + rng.random(len(who)) * (until - joined)[who]
    who, moments = np.concatenate([np.arange(n), who]), np.concatenate([joined, moments])
    first = np.concatenate([np.ones(n, bool), np.zeros(len(who) - n, bool)])
    weekday = (FIRST.weekday() + np.floor(moments).astype(int)) % 7
    kept = rng.random(len(who)) < np.where(weekday >= 5, 1.0, 1 / shop.weekend)
    last_month = moments >= DAYS - 31
    kept &= last_month | first | (rng.random(len(who)) < 1 / often)
    kept &= moments >= 0
    who, moments = who[kept], moments[kept]
    amounts = size[who] * rng.lognormal(-(shop.heavy**2) / 2, shop.heavy, len(who))
    amounts = np.where(moments >= DAYS - 31, dearer, 1.0) * amounts
    days = FIRST + pd.to_timedelta(np.floor(moments), "D")
    return pd.DataFrame({"customer_id": who.astype(str), "ordered_at": days, "amount": amounts.round(2)})


def answers(rng: np.random.Generator, a_month: float) -> pd.DataFrame:
    """NPS answers of people whose opinion does not change."""
    days = FIRST + pd.to_timedelta(rng.integers(DAYS, size=rng.poisson(24 * a_month)), "D")
    score = rng.choice(11, size=len(days), p=np.array([1, 1, 1, 1, 2, 3, 4, 8, 14, 12, 13]) / 60)
    return pd.DataFrame({"answered_at": days, "kind": "nps", "score": score.astype(float)})


def _measures(frame: pd.DataFrame) -> tuple[Measure, ...]:
    bundle = {MIME: tables.numbers(frame)._repr_mimebundle_()[MIME]}
    return find([("01_overview", "Overview", {"cells": [{"outputs": [{"data": bundle}]}]})])


def judged(numbers: tuple[Measure, ...]) -> Iterator[tuple[str, str, bool | None]]:
    """Each comparison of a report: the number, against what, and whether it is called more than noise."""
    for number in numbers:
        for against in AGAINST:
            if not np.isnan(number.value - number.before.get(against, np.nan)):
                yield number.name, against, beyond_noise(number, against)


def of_orders(log: pd.DataFrame, months: range) -> Iterator[tuple[str, str, bool | None]]:
    """Comparisons of the overview in the reports of these months of the log, from 1."""
    table = load.orders(log).table.cache()
    for month in months:
        as_of = (FIRST + pd.DateOffset(months=month) - pd.Timedelta(days=1)).date()
        yield from judged(_measures(metrics.scorecard(table, as_of=as_of, lapse_after=180)))


def of_surveys(rows: pd.DataFrame, months: range) -> Iterator[tuple[str, str, bool | None]]:
    """Comparisons of the survey page."""
    surveys = load.surveys(rows)
    for month in months:
        as_of = (FIRST + pd.DateOffset(months=month) - pd.Timedelta(days=1)).date()
        trend = metrics.survey_trend(summarise.surveys(surveys, as_of=as_of, kind="nps", period="month"))
        yield from judged(_measures(metrics.survey_numbers(trend, kind="nps")))


def called(found: list[tuple[str, str, bool | None]]) -> str:
    """Comparisons, how many of them could be judged, and the share called more than noise."""
    known = [verdict for *_, verdict in found if verdict is not None]
    return f"{len(found):,} | {len(known):,} | {sum(known):,} | {100 * np.mean(known):.1f} %"


def main(seeds: int = 4) -> None:
    print("| shop | orders a month | changes reported | with an error | called more than noise | share |")
    print("|---|---|---|---|---|---|")
    everything = []
    for shop in SHOPS:
        found, size = [], []
        for seed in range(seeds):
            log = orders(shop, seed)
            size.append(len(log) / 24)
            found += list(of_orders(log, range(13, 25)))
        everything += found
        print(f"| {shop.name} | {np.mean(size):,.0f} | {called(found)} |", flush=True)
    surveys = [v for seed in range(seeds) for v in of_surveys(answers(np.random.default_rng(seed), 200), range(13, 25))]
    everything += surveys
    print(f"| surveys | 200 answers | {called(surveys)} |")
    print(f"| all | | {called(everything)} |\n")
    table = pd.DataFrame(everything, columns=["number", "against", "called"]).dropna()
    shares = table.astype({"called": float}).groupby(["number", "against"])["called"].agg(["size", "mean"]).unstack()
    print(shares.round(3).to_string(), "\n")
    print("| shop | change in the last month | numbers that show it, called in so many of the seeds |")
    print("|---|---|---|")
    shown = {"more often": ("orders", "revenue"), "dearer": ("average_order_value", "revenue")}
    for shop in SHOPS:
        for name, how in CHANGES.items():
            found = [v for seed in range(2 * seeds) for v in of_orders(orders(shop, seed, **how), range(24, 25))]
            hits = {n: sum(bool(v) for m, a, v in found if (m, a) == (n, "previous")) for n in shown[name]}
            told = ", ".join(f"{n} {k} of {2 * seeds}" for n, k in hits.items())
            print(f"| {shop.name} | {name} | {told} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
