"""DuckDB, PostgreSQL and Spark give the same period tables."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
import subscription_cases as cases

from retention_kit import summarise
from retention_kit.summarise import SubscriptionRules

RATES = pd.DataFrame(
    {"day": ["2024-01-01", "2024-01-01", "2024-04-30"], "currency": ["EUR", "TWD", "TWD"], "rate": [1, 0.03, 0.0275]}
)


def orders():
    """Sixty customers, some refunds, dear and cheap, and several orders at one moment."""
    rng = np.random.default_rng(3)
    n = 400
    days = rng.integers(0, 300, n)
    return pd.DataFrame(
        {
            "customer_id": rng.integers(0, 60, n).astype(str),
            "ordered_at": pd.Timestamp("2023-11-20") + pd.to_timedelta(days * 24 + rng.integers(0, 24, n), unit="h"),
            "amount": rng.choice([10.05, 20.1, 0.0, -5.55], n, p=[0.5, 0.3, 0.1, 0.1]),
            "country": rng.choice(["PL", "TW", None], n),
        }
    )


def subscriptions():
    rows = cases.subscriptions()
    rows["currency"] = np.where(rows["country"] == "TW", "TWD", "EUR")
    rows.loc[rows["subscription_id"] == "k2", "currency"] = "TWD"
    return rows


@pytest.fixture(scope="module")
def tables():
    """Each engine's copy, made once."""
    return {}


@pytest.fixture
def there(engine, tables):
    if engine.name not in tables:
        tables[engine.name] = {"orders": engine.table(orders()), "subscriptions": engine.table(subscriptions())}
    return tables[engine.name]


def test_orders(there):
    how = {"as_of": "2024-09-15", "period": "week", "lapse_after": 45, "by": "country"}
    pdt.assert_frame_equal(summarise.periods(there["orders"], **how), summarise.periods(orders(), **how))


def test_orders_with_several_lapses(there):
    """Counted in one question, each lapse as it is counted alone."""
    how = {"as_of": "2024-09-15", "by": "country"}
    table = summarise.periods(there["orders"], lapse_after=[45, 7, 20], **how)
    for lapse, part in table.groupby("lapse_after", sort=False):
        alone = summarise.periods(orders(), lapse_after=int(lapse), **how)
        pdt.assert_frame_equal(part.drop(columns="lapse_after").reset_index(drop=True), alone)


@pytest.mark.parametrize(
    "how",
    [
        {"by": "country", "rules": SubscriptionRules(several="last", trials="count", ends="canceled_at")},
        {"lapse_after": 7, "rules": SubscriptionRules(changes="each", pauses="kept", free="kept")},
    ],
    ids=["groups", "kept"],
)
def test_subscriptions(there, how):
    here = summarise.periods(subscriptions(), as_of="2024-06-30", rates=RATES, **how)
    pdt.assert_frame_equal(summarise.periods(there["subscriptions"], as_of="2024-06-30", rates=RATES, **how), here)
