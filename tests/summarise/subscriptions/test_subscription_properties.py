"""What must hold for every subscription business, tried on random ones."""

from decimal import Decimal

import ibis
import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
import subscription_cases as cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_kit import metrics, summarise
from retention_kit.summarise import SubscriptionRules

FIRST, LAST = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-05-31")
EACH = SubscriptionRules(changes="each")

# A stretch: its days, the days without any before the next, its price (0 is free).
# A subscription: its first day, its stretches, whether the last one still runs, the days of its free trial.
PRICES = st.sampled_from(["0", "9.99", "10", "14.5", "29.9"])
stretch = st.tuples(st.integers(1, 70), st.integers(0, 20), PRICES)
subscription = st.tuples(
    st.integers(0, 150), st.lists(stretch, min_size=1, max_size=4), st.booleans(), st.integers(0, 20)
)
person = st.tuples(st.sampled_from("PTU"), st.lists(subscription, min_size=1, max_size=3))
business = st.lists(person, min_size=6, max_size=15)


def rows_of(people):
    """The rows of a random business: gaps of no days are changes of price, the last stretch may still run."""
    rows = []
    for c, (country, subscriptions) in enumerate(people):
        for s, (day, stretches, runs, trial) in enumerate(subscriptions):
            began = FIRST + pd.Timedelta(days=day)
            for k, (length, gap, price) in enumerate(stretches):
                ended = began + pd.Timedelta(days=length)
                last = runs and k == len(stretches) - 1
                tried = began + pd.Timedelta(days=trial) if k == 0 and trial else pd.NaT
                rows.append(
                    (f"c{c}", f"c{c}s{s}", began, pd.NaT if last else ended, Decimal(price), tried, country, "paused")
                )
                began = ended + pd.Timedelta(days=gap)
    columns = [*cases.COLUMNS, "trial_ended_at", "country", "status"]
    frame = pd.DataFrame(rows, columns=columns)
    times = ["started_at", "ended_at", "trial_ended_at"]
    return frame.assign(
        **{name: frame[name].astype("datetime64[us]") for name in times}, mrr=frame["mrr"].astype(float)
    )


def table(rows, as_of=LAST, **how):
    return summarise.periods(ibis.memtable(rows), as_of=as_of, **how)


def by_sets(rows, as_of=LAST):
    """Movements from each customer's exact MRR at each month end, in plain Python."""
    paid = rows.assign(began=rows[["started_at", "trial_ended_at"]].max(axis=1))
    paid = paid[(paid["mrr"] > 0) & (paid["ended_at"].isna() | (paid["ended_at"] > paid["began"]))]
    paid = paid[paid["began"] <= as_of + pd.Timedelta(hours=23)]
    first = paid.groupby("customer_id")["began"].min()
    before, found = {}, []
    for start in pd.date_range(first.min().to_period("M").start_time, as_of, freq="MS"):
        end = min(start + pd.offsets.MonthBegin(1), as_of + pd.Timedelta(days=1))
        runs = paid[(paid["began"] < end) & (paid["ended_at"].isna() | (paid["ended_at"] >= end))]
        now = {c: sum(map(Decimal, map(str, part["mrr"]))) for c, part in runs.groupby("customer_id")}
        joined = {c for c in first.index if first[c] >= start and first[c] < end}
        there = set(before) & set(now)
        up = {c: now[c] - before[c] for c in there}
        money = [
            sum(before.values()),
            sum(now[c] for c in set(now) & joined),
            sum(x for x in up.values() if x > 0),
            sum(now[c] for c in set(now) - set(before) - joined),
            -sum(x for x in up.values() if x < 0),
            sum(before[c] for c in set(before) - set(now)),
            0,
            sum(now.values()),
        ]
        inside = paid[(paid["began"] < end) & (paid["ended_at"].isna() | (paid["ended_at"] >= start))]
        ran = set(inside["customer_id"]) | set(before)
        found.append(
            [
                len(before), len(there), len(set(now) & joined), len(set(now) - set(before) - joined),
                len(set(before) - set(now)), len(joined - set(now)), len(now), len(ran), *map(float, money),
            ]
        )  # fmt: skip
        before = now
    return found


def paid_from(rows):
    """When each stretch began to be paid for."""
    began = rows[["started_at", "trial_ended_at"]].max(axis=1)
    return began[(rows["mrr"] > 0) & (rows["ended_at"].isna() | (rows["ended_at"] > began)) & (began <= LAST)]


def random_business(test):
    """Random businesses that somebody has paid, the same in every run, without a time limit on a busy machine."""
    quiet = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    return quiet(given(business.map(rows_of).filter(lambda rows: len(paid_from(rows))))(test))


@random_business
def test_movements_equal_those_of_plain_sets_and_groups_add_up_to_the_whole(rows):
    expected = by_sets(rows)
    assert table(rows)[cases.CUSTOMERS + cases.MRR].to_numpy().tolist() == expected
    parts = table(rows, by="country")
    added = parts.groupby("period")[cases.CUSTOMERS + cases.MRR].sum()
    np.testing.assert_allclose(added.to_numpy(), expected, atol=1e-9)


def reconciles(found):
    sums = found["mrr_start"] + found["mrr_new"] + found["mrr_expansion"] + found["mrr_reactivation"]
    sums = sums - found["mrr_contraction"] - found["mrr_churn"] + found["mrr_exchange"]
    np.testing.assert_allclose(sums, found["mrr_end"], atol=1e-9)
    assert (found["mrr_end"].iloc[:-1].to_numpy() == found["mrr_start"].iloc[1:].to_numpy()).all()
    assert (found["end"].iloc[:-1].to_numpy() == found["start"].iloc[1:].to_numpy()).all()
    assert (found[cases.CUSTOMERS + cases.MRR].to_numpy() >= 0).all()


@random_business
def test_mrr_reconciles_and_gross_retention_stays_in_its_bounds(rows):
    kept = SubscriptionRules(pauses="kept", free="kept")
    net, each = table(rows, rules=kept, lapse_after=5), table(rows, rules=SubscriptionRules(changes="each"))
    reconciles(net)
    reconciles(each)
    gross = metrics.gross_revenue_retention(net["mrr_start"], net["mrr_contraction"], net["mrr_churn"]).dropna()
    growth = (net["mrr_start"], net["mrr_expansion"], net["mrr_contraction"], net["mrr_churn"])
    assert ((gross >= 0) & (gross <= 1) & (gross <= metrics.net_revenue_retention(*growth).dropna())).all()


@random_business
def test_the_order_of_rows_does_not_matter(rows):
    how = {"rules": SubscriptionRules(several="last", pauses="kept"), "lapse_after": 4}
    pdt.assert_frame_equal(table(rows.sample(frac=1, random_state=1), **how), table(rows, **how))


def known_at(rows, moment):
    """The rows as they looked at a moment: later ones not there, later ends not known."""
    seen = rows[rows["started_at"] < moment].copy()
    seen["ended_at"] = seen["ended_at"].where(seen["ended_at"] < moment).astype("datetime64[us]")
    return seen


@random_business
def test_a_month_that_is_run_again_later_is_the_same_unless_a_late_row_came(rows):
    how = {"lapse_after": 6, "rules": SubscriptionRules(several="last", pauses="kept", free="kept")}
    early = known_at(rows, pd.Timestamp("2024-04-01"))
    if not (paid_from(early) < pd.Timestamp("2024-04-01")).any():
        return
    before = table(early, as_of="2024-03-31", **how)
    after = table(rows, **how)
    pdt.assert_frame_equal(after.head(len(before)), before)
    assert summarise.restated(before, after).empty
    late = pd.DataFrame([("late", "late", pd.Timestamp("2024-03-05"), pd.NaT, 7.5)], columns=cases.COLUMNS)
    changed = summarise.restated(before, table(pd.concat([rows, late]), **how))
    march = changed[changed["period"] == pd.Timestamp("2024-03-01")].set_index("figure")["change"]
    assert (march["new"], march["end"]) == (1, 1)
    assert march[["mrr_new", "mrr_end"]].tolist() == pytest.approx([7.5, 7.5])
