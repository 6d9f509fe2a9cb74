"""How often a report calls a change more than noise in shops in which nothing changes, and whether it finds real ones.

    python benchmarks/constant_shop.py [seeds [subscriptions]]

Each shop is simulated for years before its log begins, so that it is in balance, and its log has 24 months. The
reports of months 13 to 24 judge every number of the scorecard that they compare, against the month and the year before,
number by number: `metrics.scorecard`, `metrics.subscription_numbers`, `metrics.survey_numbers`,
`tables.numbers`, `report.numbers.measures.chance` below 1 %. Then the same shops with one real change in the last
month: customers order a third more often or leave twice as fast, or prices rise by a fifth.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention_kit import load, metrics, summarise, tables
from retention_kit.report.numbers.measures import Measure, chance, find

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


@dataclass(frozen=True)
class Club:
    """A subscription business in balance.

    Parameters
    ----------
    joining : float
        New customers a day.
    leaving : float
        Share of customers who leave a day.
    returning : float
        Share of those who left who are back, after 60 days on average.
    heavy : float
        Standard deviation of the logarithm of a price.
    since : int
        Days before the first month that the table goes back; 0: it holds who ran then as starting then, and no one
        who had left.
    billed : int
        Days of a billing period: customers leave at the end of one; 1: on any day.
    """

    name: str
    joining: float
    leaving: float
    returning: float = 0.2
    heavy: float = 0.6
    since: int = BEFORE
    billed: int = 1


CLUBS = (
    Club("small", 0.3, 1 / 400),
    Club("medium", 2, 1 / 400),
    Club("large", 15, 1 / 400),
    Club("leaving fast", 4, 1 / 60),
    Club("few large prices", 1, 1 / 400, heavy=1.5),
    Club("billed every 30 days", 2, 1 / 400, billed=30),
    Club("table begins midway", 2, 1 / 400, since=0),
    Club("midway, many return", 2, 1 / 60, returning=0.7, since=0),
)
CLUB_CHANGES = {"leaving twice as fast": {"leave": 2.0}, "dearer": {"dearer": 1.2}}
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


def subscriptions(club: Club, seed: int, *, leave: float = 1.0, dearer: float = 1.0) -> pd.DataFrame:
    """Stretches of a club; in its last month customers leave faster, or on its tenth day all prices rise."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(club.joining * (BEFORE + DAYS))
    start, who = rng.uniform(-BEFORE, DAYS, n), np.arange(n)
    price = np.round(20 * rng.lognormal(0, club.heavy, n), 2)
    last, stretches = DAYS - 31, []
    for _ in range(6):
        length = rng.exponential(1 / club.leaving, len(who))
        end, from_then = start + np.ceil(length / club.billed) * club.billed, np.maximum(start, last)
        end = np.where(end > last, from_then + (end - from_then) / leave, end)
        moved = rng.uniform(0, 1, len(who)) < 0.25
        at = np.where(moved, start + rng.uniform(0.1, 0.9, len(who)) * (end - start), end)
        factor = np.where(rng.random(len(who)) < 0.6, 1.5, 0.7)
        stretches += [np.column_stack([who, start, at, price[who]])]
        stretches += [np.column_stack([who, at, end, np.round(price[who] * factor, 2)])[moved]]
        back = rng.random(len(who)) < club.returning
        who, start = who[back], (end + rng.exponential(60, len(who)))[back]
    rows = pd.DataFrame(np.concatenate(stretches), columns=["customer_id", "started_at", "ended_at", "mrr"])
    rows["subscription_id"] = "s" + rows.index.astype(str)
    rows[["started_at", "ended_at"]] = np.floor(rows[["started_at", "ended_at"]])
    rows = rows[(rows["ended_at"] > rows["started_at"]) & (rows["started_at"] < DAYS)]
    if dearer != 1:
        running = rows[(rows["started_at"] < last + 9) & (rows["ended_at"] > last + 9)]
        rows.loc[running.index, "ended_at"] = last + 9
        risen = running.assign(started_at=last + 9, mrr=(running["mrr"] * dearer).round(2))
        rows = pd.concat([rows, risen], ignore_index=True)
    rows = rows[rows["ended_at"] > -club.since].assign(started_at=rows["started_at"].clip(lower=-club.since))
    ends = rows["ended_at"].where(rows["ended_at"] < DAYS)
    moments = {"started_at": rows["started_at"], "ended_at": ends}
    days = {name: FIRST + pd.to_timedelta(moment, "D") for name, moment in moments.items()}
    return rows.assign(**days, customer_id=rows["customer_id"].astype(int).astype(str))


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
                p = chance(number, against)
                yield number.name, against, None if math.isnan(p) else p < 0.01


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
        yield from judged(_measures(metrics.survey_numbers(trend, kind="nps", surveys=surveys)))


def of_subscriptions(rows: pd.DataFrame, months: range) -> Iterator[tuple[str, str, bool | None]]:
    """Comparisons of the subscription page."""
    table = load.subscriptions(rows).table.cache()
    for month in months:
        as_of = (FIRST + pd.DateOffset(months=month) - pd.Timedelta(days=1)).date()
        yield from judged(_measures(metrics.subscription_numbers(table, as_of=as_of)))


def called(found: list[tuple[str, str, bool | None]]) -> str:
    """Comparisons, how many of them could be judged, and the share called more than noise."""
    known = [verdict for *_, verdict in found if verdict is not None]
    return f"{len(found):,} | {len(known):,} | {sum(known):,} | {100 * np.mean(known):.1f} %"


def main(seeds: int = 4, only: str = "") -> None:
    shops = () if only == "subscriptions" else SHOPS
    print("| shop | orders a month | changes reported | with an error | called more than noise | share |")
    print("|---|---|---|---|---|---|")
    everything = []
    for shop in shops:
        found, size = [], []
        for seed in range(seeds):
            log = orders(shop, seed)
            size.append(len(log) / 24)
            found += list(of_orders(log, range(13, 25)))
        everything += found
        print(f"| {shop.name} | {np.mean(size):,.0f} | {called(found)} |", flush=True)
    for club in CLUBS:
        found = [v for seed in range(seeds) for v in of_subscriptions(subscriptions(club, seed), range(13, 25))]
        everything += found
        print(f"| subscriptions: {club.name} | {_running(club)} | {called(found)} |", flush=True)
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
    for shop in shops:
        for name, how in CHANGES.items():
            found = [v for seed in range(2 * seeds) for v in of_orders(orders(shop, seed, **how), range(24, 25))]
            hits = {n: sum(bool(v) for m, a, v in found if (m, a) == (n, "previous")) for n in shown[name]}
            told = ", ".join(f"{n} {k} of {2 * seeds}" for n, k in hits.items())
            print(f"| {shop.name} | {name} | {told} |", flush=True)
    shown = {"leaving twice as fast": ("churn_rate", "grr", "mrr_end"), "dearer": ("nrr", "arpa", "mrr_end")}
    for club in CLUBS:
        for name, how in CLUB_CHANGES.items():
            rows = (subscriptions(club, seed, **how) for seed in range(2 * seeds))
            found = [v for table in rows for v in of_subscriptions(table, range(24, 25))]
            hits = {
                n: sum(bool(v) for m, a, v in found if (m, a) == (f"subscriptions_{n}", "previous"))
                for n in shown[name]
            }
            told = ", ".join(f"{n} {k} of {2 * seeds}" for n, k in hits.items())
            print(f"| subscriptions: {club.name} | {name} | {told} |", flush=True)


def _running(club: Club) -> str:
    rows = subscriptions(club, 0)
    return f"{rows.loc[rows['ended_at'].isna(), 'customer_id'].nunique():,} customers"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
