"""What several model tests start from: the CDNOW log, and the published numbers."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

from retention_kit import load, models, summarise

PUBLISHED = tomllib.loads((Path(__file__).parent / "reference" / "models.toml").read_text(encoding="utf-8"))
SAMPLE = PUBLISHED["cdnow_sample"]


@cache
def orders():
    return load.sample("cdnow_sample")


@cache
def engine_customers(grain: str = "day", as_of: str = "1997-09-30"):
    return summarise.customers(orders(), as_of=as_of, unit="week", grain=grain)


@cache
def customers(grain: str = "day", as_of: str = "1997-09-30") -> pd.DataFrame:
    return engine_customers(grain, as_of).to_pandas()


@cache
def fitted(name: str):
    """The model of this name; regular buyers with two stages, though the likelihood of CDNOW prefers one."""
    return getattr(models, name).fit(customers(), **({"k": 2} if "CNBD" in name else {}))


def frame(x, t_x, T) -> pd.DataFrame:
    return pd.DataFrame({"frequency": x, "recency": t_x, "T": T})
