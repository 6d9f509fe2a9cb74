"""Do intervals of small segments hold when they borrow from the shop? Worlds with known parameters by segment.

    python benchmarks/segments.py [--worlds 150]

In every world the logarithms of the parameters of ten segments, of 0 to 640 customers, scatter around those of the shop
with a standard deviation of 0.15, 0.3 or 0.5; the prior takes 0.3. Counted is how often 90 % intervals hold the
expectation under the true parameters: purchases of a new customer in 39 weeks, purchases of the segment's customers in
26 weeks, and the mean value of a purchase.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from sections import machine, write_section

from retention_kit import models

SIZES = (0, 3, 10, 20, 40, 60, 80, 160, 320, 640)
GROUPS = {"0": (0, 0), "3 to 20": (3, 20), "40 to 160": (40, 160), "320 and 640": (320, 640)}
BUYING = {"r": 0.7, "alpha": 6.0, "a": 0.8, "b": 2.5}
SPENDING = {"p": 6.0, "q": 4.0, "gamma": 15.0}
AHEAD, NEW, DRAWS = 26.0, 39.0, 200


def scattered(truth: dict[str, float], spread: float, rng: np.random.Generator) -> dict[str, float]:
    """The parameters of one segment."""
    return {name: value * float(np.exp(spread * rng.standard_normal())) for name, value in truth.items()}


def buyers(n: int, truth: dict[str, float], rng: np.random.Generator) -> pd.DataFrame:
    """Purchase by purchase: frequency, recency, T, and the purchases of the time ahead."""
    T = 27 + rng.integers(0, 182, n) / 7
    rate, chance = rng.gamma(truth["r"], 1 / truth["alpha"], n), rng.beta(truth["a"], truth["b"], n)
    t, x, t_x, actual = np.zeros((4, n))
    active = np.ones(n, dtype=bool)
    while active.any():
        t = t + rng.exponential(1 / rate)
        active &= t <= T + AHEAD
        before = active & (t <= T)
        x, t_x, actual = x + before, np.where(before, t, t_x), actual + (active & ~before)
        active &= rng.random(n) >= chance
    return pd.DataFrame({"frequency": x, "recency": t_x, "T": T, "actual": actual, "unit": "week"})


def with_spend(table: pd.DataFrame, truth: dict[str, float], rng: np.random.Generator) -> pd.DataFrame:
    """The mean value of the repeat purchases."""
    x = table["frequency"].to_numpy()
    own = rng.gamma(truth["q"], 1 / truth["gamma"], len(x))
    total = rng.gamma(np.maximum(truth["p"] * x, 1e-9)) / own
    return table.assign(monetary_value=np.where(x > 0, total / np.maximum(x, 1), np.nan))


def inside(values: np.ndarray, truth: float) -> bool:
    low, high = np.quantile(values, [0.05, 0.95])
    return bool(low <= truth <= high)


def world(seed: int, spread: float) -> list[dict[str, object]]:
    rng = np.random.default_rng([seed, round(100 * spread)])
    truths = [(scattered(BUYING, spread, rng), scattered(SPENDING, spread, rng)) for _ in SIZES]
    tables = [
        with_spend(buyers(n, buying, rng), spending, rng).assign(segment=f"s{i}")
        for i, (n, (buying, spending)) in enumerate(zip(SIZES, truths, strict=True))
    ]
    customers = pd.concat(tables, ignore_index=True)
    fit = models.fit_segments(models.BGNBD, customers, by="segment")
    spend = models.fit_segments(models.GammaGamma, customers, by="segment")
    process, buying_draws, money_draws = fit.shop.process, fit.pool.draws(DRAWS, seed), spend.pool.draws(DRAWS, seed)
    lines: list[dict[str, object]] = []
    for i, (size, table, (buying, spending)) in enumerate(zip(SIZES, tables, truths, strict=True)):
        true, name = models.BGNBD(**buying), f"s{i}"
        drawn, money = (list(each.segments).index(name) if name in each.segments else -1 for each in (fit, spend))
        thetas, (p, q, gamma) = buying_draws[:, drawn], money_draws[:, money].T
        new = [process.expected_new(theta, np.array([NEW]))[0] for theta in thetas]
        mean = spending["p"] * spending["gamma"] / (spending["q"] - 1) if spending["q"] > 1 else np.inf
        line: dict[str, object] = {
            "spread": spread,
            "size": size,
            "new customer": inside(np.array(new), true.expected_purchases_new(NEW)),
            "value of a purchase": inside(p * gamma / (q - 1), mean),
        }
        if size:
            rows = process.read(table, unit="week")
            sums = [process.expected(theta, rows, AHEAD) @ rows.weights for theta in thetas]
            line["customers of the segment"] = inside(np.array(sums), true.expected_purchases(table, AHEAD).sum())
        lines.append(line)
    return lines


def written(table: pd.DataFrame, worlds: int, seconds: float) -> str:
    """The section of the results."""
    counted = ["new customer", "customers of the segment", "value of a purchase"]
    text = [
        f"`python benchmarks/segments.py --worlds {worlds}`: coverage of 90 % intervals of ten segments with partial "
        f"pooling (BG/NBD, Gamma-Gamma), {worlds} worlds for each scatter; {seconds / worlds / 3:.1f} seconds of "
        f"processor a world. {machine()}",
        "",
        "| log parameters scatter by | size of the segment | " + " | ".join(counted) + " |",
        "|---|---|" + "---|" * len(counted),
    ]
    for spread in (0.15, 0.3, 0.5):
        for name, (low, high) in GROUPS.items():
            some = table[(table["spread"] == spread) & table["size"].between(low, high)]
            shares = [some[c].dropna().astype(float).mean() for c in counted]
            text.append(f"| {spread} | {name} | " + " | ".join("–" if s != s else f"{s:.1%}" for s in shares) + " |")
        some = table[table["spread"] == spread]
        shares = [some[c].dropna().astype(float).mean() for c in counted]
        text.append(f"| {spread} | all | " + " | ".join(f"{s:.1%}" for s in shares) + " |")
    return "\n".join(text)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=150)
    worlds = parser.parse_args().worlds
    warnings.simplefilter("ignore")
    began = time.process_time()
    lines = [line for seed in range(worlds) for spread in (0.15, 0.3, 0.5) for line in world(seed, spread)]
    text = written(pd.DataFrame(lines), worlds, time.process_time() - began)
    write_section("Segments that borrow from the shop", text)
    print(text)


if __name__ == "__main__":
    main()
