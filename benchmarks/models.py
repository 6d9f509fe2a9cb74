"""Claims about speed, memory and agreement of the models, each with its peer in the same run.

    python benchmarks/models.py [--write]

The peer is lifetimes, on the same rows; the posterior is held against a long Metropolis run on the same target. Times
are the best of several runs in one process; every fit starts from the customer table, so grouping is counted in.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sections import machine, write_section

from retention_kit import load, models, simulate, summarise
from retention_kit.models.base.rows import PURCHASES, read

BG = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
PUBLISHED_NUTS = 48.5
"""Seconds of pymc-marketing's posterior of the same log on a quiet machine of this size."""


def best(call: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Shortest time of several calls, and the last result."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def master(log_gaps: bool = False) -> pd.DataFrame:
    """All 23,570 customers of the CDNOW log."""
    return summarise.customers(load.sample("cdnow"), as_of="1998-06-30", log_gaps=log_gaps).to_pandas()


def million() -> pd.DataFrame:
    """A million simulated customers who came in twelve weeks, watched as long as those of CDNOW, on a grid of days."""
    T = np.random.default_rng(1).integers(66 * 7, 78 * 7, 1_000_000) / 7
    table = simulate.bgnbd_customers(1_000_000, **BG, T=T, seed=2)
    table["recency"] = np.where(table["frequency"] > 0, np.maximum(np.floor(table["recency"] * 7), 1) / 7, 0.0)
    return table


def against(name: str, ours: Any, peer: Any, table: pd.DataFrame, runs: tuple[int, int], goal: float) -> str:
    """One line: seconds of both, ratio, and how much better the optimum is."""
    mine, model = best(lambda: ours.fit(table), runs[0])
    theirs, other = best(lambda: peer().fit(*(table[c] for c in PURCHASES)), runs[1])
    rows = read(table)
    there = ours.process.log_likelihood(other.params_[list(ours.process.names)].to_numpy(), rows, slopes=False)[0]
    gap = model.log_likelihood - float((rows.weights * there).sum())
    line = f"| {name} | {mine:.3f} s | {theirs:.2f} s | {theirs / mine:.0f} × (goal {goal:.0f} ×) | {gap:+.4f} |"
    print(line, flush=True)
    return line


def speed() -> list[str]:
    """Fits against lifetimes."""
    import lifetimes

    table, many = master(), million()
    plan = [
        ("BG/NBD, CDNOW", models.BGNBD, lifetimes.BetaGeoFitter, table, (20, 5), 10),
        ("MBG/NBD, CDNOW", models.MBGNBD, lifetimes.ModifiedBetaGeoFitter, table, (20, 3), 10),
        ("Pareto/NBD, CDNOW", models.ParetoNBD, lifetimes.ParetoNBDFitter, table, (5, 2), 5),
        ("BG/NBD, 1,000,000 simulated", models.BGNBD, lifetimes.BetaGeoFitter, many, (5, 2), 25),
    ]
    lines = ["| fit | retention_kit | lifetimes | faster | log-likelihood above lifetimes |", "|---|---|---|---|---|"]
    return lines + [against(*line) for line in plan]


def posterior() -> list[str]:
    """Time of 4,000 draws, and agreement with a long Metropolis run."""
    table = master()
    seconds, draws = best(lambda: models.BGNBD.fit(table).sample(4000, 1), 2)
    lines = [
        f"4,000 draws of BG/NBD on the CDNOW log: {seconds:.2f} s, {PUBLISHED_NUTS / seconds:.0f} × faster than the "
        f"{PUBLISHED_NUTS} s measured for NUTS on a quiet machine (goal 10 ×); effective sample size "
        f"{draws.attrs['ess']:.0f}, Pareto k {draws.attrs['pareto_k']:.2f}.",
        "",
    ]
    sample = models.BGNBD.fit(summarise.customers(load.sample("cdnow_sample"), as_of="1997-09-30").to_pandas())
    ours, walk = np.log(sample.sample(8000, 3).to_numpy()), metropolis(sample, 200_000)
    sd = walk.std(axis=0)
    mean = np.abs(ours.mean(axis=0) - walk.mean(axis=0)) / sd
    tails = [np.abs(np.quantile(ours, q, axis=0) - np.quantile(walk, q, axis=0)) / sd for q in (0.05, 0.95)]
    lines += [
        "BG/NBD on the 1/10 sample against 200,000 Metropolis steps on the same target, in posterior standard "
        f"deviations of the log parameters: means differ by at most {mean.max():.3f} (goal 0.05), 5 % and 95 % "
        f"quantiles by at most {np.max(tails):.3f} (goal 0.1).",
    ]
    print("\n".join(lines), flush=True)
    return lines


def metropolis(model: models.BGNBD, steps: int) -> np.ndarray:
    """A random walk on the log parameters, thinned."""
    rows = model.evidence.rows
    assert rows is not None
    centre = np.array([0, np.log(rows.mean("T")), 0, 0])

    def target(u: np.ndarray) -> float:
        ll = model.process.log_likelihood(np.exp(u), rows, slopes=False)[0]
        return float((rows.weights * ll).sum()) - ((u - centre) ** 2).sum() / 18

    rng = np.random.default_rng(5)
    root = np.linalg.cholesky(np.cov(np.log(model.sample(2000, 9).to_numpy()).T)) * 1.2
    u = np.log(model.theta)
    value, kept = target(u), []
    for i in range(steps):
        step = u + root @ rng.standard_normal(4)
        new = target(step)
        if np.log(rng.random()) < new - value:
            u, value = step, new
        if i % 10 == 0:
            kept.append(u)
    return np.array(kept[200:])


def value_of_a_million() -> None:
    """Lifetime value with intervals for a million customers; run in a process of its own for its peak memory."""
    table = million()
    table["monetary_value"] = simulate.gamma_gamma_values(table["frequency"], p=6.25, q=3.74, gamma=15.44, seed=3)
    table["monetary_value"] = table["monetary_value"].round(2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    start = time.perf_counter()
    purchases, spend = models.BGNBD.fit(table), models.GammaGamma.fit(table)
    found = models.lifetime_value(purchases, spend, table, months=12, annual_discount_rate=0.1, level=0.9, draws=400)
    seconds, peak = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"Lifetime value with both intervals, 1,000,000 customers × 400 draws, fits included: {seconds:.0f} s in one "
        f"pass, peak memory {peak:.2f} GB (goal 2 GB), of which {before:.2f} GB before the fit; {len(found):,} rows."
    )


def main() -> None:
    """Run everything, print, and store with --write."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--write", action="store_true")
    parse.add_argument("--value", action="store_true", help="only the part that needs a process of its own")
    asked = parse.parse_args()
    if asked.value:
        value_of_a_million()
        return
    warnings.simplefilter("ignore")
    lines = [machine(), "", *speed(), "", *posterior(), ""]
    alone = subprocess.run([sys.executable, __file__, "--value"], capture_output=True, text=True, check=True)
    print(alone.stdout)
    if asked.write:
        write_section("models", "\n".join([*lines, alone.stdout.strip()]))


if __name__ == "__main__":
    main()
