"""Survey answers that follow behaviour: who buys more, and more recently, is happier."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError

NEEDED: Final = ("customer_id", "orders", "first_order", "last_order")
COLUMNS: Final = ("answered_at", "kind", "score", "customer_id", "comment", "channel", "origin")
WAVE_DAY: Final = 8
"""Day of the month on which the question is sent out."""

ANSWER_DAYS: Final = 20
"""Answers later than this are not taken."""

COMMENTS: Final = {
    "promoter": ("Found a record I had given up on.", "Arrived in two days.", "Great prices.", "I tell my friends."),
    "passive": ("Fine, shipping could be cheaper.", "Good choice, slow search.", "Okay."),
    "detractor": ("My CD came broken.", "Waited three weeks.", "Too expensive with shipping.", "Nobody answers mail."),
}


def cdnow_surveys(customers: pd.DataFrame, *, seed: int = 1998, invited: int = 400) -> pd.DataFrame:
    r"""Simulated NPS answers of real CDNOW customers, one wave a month.

    CDNOW's log holds purchases and no survey. These answers are invented, so that the survey pages have something
    to show beside real purchases; the column `origin` says "simulated" in every row.

    Parameters
    ----------
    customers : DataFrame
        One row per customer: customer_id, orders, first_order, last_order.
    seed : int
        The same seed and customers give the same answers, whatever the order of the rows.
    invited : int
        Customers asked in each wave, chosen at random among those who have bought and whose last order lies at
        most three months before the wave. Where there are fewer, all are asked.

    Returns
    -------
    DataFrame
        The schema's surveys table, by time: answered_at, kind ("nps"), score (0 to 10, NaN where nobody answered),
        customer_id, comment (missing for most), channel ("email" or "web"), origin ("simulated").

    Raises
    ------
    DataError
        If a column is missing.

    Notes
    -----
    The score is the rounded and clipped

    .. math:: 6.9 + 1.1 \ln n - 0.012\, d - 0.7\,[\text{web}] + u + e

    with n orders, d days since the last order (0 if the customer buys again later), the customer's own taste
    u ~ N(0, 1.6) and the day's mood e ~ N(0, 1.4). About 55 % answer, happier customers a little more often.

    Examples
    --------
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["a", "b"], "orders": [9, 1],
    ...     "first_order": pd.Timestamp("1997-01-03"), "last_order": pd.Timestamp("1997-03-30"),
    ... })
    >>> answers = cdnow_surveys(customers)
    >>> answers["kind"].unique().tolist(), answers["origin"].unique().tolist()
    (['nps'], ['simulated'])
    """
    with Arguments() as check:
        seed, invited = check.whole("seed", seed, least=0), check.whole("invited", invited, least=1)
    with Arguments(DataError) as check:
        check.frame("customers", customers, maker="summarise.customers")
    missing = [name for name in NEEDED if name not in customers.columns]
    if missing:
        raise DataError(
            f"Simulated answers need the columns {', '.join(NEEDED)}; missing: {', '.join(missing)}. "
            "Pass the result of summarise.customers."
        )
    people = _in_fixed_order(customers)
    taste = np.random.default_rng([seed, 0]).normal(0, 1.6, len(people))
    people = people.assign(base=6.9 + 1.1 * np.log(people["orders"].clip(lower=1).astype(float)) + taste)
    waves = [_wave(people, day, invited, [seed, k]) for k, day in enumerate(_wave_days(people), start=1)]
    if not waves:
        return _finish(_wave(people, pd.Timestamp(0), invited, [seed, 1]))
    return _finish(pd.concat(waves, ignore_index=True))


def nps_group(scores: np.ndarray) -> np.ndarray:
    """Promoter (9-10), passive (7-8) or detractor (0-6) for each score.

    Examples
    --------
    >>> nps_group(np.array([10, 7, 0])).tolist()
    ['promoter', 'passive', 'detractor']
    """
    return np.select([scores >= 9, scores >= 7], ["promoter", "passive"], "detractor")


def whole_score(feeling: np.ndarray, low: int, high: int) -> np.ndarray:
    """The nearest whole number from low to high that the scale offers.

    Examples
    --------
    >>> whole_score(np.array([-2.0, 7.4, 11.3]), 0, 10).tolist()
    [0.0, 7.0, 10.0]
    """
    score: np.ndarray = np.clip(np.rint(feeling), low, high)
    return score


def _in_fixed_order(customers: pd.DataFrame) -> pd.DataFrame:
    people = pd.DataFrame(
        {
            "customer_id": customers["customer_id"].astype(str),
            "orders": customers["orders"],
            "first_order": pd.to_datetime(customers["first_order"]),
            "last_order": pd.to_datetime(customers["last_order"]),
        }
    )
    return people.sort_values("customer_id", kind="stable", ignore_index=True)


def _wave_days(people: pd.DataFrame) -> pd.DatetimeIndex:
    """One day a month, from the month after the first order, as long as the answers end within the data."""
    if people.empty:
        return pd.DatetimeIndex([])
    first = (people["first_order"].min().to_period("M") + 1).start_time
    offset = pd.Timedelta(days=WAVE_DAY - 1)
    last = people["last_order"].max() - offset - pd.Timedelta(days=ANSWER_DAYS)
    return pd.date_range(first, last, freq="MS") + offset


def _wave(people: pd.DataFrame, day: pd.Timestamp, invited: int, seed: list[int]) -> pd.DataFrame:
    """Ask up to `invited` customers on that day."""
    rng = np.random.default_rng(seed)
    is_recent = (people["first_order"] < day) & (people["last_order"] >= day - pd.DateOffset(months=3))
    asked = people[is_recent]
    chosen = np.sort(rng.choice(len(asked), size=min(invited, len(asked)), replace=False))
    asked = asked.iloc[chosen]
    n = len(asked)
    web = rng.random(n) < 0.35
    silence = (day - asked["last_order"]).dt.days.clip(lower=0).to_numpy()
    feeling = asked["base"].to_numpy() - 0.012 * silence - 0.7 * web + rng.normal(0, 1.4, n)
    score = whole_score(feeling, 0, 10)
    answered = rng.random(n) < 0.45 + 0.013 * score
    seconds = np.minimum(rng.exponential(3 * 86_400, n), ANSWER_DAYS * 86_400 - 1).astype(int) * answered
    return pd.DataFrame(
        {
            "answered_at": day + pd.to_timedelta(36_000 + seconds, unit="s"),
            "score": np.where(answered, score, np.nan),
            "customer_id": asked["customer_id"].to_numpy(),
            "comment": _comments(score, answered & (rng.random(n) < 0.25), rng.random(n)),
            "channel": np.where(web, "web", "email"),
        }
    )


def _comments(score: np.ndarray, written: np.ndarray, pick: np.ndarray) -> pd.Series:
    """A remark that fits the score where one was written, missing elsewhere."""
    remarks = [
        COMMENTS[group][int(u * len(COMMENTS[group]))] if wrote else None
        for group, wrote, u in zip(nps_group(score), written, pick, strict=True)
    ]
    return pd.Series(remarks, dtype="str")


def _finish(answers: pd.DataFrame) -> pd.DataFrame:
    answers = answers.assign(kind="nps", origin="simulated")[list(COLUMNS)]
    return answers.sort_values(["answered_at", "customer_id"], kind="stable", ignore_index=True)
