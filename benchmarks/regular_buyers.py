"""Regular buyers: how long the choice of k takes, what it gains, and how exact predictions are.

    python benchmarks/regular_buyers.py

Processor seconds of one thread. Expected purchases are compared with the sum over the single purchases, a series of
incomplete beta functions, at 400 random parameters and k from 2 to 5.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
from models import master
from scipy import special
from sections import machine, write_section

from retention_kit import models, simulate
from retention_kit.models.base.rows import Rows, read
from retention_kit.models.purchases.regular_process import RegularBuying

HISTORIES = pd.DataFrame(
    {
        "frequency": [0, 0, 1, 3, 9, 25],
        "recency": [0, 0, 2.5, 30.0, 31.0, 60.0],
        "T": [1.0, 70.0, 3.0, 38.0, 31.5, 61.0],
    }
)


def cpu(call: Any) -> tuple[float, Any]:
    """Processor seconds of a call, the best of five, and its answer."""
    best, answer = np.inf, None
    for _ in range(5):
        start = time.process_time()
        answer = call()
        best = min(best, time.process_time() - start)
    return best, answer


def series(k: int, theta: Any, t: float, rows: Rows) -> Any:
    """Expected purchases of active customers as the sum over the n-th purchase."""
    r, alpha, a, b = theta
    x, silence, A = rows["frequency"], rows["T"] - rows["recency"], alpha + rows["T"]
    j = np.arange(k)[:, None]
    R, c, many = r + k * x + j, x + 1, int((3 * ((r + 25 * k) * t / A).max() + 60 * (1 + (t / A).max())) / k) + 250
    n = np.arange(1, many)[:, None, None]
    likely = np.exp(special.gammaln(R) - special.gammaln(R[0]) - special.gammaln(j + 1.0)) * (silence / A) ** j
    stays = np.exp(special.betaln(a, b + c + n - 1) - special.betaln(a, b + c))
    bought = (special.betainc(k * n - j, R, t / (A + t)) * stays).sum(axis=0)
    return (bought * likely / likely.sum(axis=0)).sum(axis=0)


def error() -> float:
    """Largest error of expected purchases, relative to them plus 1e-9, at random parameters."""
    rows, rng, worst = read(HISTORIES), np.random.default_rng(1), 0.0
    low, high = np.log([0.01, 0.1, 0.003, 0.003]), np.log([30.0, 300.0, 300.0, 300.0])
    for _ in range(400):
        theta, k, t = np.exp(rng.uniform(low, high)), int(rng.integers(2, 6)), float(np.exp(rng.uniform(-0.7, 5.3)))
        exact = series(k, theta, t, rows)
        value = RegularBuying(k, 1).active(theta, rows).purchases(t)
        worst = max(worst, float(np.max(np.abs(value - exact) / (exact + 1e-9))))
    return worst


def main() -> None:
    """Run, print and store."""
    table = master(log_gaps=True)
    lines = ["| fit, k from 1 to 5 together | processor seconds | k chosen |", "|---|---|---|"]
    for model in (models.BGCNBD, models.MBGCNBD):
        seconds, fitted = cpu(lambda model=model: model.fit(table))
        rows = f"{len(fitted.evidence.rows):,} distinct rows"
        lines.append(f"| {model.__name__}, CDNOW ({rows}) | {seconds:.2f} (goal 0.5) | {fitted.k} |")
    gains = []
    for k in (2, 3, 4):
        world = simulate.mbgcnbd_customers(4000, r=1.5, alpha=3.6 / k, a=0.6, b=2.4, k=k, T=52.0, seed=k)
        regular, plain = models.MBGCNBD.fit(world), models.MBGNBD.fit(world)
        gain = (regular.log_likelihood - plain.log_likelihood) / len(world)
        gains.append(f"{gain:.2f} at k = {k} (chosen: {regular.k})")
    lines += [
        "",
        "Log-likelihood per customer above MBG/NBD in simulated worlds of 4,000 customers and a year: "
        f"{', '.join(gains)}.",
        "",
        "Expected purchases of active customers differ from the sum over the single purchases by at most "
        f"{error():.1e} of themselves plus 1e-9.",
        "",
        machine(),
    ]
    print(*lines, sep="\n")
    write_section("models: regular buyers", "\n".join(lines))


if __name__ == "__main__":
    main()
