"""NPS and CSAT answers, which depend on earlier orders and on one bad month of the app."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.simulate.shop import truth
from retention_kit.simulate.shop.remarks import remarks
from retention_kit.simulate.survey_waves import whole_score

COLUMNS: Final = ("answered_at", "kind", "score", "customer_id", "comment", "country", "channel")
NPS_DAY: Final = 12
NPS_ASKED: Final = 0.5
"""Each month's question goes, on this day, to half of those who ordered in the ninety days before."""

CSAT_ASKED: Final = 0.15
ANSWERED: Final = 0.42


def surveys(people: pd.DataFrame, orders: pd.DataFrame, seed: int) -> pd.DataFrame:
    """All answers and non-answers (empty score), by time."""
    rng = np.random.default_rng([seed, 5])
    sales = orders[orders["amount"] > 0]
    people = people.set_index("customer_id")
    both = pd.concat([_nps(people, sales, rng), _csat(people, sales, rng)], ignore_index=True)
    both = both.sort_values(["answered_at", "kind", "customer_id"], kind="stable", ignore_index=True)
    return both[list(COLUMNS)]


def _nps(people: pd.DataFrame, sales: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One wave a month; more orders and more recent ones raise the score, having left for good lowers it."""
    sales = sales.assign(orders=1 + sales.groupby("customer_id").cumcount())
    months = np.arange(truth.START, truth.END + 1, dtype="datetime64[M]")[1:]
    waves = [_wave(pd.Timestamp(m) + pd.Timedelta(days=NPS_DAY - 1, hours=9), sales, rng) for m in months]
    asked = pd.concat(waves, ignore_index=True)
    who = people.loc[asked["customer_id"]].reset_index(drop=True)
    left = ~who["alive"] & (asked["orders"] > who["frequency"])
    silence = (asked["asked_at"] - asked["ordered_at"]).dt.days
    feeling = 8.0 + 0.75 * np.log(asked["orders"]) - 0.012 * silence - 1.2 * left + who["taste"]
    feeling = feeling + rng.normal(0, 1.3, len(asked)) - truth.INCIDENT_POINTS * _in_incident(asked)
    score = whole_score(feeling.to_numpy(), 0, 10)
    return _answered(asked, "nps", score, score, rng)


def _wave(asked_at: pd.Timestamp, sales: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Half of the customers who ordered recently, with their orders up to then."""
    past = sales[sales["ordered_at"] < asked_at]
    last = past.drop_duplicates("customer_id", keep="last")
    last = last[last["ordered_at"] >= asked_at - pd.Timedelta(days=90)]
    return last[rng.random(len(last)) < NPS_ASKED].assign(asked_at=asked_at)


def _csat(people: pd.DataFrame, sales: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some orders are rated from 1 to 5, a few days later."""
    asked = sales[rng.random(len(sales)) < CSAT_ASKED]
    asked = asked.assign(asked_at=asked["ordered_at"] + pd.to_timedelta(rng.integers(3, 6, len(asked)), unit="D"))
    asked = asked[asked["asked_at"] < pd.Timestamp(truth.END)].reset_index(drop=True)
    taste = people.loc[asked["customer_id"], "taste"].to_numpy()
    feeling = 4.25 + 0.35 * taste + rng.normal(0, 0.7, len(asked)) - truth.INCIDENT_POINTS / 1.6 * _in_incident(asked)
    score = whole_score(feeling, 1, 5)
    return _answered(asked, "csat", score, 2 * score, rng)


def _in_incident(asked: pd.DataFrame) -> np.ndarray:
    """Whether the question came while the app was broken, to somebody who had last used it."""
    first, last = truth.INCIDENT
    during = asked["asked_at"].between(pd.Timestamp(first), pd.Timestamp(last))
    return (during & (asked["channel"] == truth.INCIDENT_CHANNEL)).to_numpy()


def _answered(
    asked: pd.DataFrame, kind: str, score: np.ndarray, of_ten: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Who answers, how many hours later, and with which comment."""
    n = len(asked)
    answers = rng.random(n) < ANSWERED
    hours = np.minimum(rng.exponential(40, n), 14 * 24) * answers
    answered_at = asked["asked_at"] + pd.to_timedelta((hours * 3600).astype(int), unit="s")
    has_comment = answers & (rng.random(n) < 0.3)
    return pd.DataFrame(
        {
            "answered_at": answered_at,
            "kind": kind,
            "score": np.where(answers, score, np.nan),
            "customer_id": asked["customer_id"],
            "comment": remarks(asked["country"], of_ten, _in_incident(asked), has_comment, rng.random(n)),
            "country": asked["country"],
            "channel": asked["channel"],
        }
    )[answered_at < pd.Timestamp(truth.END) + pd.Timedelta(days=1)]
