"""The shop's customers: first day, country, channel, and their hidden parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.simulate.purchase_processes import bgnbd_customers
from retention_kit.simulate.shop import truth


def customers(n: int, seed: int) -> pd.DataFrame:
    """Customers of a BG/NBD process, in order of their first day.

    first_day counts from the shop's first day; recency and T are in weeks, from noon of that day to the end.
    """
    rng = np.random.default_rng([seed, 1])
    first_day = np.sort(rng.choice(truth.DAYS, size=n, p=_pull()))
    observed = (truth.DAYS - first_day - 0.5) / 7
    r, alpha, a, b = (truth.BGNBD[name] for name in ("r", "alpha", "a", "b"))
    people = bgnbd_customers(n, r=r, alpha=alpha, a=a, b=b, T=observed, seed=rng)
    early, late = truth.APP_SHARE
    prefers_app = rng.random(n) < early + (late - early) * first_day / truth.DAYS
    return people.assign(
        first_day=first_day,
        country=rng.choice(list(truth.COUNTRIES), size=n, p=list(truth.COUNTRIES.values())),
        channel=np.where(prefers_app, "app", "web"),
        taste=rng.normal(0, 1.4, n),
    )


def _pull() -> np.ndarray:
    """Chance of each day to bring a new customer: growth, season, and fuller Sundays."""
    days = truth.START + np.arange(truth.DAYS)
    month = days.astype("datetime64[M]").astype(int) % 12 + 1
    season = np.array([truth.SEASON.get(m, 1.0) for m in month])
    weekday = (days.astype(int) + 3) % 7
    pull = (1 + truth.GROWTH * np.arange(truth.DAYS) / truth.DAYS) * season * np.where(weekday == 6, 1.35, 1.0)
    share: np.ndarray = pull / pull.sum()
    return share
