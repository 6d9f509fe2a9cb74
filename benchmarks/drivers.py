"""Pareto/NBD with dynamic covariates: do its 90 % intervals hold the truth, and what does a fit cost?

    python benchmarks/drivers.py worlds 0 250       # worlds 0 … 249: a line each is appended to the file of `--store`
    python benchmarks/drivers.py report             # coverage of the worlds that are stored
    python benchmarks/drivers.py cost 600 300       # customers, weeks: processor seconds and peak memory, as JSON
    python benchmarks/drivers.py cost 100000 104

Every world is a shop whose season moves buying and leaving of all customers, with campaigns that go to ten groups of
customers at different times. Purchases are drawn one by one with `simulate.dynamic_covariate_orders` and are merged by
day, as a shop sees them. The model is fitted up to as_of and forecasts the total of the 13 periods after it.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sections import machine, write_section

from retention_kit import models, simulate

LONG = 8
"""Weeks of a period: so long that two purchases of a customer on one day, which a shop sees as one, play no part."""
TRUTH = {"r": 0.8, "alpha": 7.0 * LONG, "s": 0.8, "beta": 14.0 * LONG}
PURCHASE, DROPOUT = {"campaign": 0.5, "season": 0.3}, {"campaign": -0.5, "season": 0.5}
N, GROUPS, AHEAD, DRAWS = 2_000, 10, 13, 100
Z90 = 1.6448536269514722
PERIODS = pd.date_range("2010-01-04", periods=104, freq=f"{7 * LONG}D")
AS_OF, END = (str((PERIODS[0] + pd.Timedelta(weeks=n * LONG, days=-1)).date()) for n in (104 - AHEAD, 104))
EVERY = {
    **TRUTH,
    **{f"purchase: {k}": v for k, v in PURCHASE.items()},
    **{f"dropout: {k}": v for k, v in DROPOUT.items()},
}


def world(seed: int) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Orders to the end of the holdout, and the tables of covariates."""
    rng = np.random.default_rng([2026, seed])
    ids = np.array([f"C{i:05d}" for i in range(1, N + 1)])
    campaigns = (rng.random((GROUPS, len(PERIODS))) < 0.25).astype(float)
    table = pd.DataFrame({"customer_id": np.repeat(ids, len(PERIODS)), "period": np.tile(PERIODS, N)})
    table["campaign"] = campaigns[np.arange(N) % GROUPS].ravel()
    season = pd.DataFrame({"period": PERIODS, "season": np.sin(2 * np.pi * np.arange(len(PERIODS)) / 52)})
    since = LONG * (AHEAD + rng.choice(np.arange(39.0, 91.0, 6.0), N))
    orders = simulate.dynamic_covariate_orders(
        N, table.merge(season, on="period"), **TRUTH, purchase=PURCHASE, dropout=DROPOUT, T=since, as_of=END, seed=rng
    )
    return orders, [table, season]


def line_of(seed: int, total: bool) -> dict[str, object]:
    """Estimates and standard errors of one world, and with `total` its forecast beside what happened."""
    orders, tables = world(seed)
    started = time.process_time()
    history = models.covariate_history(orders, tables, as_of=AS_OF)
    model = models.fit_dynamic_covariates(history, purchase=[*PURCHASE], dropout=[*DROPOUT])
    line: dict[str, object] = {
        "seed": seed,
        "verdict": model.verdict,
        "seconds": round(time.process_time() - started, 2),
        "value": dict(model.params),
        "error": dict(model.standard_errors),
    }
    if total:
        forecast = model.forecast(history, AHEAD * LONG, by=[], draws=DRAWS, seed=seed).iloc[0]
        later = orders[orders["ordered_at"] > f"{AS_OF} 23:59"]
        known = later[later["customer_id"].isin(history.customers)]
        happened = len(known.assign(day=known["ordered_at"].dt.date)[["customer_id", "day"]].drop_duplicates())
        line["total"] = {**forecast.to_dict(), "happened": happened}
    return line


def holds(lines: list[dict], name: str) -> np.ndarray:
    """By world, whether the 90 % interval holds the truth; that of shapes and scales is formed on the logarithm."""
    value, error = (np.array([line[k][name] for line in lines]) for k in ("value", "error"))
    if name in TRUTH:
        return np.abs(np.log(value / EVERY[name])) <= Z90 * error / value
    return np.abs(value - EVERY[name]) <= Z90 * error


def report(store: Path) -> str:
    """The coverage of what is stored, as text."""
    lines = [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()]
    lines = list({line["seed"]: line for line in lines}.values())
    settled = [line for line in lines if line["verdict"] == "converged"]
    text = [
        f"{len(lines)} worlds of {N:,} customers, 39 to 87 periods of 8 weeks, two covariates on both rates; "
        f"{machine()}",
        f"Median {np.median([line['seconds'] for line in lines]):.2f} processor seconds for history and fit; "
        f"{len(lines) - len(settled)} fits with a verdict other than converged.",
        "",
        "| parameter | truth | median estimate | 90 % interval holds |",
        "|---|---|---|---|",
    ]
    every = []
    for name, truth in EVERY.items():
        inside = holds(settled, name)
        every.append(inside)
        middle = np.median([line["value"][name] for line in settled])
        text.append(f"| {name} | {truth:g} | {middle:.3f} | {100 * inside.mean():.1f} % |")
    text.append(f"\nAll parameters together: {100 * np.mean(every):.1f} %.")
    if totals := [line["total"] for line in lines if "total" in line]:
        inside = [t["predicted_low"] <= t["happened"] <= t["predicted_high"] for t in totals]
        error = [t["expected"] / t["happened"] - 1 for t in totals]
        text.append(
            f"\nPurchases of all customers in the 13 periods after as_of: the 90 % interval holds "
            f"{100 * np.mean(inside):.0f} % of {len(totals)} worlds; on average the expectation is "
            f"{100 * np.mean(error):+.1f} % off."
        )
    return "\n".join(text)


def cost(n: int, weeks: int) -> dict[str, object]:
    """Processor seconds and memory of history and fit: three covariates of every customer and week, on both rates."""
    rng, period = np.random.default_rng(1), pd.date_range("2024-01-01", periods=weeks, freq="7D")
    table = pd.DataFrame({"customer_id": np.repeat(np.arange(n), weeks), "period": np.tile(period, n)})
    table["campaign"] = (rng.random(n * weeks) < 0.2).astype(float)
    table["price"] = rng.normal(size=n * weeks)
    table["season"] = np.tile(np.sin(np.arange(weeks) * 2 * np.pi / 52), n)
    names, end = ["campaign", "price", "season"], str((period[-1] + pd.Timedelta(days=6)).date())
    effects = dict(zip(names, (0.5, -0.2, 0.3), strict=True))
    orders = simulate.dynamic_covariate_orders(
        n, table, **TRUTH, purchase=effects, dropout=effects, T=rng.uniform(0.3 * weeks, weeks - 1.01, n), as_of=end
    )
    started = time.process_time()
    history = models.covariate_history(orders, table, as_of=end)
    prepared = time.process_time()
    model = models.fit_dynamic_covariates(history, purchase=names, dropout=names)
    return {
        "customers": n,
        "weeks": weeks,
        "history": round(prepared - started, 1),
        "fit": round(time.process_time() - prepared, 1),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "verdict": model.verdict,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["worlds", "report", "cost"])
    parser.add_argument("numbers", type=int, nargs="*")
    parser.add_argument("--store", type=Path, default=Path("drivers_worlds.jsonl"))
    parser.add_argument("--total", type=int, default=25, help="every so many worlds forecast their total")
    parser.add_argument("--cost", type=Path, nargs="*", default=[], help="outputs of `cost` to report")
    given = parser.parse_args()
    if given.part == "cost":
        print(json.dumps(cost(*given.numbers)))
    elif given.part == "worlds":
        warnings.simplefilter("ignore")
        for seed in range(*given.numbers):
            line = json.dumps(line_of(seed, seed % given.total == 0))
            with given.store.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
    else:
        text = report(given.store)
        for path in given.cost:
            c = json.loads(path.read_text(encoding="utf-8"))
            text += (
                f"\n\n{c['customers']:,} customers × {c['weeks']} weeks × 3 covariates of their own on both rates: "
                f"history {c['history']:g}, fit {c['fit']:g} processor seconds, peak {c['peak_megabytes']:,} MB "
                "with the simulation."
            )
        write_section("Dynamic covariates: coverage and cost (`drivers.py`)", text)
        print(text)


if __name__ == "__main__":
    main()
