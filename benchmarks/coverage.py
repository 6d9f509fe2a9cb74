"""Do the 90 % intervals hold 90 % of the truth? Worlds with known parameters, fitted again and again.

    python benchmarks/coverage.py [--worlds 500] [--outcomes 250] [--models BGNBD,ParetoNBD]

Every world draws its customers purchase by purchase, up to as_of and on through a holdout. The model only sees the
first part. Counted is how often the intervals hold the true parameter, the total of the holdout, and the purchases of
single customers (counts are discrete, so the place of a count inside its own probability is drawn at random).
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import numpy as np
import pandas as pd
from sections import machine, write_section

from retention_kit import models
from retention_kit.models.base.rows import PURCHASES, read
from retention_kit.models.futures.drawn_futures import Purchases

N, DRAWS, FUTURES = 2_500, 400, 100
TRUTH = {
    "BGNBD": {"r": 0.5, "alpha": 6.0, "a": 0.8, "b": 2.5},
    "MBGNBD": {"r": 0.7, "alpha": 6.0, "a": 0.8, "b": 2.0},
    "ParetoNBD": {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 10.0},
    "BGCNBD": {"r": 0.8, "alpha": 2.5, "a": 0.8, "b": 2.5},
    "MBGCNBD": {"r": 1.0, "alpha": 3.0, "a": 0.8, "b": 2.0},
    "BGBB": {"alpha": 1.2, "beta": 0.75, "gamma": 0.65, "delta": 2.8},
    "GammaGamma": {"p": 6.0, "q": 4.0, "gamma": 15.0},
    "ShiftedBetaGeometric": {"alpha": 0.7, "beta": 2.5},
    "BetaDiscreteWeibull": {"alpha": 0.7, "beta": 2.5, "c": 1.3},
}
STAGES = {"BGCNBD": 3, "MBGCNBD": 2}
"""k of the regular buyers; the fit chooses it."""


def buyers(name: str, truth: dict[str, float], rng: np.random.Generator, ahead: float = 39.0) -> pd.DataFrame:
    """Purchase by purchase: frequency, recency, T, and the purchases of the holdout."""
    T = 27 + rng.integers(0, 85, N) / 7
    rate = rng.gamma(truth["r"], 1 / truth["alpha"], N)
    chance = rng.beta(truth["a"], truth["b"], N) if "a" in truth else np.zeros(N)
    end = rng.exponential(1 / rng.gamma(truth["s"], 1 / truth["beta"], N)) if "s" in truth else np.full(N, np.inf)
    t, x, t_x, actual, log_gaps = np.zeros((5, N))
    there = rng.random(N) >= chance if name in ("MBGNBD", "MBGCNBD") else np.ones(N, dtype=bool)
    while there.any():
        gap = rng.gamma(STAGES.get(name, 1), 1 / rate)
        t = t + gap
        there &= (t <= T + ahead) & (t <= end)
        before = there & (t <= T)
        x, t_x, actual = x + before, np.where(before, t, t_x), actual + (there & ~before)
        log_gaps[before] += np.log(gap[before])
        there &= rng.random(N) >= chance
    return pd.DataFrame({"frequency": x, "recency": t_x, "T": T, "actual": actual, "log_gaps": log_gaps})


def donors(truth: dict[str, float], rng: np.random.Generator, n: int = 6, ahead: int = 6) -> pd.DataFrame:
    """Opportunity by opportunity."""
    p, theta = rng.beta(truth["alpha"], truth["beta"], N), rng.beta(truth["gamma"], truth["delta"], N)
    there, table = np.ones(N, dtype=bool), np.zeros((3, N))
    for k in range(1, n + ahead + 1):
        there &= rng.random(N) >= theta
        buys = there & (rng.random(N) < p)
        if k <= n:
            table[0] += buys
            table[1][buys] = k
        else:
            table[2] += buys
    return pd.DataFrame({"frequency": table[0], "recency": table[1], "T": float(n), "actual": table[2]})


def world(name: str, rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """Customers of one world, and the length of its holdout."""
    truth = TRUTH[name]
    if name in ("BGNBD", "MBGNBD", "ParetoNBD", *STAGES):
        return buyers(name, truth, rng), 39.0
    if name == "BGBB":
        return donors(truth, rng), 6
    if name == "GammaGamma":
        x = 1 + rng.geometric(0.4, N)
        nu = rng.gamma(truth["q"], 1 / truth["gamma"], N)
        return pd.DataFrame({"frequency": x, "monetary_value": rng.gamma(truth["p"] * x) / nu / x}), 0
    leave = rng.beta(truth["alpha"], truth["beta"], N)
    lived = np.ceil((np.log(rng.random(N)) / np.log1p(-leave)) ** (1 / truth.get("c", 1)))
    return pd.DataFrame({"periods": np.minimum(lived, 8), "lost": lived <= 8}), 0


def one(name: str, seed: int, with_outcome: bool) -> dict[str, float]:
    """Which intervals of one world hold the truth; for single customers the share."""
    rng = np.random.default_rng([seed, 7])
    table, t = world(name, rng)
    model = getattr(models, name).fit(table, unit="week")
    low, high = np.quantile(model.sample(seed=seed), [0.05, 0.95], axis=0)
    found = {k: float(lo <= v <= hi) for (k, v), lo, hi in zip(TRUTH[name].items(), low, high, strict=True)}
    if name in STAGES:
        found["k (chosen right)"] = float(model.k == STAGES[name])
    return found | outcome(model, table, t, seed, rng) if t and with_outcome else found


def outcome(model: Any, table: pd.DataFrame, t: float, seed: int, rng: np.random.Generator) -> dict[str, float]:
    """Whether the interval of the holdout's total holds it, and the share of customers who are inside theirs."""
    rows = read(table, (*PURCHASES, "actual"), ())
    drawn = model.draws(DRAWS, seed)[:FUTURES]
    future = np.stack([Purchases(model.process, t).future(theta, rows, rng) for theta in drawn])
    actual = rows["actual"]
    total = model.forecast(table, t, by=[], draws=DRAWS, seed=seed).iloc[0]
    below, equal = (future < actual).mean(axis=0), (future == actual).mean(axis=0)
    place = below + equal * rng.random(len(rows))
    return {
        "total": float(total["predicted_low"] <= table["actual"].sum() <= total["predicted_high"]),
        "single customer": float((rows.weights * ((place >= 0.05) & (place <= 0.95))).sum() / rows.n),
    }


def main() -> None:
    """Run, print and store."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--worlds", type=int, default=500)
    parse.add_argument("--outcomes", type=int, help="worlds whose holdout is forecast too (slow); default: all")
    parse.add_argument("--models", default=",".join(TRUTH))
    asked = parse.parse_args()
    forecast = asked.worlds if asked.outcomes is None else asked.outcomes
    for name in asked.models.split(","):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = pd.DataFrame([one(name, seed, seed < forecast) for seed in range(asked.worlds)])
        about = f"{N:,} customers in a world; 90 % intervals under the weak prior. {machine()}"
        lines = ["| interval of | worlds | holds the truth in | sampling error |", "|---|---|---|---|"]
        for what, held in found.items():
            worlds = held.count()
            error = "" if what.startswith("k ") else f"{np.sqrt(0.09 / worlds):.1%}"
            lines += [f"| {what} | {worlds} | {held.mean():.1%} | {error} |"]
        print(name, *lines, f"({len(caught)} warnings)", sep="\n", flush=True)
        write_section(f"models: coverage of {name}", f"{about}\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
