"""How often the interval of an NPS holds the true score, by simulation, beside the textbook interval in the same run.

    python benchmarks/nps_coverage.py [draws]

For each number of answers n and each pair of true shares (promoters p, detractors d) surveys are drawn, and both
intervals computed. An interval of 95 % should hold the truth in 95 of 100 surveys.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from sections import machine, write_section

from retention_kit.metrics import nps_interval

SIZES = (10, 20, 30, 50, 100, 200, 500, 1000, 2000)
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def wald(p: np.ndarray, d: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The textbook interval: score ± 1.96 standard errors, nothing added."""
    score, half = p - d, 1.959964 * np.sqrt((p + d - (p - d) ** 2) / n)
    return 100 * (score - half), 100 * (score + half)


def coverage(p: float, d: float, n: int, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Share of surveys whose interval holds the truth: adjusted Wald, textbook."""
    counts = rng.multinomial(n, [p, max(1 - p - d, 0.0), d], size=draws)
    promoters, passives, detractors = (pd.Series(column, dtype="float64") for column in counts.T)
    truth = 100 * (p - d)
    low, high = nps_interval(promoters, passives, detractors)
    plain_low, plain_high = wald(counts[:, 0] / n, counts[:, 2] / n, n)
    slack = 1e-9
    adjusted = ((low - slack <= truth) & (truth <= high + slack)).mean()
    plain = ((plain_low - slack <= truth) & (truth <= plain_high + slack)).mean()
    return float(adjusted), float(plain)


def main(draws: int) -> None:
    rng = np.random.default_rng(1998)
    pairs = [(p, d) for p in SHARES for d in SHARES if p + d <= 1 + 1e-9]
    rows = [(n, p, d, *coverage(p, d, n, draws, rng)) for n in SIZES for p, d in pairs]
    table = pd.DataFrame(rows, columns=["n", "p", "d", "adjusted", "plain"])
    lines = [
        f"`python benchmarks/nps_coverage.py`: {len(pairs)} true shares of promoters and detractors (5 % to 90 %), "
        f"{draws:,} simulated surveys each; how often an interval of 95 % holds the truth. {machine()}",
        "",
        "| n | adjusted Wald: lowest | mean | highest | cells in 93–97 % | textbook: lowest | mean |",
        "|---|---|---|---|---|---|---|",
    ]
    for n, cells in table.groupby("n"):
        inside = cells["adjusted"].between(0.93, 0.97).sum()
        lines.append(
            f"| {n} | {cells['adjusted'].min():.1%} | {cells['adjusted'].mean():.1%} | {cells['adjusted'].max():.1%} "
            f"| {inside} of {len(cells)} | {cells['plain'].min():.1%} | {cells['plain'].mean():.1%} |"
        )
    outside = table[(table["n"] >= 30) & ~table["adjusted"].between(0.93, 0.97)]
    cells = "; ".join(f"n {row.n}, p {row.p}, d {row.d}: {row.adjusted:.1%}" for row in outside.itertuples())
    lines += [
        "",
        f"Outside 93–97 % with n of 30 or more: {len(outside)} of {(table['n'] >= 30).sum()} cells ({cells}).",
    ]
    lines += ["Counts of few answers are coarse: an interval can only hold the truth or not for each of them."]
    print("\n".join(lines))
    write_section("Coverage of the NPS interval", "\n".join(lines))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
