"""Means over the dropout probability against quadrature with 40 digits, at every scale of the parameters.

    python benchmarks/beta_means.py [cases] [seed] [--write]

a and b from 1e-8 to 1e6, r + x from 0.01 to 1,100, times from 0.001 to 1,000 times alpha + T; a part of the cases lies
near the border between the two rules. Held against it: purchases, the chance to stay and the rate of purchases, with
all nodes and with half of them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from sections import machine, write_section

from retention_kit.models.numerics.beta_mean import beta_mean

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from exact_beta_mean import exact_mean

FUNCTIONS = {
    "buy": lambda p, R, tau: -np.expm1(-R * np.log1p(p * tau)) / p,
    "stay": lambda p, R, tau: np.exp(-R * np.log1p(p * tau)),
    "rate": lambda p, R, tau: np.exp(-(R + 1) * np.log1p(p * tau)),
}


def case(rng: np.random.Generator) -> tuple[str, float, float, float, float]:
    """A random function and its parameters."""
    a, b, x = 10 ** rng.uniform(-8, 6), 10 ** rng.uniform(-8, 6), 0 if rng.random() < 0.3 else 10 ** rng.uniform(0, 3)
    b, R, tau = b + round(x) * rng.integers(2), 10 ** rng.uniform(-2, 2) + round(x), 10 ** rng.uniform(-3, 3)
    border = 10 ** rng.uniform(-1, 1) * (a + b + 1) / R
    return str(rng.choice(list(FUNCTIONS))), a, b, R, min(tau, border) if rng.random() < 0.4 else tau


def errors(kind: str, a: float, b: float, R: float, tau: float) -> tuple[float, float] | None:
    """Relative errors with all nodes and with half; None where the value itself is below 1e-290."""
    exact = exact_mean(kind, a, b, R, tau, digits=40)
    if exact < 1e-290:
        return None
    values = [
        beta_mean(
            lambda p, _: FUNCTIONS[kind](p, R, tau), a, np.array([b]), R + (kind == "rate"), tau, rough=half
        ).item()
        for half in (False, True)
    ]
    return abs(float(values[0] / exact - 1)), abs(float(values[1] / exact - 1))


def main() -> None:
    """Measure, print, and store with --write."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("cases", nargs="?", type=int, default=2_000)
    parse.add_argument("seed", nargs="?", type=int, default=0)
    parse.add_argument("--write", action="store_true")
    asked = parse.parse_args()
    rng = np.random.default_rng(asked.seed)
    every = [(kind, errors(kind, *rest)) for kind, *rest in (case(rng) for _ in range(asked.cases))]
    lines = [f"{asked.cases:,} cases, seed {asked.seed}. {machine()}", ""]
    lines += ["| mean of | cases | largest relative error | with half the nodes |", "|---|---|---|---|"]
    for kind in FUNCTIONS:
        seen = np.array([pair for name, pair in every if name == kind and pair is not None])
        lines.append(f"| {kind} | {len(seen)} | {seen[:, 0].max():.1e} | {seen[:, 1].max():.1e} |")
    print("\n".join(lines))
    if asked.write:
        write_section("models: means over the dropout probability", "\n".join(lines))


if __name__ == "__main__":
    main()
