"""Posteriors and forecasts from samples of the rows against those from all of them, and how often intervals hold.

Two real logs and twenty simulated shops: the same proposals are weighed both ways, whatever the number of rows, and
means and 5 and 95 % quantiles are compared in posterior standard deviations. Then worlds of known parameters: how often
90 % intervals of the parameters and of the purchases of everybody in half a year hold the truth.

Run from the repository: python benchmarks/sampled.py [worlds]
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from typing import Any

import numpy as np
from sections import machine, write_section

from retention_kit import load, models, simulate, summarise
from retention_kit.models.base import posterior
from retention_kit.models.checks import holdout_forecasts

TRUTH = {"r": 0.8, "alpha": 7.0, "a": 0.6, "b": 4.0}
NAMES = ("BGNBD", "MBGNBD", "ParetoNBD")


def compared(model: Any) -> dict[str, Any]:
    """Largest differences of mean and quantiles, in standard deviations, and the processor seconds of both ways."""
    rows = model.evidence.rows
    began = time.process_time()
    sampled = posterior._sampled(model, model.evidence, 10, 0, "weak")
    middle = time.process_time()
    exact = posterior._exact(model, model.evidence, 10, 0, "weak")
    cost = {"rows": len(rows), "sampled": middle - began, "exact": time.process_time() - middle}
    if sampled is None:
        return {**cost, "mean": np.nan, "ends": np.nan}
    (mean, ends, sd), (other, others, _) = described(exact), described(sampled)
    return {**cost, "mean": (abs(other - mean) / sd).max(), "ends": (abs(others - ends) / sd[:, None]).max()}


def described(proposals: Any) -> tuple[Any, Any, Any]:
    u, weight = proposals.u, proposals.weight
    mean, ends = weight @ u, []
    for column in u.T:
        order = np.argsort(column)
        ends.append(np.interp([0.05, 0.95], np.cumsum(weight[order]) - weight[order] / 2, column[order]))
    return mean, np.array(ends), np.sqrt(weight @ (u - mean) ** 2)


def posteriors() -> list[str]:
    """One line per log and model; for the simulated shops the largest of twenty."""
    lines = []
    posterior._MANY, posterior._SAMPLE = 0, 512
    for name, as_of in (("cdnow", "1998-06-30"), ("online_retail", "2011-11-30")):
        table = summarise.customers(load.sample(name), as_of=as_of)
        lines += [line(name, model, [compared(getattr(models, model).fit(table))]) for model in NAMES]
    posterior._SAMPLE = 2_048
    for model in NAMES:
        shops = []
        for seed in range(20):
            T = np.random.default_rng(seed).uniform(1, 104, 30_000)
            alike = simulate.pareto_nbd_customers if model == "ParetoNBD" else simulate.bgnbd_customers
            truth = {"r": 0.8, "alpha": 7.0, "s": 0.6, "beta": 12.0} if model == "ParetoNBD" else TRUTH
            shops.append(compared(getattr(models, model).fit(alike(len(T), **truth, T=T, seed=seed), unit="week")))
        lines.append(line("20 simulated shops", model, shops))
    return lines


def line(log: str, model: str, shops: list[dict[str, Any]]) -> str:
    used = [shop for shop in shops if np.isfinite(shop["mean"])]
    most = {key: max((shop[key] for shop in used), default=np.nan) for key in ("mean", "ends")}
    cost = {key: np.mean([shop[key] for shop in shops]) for key in ("rows", "sampled", "exact")}
    return (
        f"| {log} | {model} | {cost['rows']:,.0f} | {len(used)} of {len(shops)} | {most['mean']:.4f} | "
        f"{most['ends']:.4f} | {cost['sampled']:.2f} | {cost['exact']:.2f} |"
    )


def world(seed: int) -> dict[str, float]:
    """Whether 90 % intervals of the parameters, of the total, and how many of single customers held."""
    posterior._MANY = holdout_forecasts.MANY_ROWS = 2_000
    n = 24_000
    T = np.random.default_rng([1, seed]).uniform(27, 104, n)
    log = simulate.bgnbd_orders(n, **TRUTH, T=T, as_of="2026-09-30", seed=seed)
    split = "2026-03-31"
    people = simulate.bgnbd_customers(
        n, **TRUTH, T=T, seed=10_000 + seed
    )  # not rounded to days, which moves parameters
    model = models.BGNBD.fit(people, unit="week")
    low, high = np.quantile(model.draws(1000, seed), [0.05, 0.95], axis=0)
    held = {f"parameter {k}": float(low[i] < TRUTH[k] < high[i]) for i, k in enumerate(TRUTH)}
    grade = models.holdout(log, split=split, as_of="2026-09-30", models=["BGNBD"], draws=400, seed=seed).table.iloc[0]
    held["total"] = float(grade["total_low"] <= grade["actual"] <= grade["total_high"])
    return held | {"customers": float(grade["coverage"])}


def main(worlds: int = 100) -> None:
    warnings.simplefilter("ignore")
    lines = posteriors()
    held = [world(seed) for seed in range(worlds)]
    coverage = [
        f"| {name} | {np.mean([h[name] for h in held]):.1%} | {np.std([h[name] for h in held]) / worlds**0.5:.1%} |"
        for name in held[0]
    ]
    load_average = f"Load of the machine at the end: {os.getloadavg()[0]:.1f}."
    write_section(
        "Samples of the rows (`sampled.py`)",
        f"`python benchmarks/sampled.py {worlds}`. {machine()} {load_average}\n\n"
        "The same 1,024 proposals weighed by a sample of the rows and by all of them. Differences are the largest of "
        "all parameters (and shops), in posterior standard deviations; the real logs are smaller than those for which "
        "the sample is used, and are sampled here all the same, from 512 rows on.\n\n"
        "| log | model | distinct rows | sample used | mean differs by | 5 and 95 % quantiles by | processor s, "
        "sample | processor s, all rows |\n|---|---|---|---|---|---|---|---|\n" + "\n".join(lines) + "\n\n"
        f"90 % intervals in {worlds} worlds of 24,000 customers (BG/NBD), half a year ahead, from samples:\n\n"
        "| interval of | holds | sampling error |\n|---|---|---|\n" + "\n".join(coverage) + "\n\n"
        "Whole numbers cannot keep a nominal level: right intervals of single customers hold more.",
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
