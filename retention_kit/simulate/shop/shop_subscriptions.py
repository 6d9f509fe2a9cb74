"""Subscriptions of the shop: one row per stretch of one subscription at one price."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.simulate.shop import truth
from retention_kit.simulate.shop.plans import GONE, MONTHS, PAUSED, courses
from retention_kit.simulate.shop.shop_orders import moment

COLUMNS: Final = (
    "customer_id",
    "subscription_id",
    "started_at",
    "ended_at",
    "mrr",
    "plan",
    "billing_months",
    "trial_ended_at",
    "status",
    "currency",
    "country",
)


def subscriptions(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Stretches of all subscriptions, by start; ended_at is empty where the stretch still ran on the last day."""
    rng = np.random.default_rng([seed, 4])
    signed = _sign_ups(people, rng)
    paying = signed[signed["converts"]].reset_index(drop=True)
    paid = _stretches(paying, rng)
    only_tried = signed[~signed["converts"]]
    rows = pd.concat([paid, _trials(only_tried)], ignore_index=True)
    months = np.where(rows["plan"].isin(truth.PLANS[3:]), 12, 1)
    rows = rows.assign(currency=truth.CURRENCY, billing_months=months)[list(COLUMNS)]
    return rows.sort_values(["started_at", "subscription_id"], kind="stable", ignore_index=True)


def _sign_ups(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Who subscribes, when, and to which plan: frequent buyers more often, some weeks after the first order."""
    keen = people["purchase_rate"].rank(pct=True, method="first").to_numpy()
    day = people["first_day"].to_numpy() + np.ceil(rng.exponential(70, len(people))).astype(int)
    yearly = rng.random(len(people)) < truth.YEARLY_SHARE
    tries = (rng.random(len(people)) < truth.TRIAL_SHARE) & ~yearly
    plan = rng.choice(3, size=len(people), p=[0.45, 0.38, 0.17]) + 3 * yearly
    converts = ~tries | (rng.random(len(people)) < truth.TRIAL_CONVERSION)
    takes = (rng.random(len(people)) < 2 * truth.SUBSCRIBER_SHARE * keen) & (day < truth.DAYS)
    signed: pd.DataFrame = people[["customer_id", "country"]].assign(
        day=day, plan=plan, tries=tries, converts=converts
    )[takes]
    signed = signed.sort_values("day", kind="stable", ignore_index=True)
    signed["signed_at"] = moment(signed["day"].to_numpy(), rng)
    signed["subscription_id"] = "B" + (1001 + pd.Series(signed.index)).astype("str")
    trial_end = signed["signed_at"] + pd.Timedelta(days=truth.TRIAL_DAYS)
    signed["trial_ended_at"] = trial_end.where(signed["tries"])
    return signed.assign(converts=signed["converts"] | (signed["trial_ended_at"] > _end()))


def _stretches(paying: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Walk through every subscriber's renewals and cut where plan or price changes."""
    renewals = _renewals(paying["trial_ended_at"].fillna(paying["signed_at"]))
    course = courses(paying["plan"].to_numpy(), renewals, rng)
    mrr = _prices(course, renewals)
    happened = (renewals <= _end()) | (np.arange(MONTHS) == 0)
    changed = np.ones(course.shape, dtype=bool)
    changed[:, 1:] = (course[:, 1:] != course[:, :-1]) | (mrr[:, 1:] != mrr[:, :-1])
    number = np.cumsum(_returns(course) & happened, axis=1)
    who, k = np.nonzero(changed & happened)
    same = np.append(who[1:] == who[:-1], False)
    ended = np.where(same, np.roll(renewals[who, k], -1), np.datetime64("NaT"))
    rows = pd.DataFrame(
        {
            "customer_id": paying["customer_id"].take(who).array,
            "subscription_id": _numbered(paying["subscription_id"].take(who), number[who, k]),
            "started_at": np.where(k == 0, paying["signed_at"].to_numpy()[who], renewals[who, k]),
            "ended_at": ended,
            "mrr": mrr[who, k],
            "plan": np.array([*truth.PLANS, "", ""])[course[who, k]],
            "trial_ended_at": np.where(k == 0, paying["trial_ended_at"].to_numpy()[who], np.datetime64("NaT")),
            "country": paying["country"].take(who).array,
        }
    )
    rows["status"] = _status(rows["trial_ended_at"], np.where(same, np.roll(course[who, k], -1), 0), same)
    return rows[course[who, k] >= 0]


def _renewals(paid_from: pd.Series) -> np.ndarray:
    """The same day and hour of each month from the first paid one, at most the 28th."""
    start: np.ndarray = paid_from.to_numpy().astype("datetime64[s]")
    month: np.ndarray = start.astype("datetime64[M]")
    day: np.ndarray = start.astype("datetime64[D]")
    in_month = np.minimum((day - month.astype("datetime64[D]")).astype(int), 27)
    days = (month[:, None] + np.arange(MONTHS)).astype("datetime64[D]") + in_month[:, None]
    renewals: np.ndarray = days.astype("datetime64[s]") + (start - day)[:, None]
    renewals[:, 0] = start
    return renewals


def _prices(course: np.ndarray, renewals: np.ndarray) -> np.ndarray:
    """Price per month at each renewal; a paid year keeps its price."""
    k = np.arange(MONTHS)
    year_began = np.broadcast_to(renewals[:, k - k % 12], renewals.shape)
    priced_on = np.where(course >= 3, year_began, renewals)
    price = truth.MRR[(priced_on >= truth.PRICE_RISE).astype(int), np.maximum(course, 0)]
    return np.where(course >= 0, price, 0.0)


def _returns(course: np.ndarray) -> np.ndarray:
    """Where a cancelled subscriber comes back: a new subscription, unlike the end of a pause."""
    back = np.zeros(course.shape, dtype=bool)
    back[:, 1:] = (course[:, 1:] >= 0) & (course[:, :-1] == GONE)
    return back


def _numbered(base: pd.Series, number: np.ndarray) -> pd.api.extensions.ExtensionArray:
    suffix = np.where(number > 0, np.char.add("-", (number + 1).astype(str)), "")
    ids: pd.api.extensions.ExtensionArray = (base.reset_index(drop=True) + pd.Series(suffix)).array
    return ids


def _status(trial_ended_at: pd.Series, then: np.ndarray, ended: np.ndarray) -> np.ndarray:
    running = np.where(trial_ended_at > _end(), "trialing", "active")
    return np.select([~ended, then == PAUSED, then == GONE], [running, "paused", "canceled"], "changed")


def _trials(only_tried: pd.DataFrame) -> pd.DataFrame:
    """Free trials that ended without a payment."""
    risen = (only_tried["trial_ended_at"] >= pd.Timestamp(truth.PRICE_RISE)).astype(int)
    return only_tried[["customer_id", "subscription_id", "country", "trial_ended_at"]].assign(
        started_at=only_tried["signed_at"],
        ended_at=only_tried["trial_ended_at"],
        mrr=truth.MRR[risen, only_tried["plan"]],
        plan=np.array(truth.PLANS)[only_tried["plan"]],
        status="trial ended",
    )


def _end() -> pd.Timestamp:
    """The last second of the last day."""
    return pd.Timestamp(truth.END) + pd.Timedelta(hours=23, minutes=59, seconds=59)
