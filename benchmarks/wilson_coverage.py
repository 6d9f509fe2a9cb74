"""Do 95 % Wilson intervals of cohort cells hold the truth in 93-97 % of cells?

Cells as they occur: cohorts of 10 to 500 customers, true retention of 2 to 60 %. 2,000 cells drawn at random are
simulated once each; then every one of 40 x 30 fixed pairs (n, p) is computed exactly, to show where the share depends
on luck.

    .venv/bin/python benchmarks/wilson_coverage.py
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import binom
from sections import write_section

from retention_kit.summarise import wilson

CELLS = 2_000


def simulated(seed: int) -> float:
    """Share of simulated cells whose interval holds the true rate."""
    rng = np.random.default_rng(seed)
    size = pd.Series(rng.integers(10, 501, CELLS))
    truth = rng.uniform(0.02, 0.60, CELLS)
    low, high = wilson(pd.Series(rng.binomial(size, truth)), size)
    return float(((low <= truth) & (truth <= high)).mean())


def exact(n: int, p: float) -> float:
    """Probability that the interval holds p, summed over all outcomes."""
    outcomes = np.arange(n + 1)
    low, high = wilson(pd.Series(outcomes), pd.Series(np.full(n + 1, n)))
    held = ((low <= p) & (p <= high)).to_numpy()
    return float(binom.pmf(outcomes, n, p)[held].sum())


def main() -> None:
    """Print and store the result."""
    first, runs = simulated(1), [simulated(seed) for seed in range(1, 51)]
    sizes = np.unique(np.geomspace(10, 500, 40).astype(int))
    grid = pd.DataFrame([(n, p, exact(n, p)) for n in sizes for p in np.linspace(0.02, 0.60, 30)])
    grid.columns = ["n", "p", "coverage"]
    worst = grid.loc[grid["coverage"].idxmin()]
    text = f"""
`benchmarks/wilson_coverage.py`: cells of 10-500 customers with a true rate of 2-60 %.

| claim | found |
|---|---|
| 2,000 simulated cells, 95 % intervals (seed 1) | {first:.1%} hold the truth |
| the same with 50 seeds | {min(runs):.1%} to {max(runs):.1%}, mean {np.mean(runs):.2%} |
| exact, mean over {len(grid):,} pairs of size and rate | {grid["coverage"].mean():.2%} |
| exact, 5 % and 95 % of the pairs | {grid["coverage"].quantile(0.05):.1%} to {grid["coverage"].quantile(0.95):.1%} |
| exact, the worst pair | {worst["coverage"]:.1%} at n = {worst["n"]:.0f}, rate {worst["p"]:.0%} |

The single pair is above or below 95 % because counts are whole numbers; over the cells of a table it evens out.
"""
    print(text)
    write_section("Wilson intervals of cohort cells", text)


if __name__ == "__main__":
    main()
