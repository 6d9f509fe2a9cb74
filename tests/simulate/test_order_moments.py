"""Order logs behind simulated customers: moments, amounts, and the way back to the customer table."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import simulate
from retention_kit.errors import ConfigError

PAPER = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
SPEND = {"p": 6.25, "q": 3.74, "gamma": 15.44}  # Fader & Hardie note 025


def test_the_log_leads_back_to_the_customers_it_came_from():
    customers = simulate.bgnbd_customers(3000, **PAPER, T=np.arange(3000) % 70 + 1.0)
    log = simulate.orders_of(customers, as_of="2026-09-30")
    days = log.assign(day=log["ordered_at"].dt.normalize()).groupby("customer_id")["day"].agg(["min", "max", "size"])
    back = days.reindex(customers["customer_id"]).reset_index()
    assert (back["size"] == customers["frequency"] + 1).all()
    assert ((pd.Timestamp("2026-09-30") - back["min"]).dt.days == customers["T"] * 7).all()
    recency = (back["max"] - back["min"]).dt.days / 7
    assert (recency - customers["recency"]).abs().max() <= 0.5 / 7 + 1e-5


def test_nothing_is_ordered_after_as_of():
    log = simulate.bgnbd_orders(2000, **PAPER, T=80, unit="day", as_of="2025-03-31")
    assert log["ordered_at"].max() < pd.Timestamp("2025-04-01")
    assert log["ordered_at"].min().date() == pd.Timestamp("2025-01-10").date()


def test_amounts_have_the_gamma_gamma_mean_and_spread():
    log = simulate.bgnbd_orders(100_000, **PAPER, **SPEND)
    first = log.drop_duplicates("customer_id")["amount"]
    p, q, gamma = SPEND.values()
    mean = p * gamma / (q - 1)
    variance = p * (p + 1) * gamma**2 / ((q - 1) * (q - 2)) - mean**2
    assert first.mean() == pytest.approx(mean, rel=0.01)
    assert first.var() == pytest.approx(variance, rel=0.1)
    assert (log["amount"] > 0).all()
    assert (log["amount"].round(2) == log["amount"]).all()


def test_mean_values_have_the_moments_of_means_of_single_amounts():
    x = np.repeat([0, 1, 4], 100_000)
    values = simulate.gamma_gamma_values(x, **SPEND)
    p, q, gamma = SPEND.values()
    mean = p * gamma / (q - 1)
    for count in [1, 4]:
        expected = p * (p * count + 1) / count * gamma**2 / ((q - 1) * (q - 2)) - mean**2
        assert values[x == count].mean() == pytest.approx(mean, rel=0.01)
        assert values[x == count].var() == pytest.approx(expected, rel=0.15)
    assert np.isnan(values[x == 0]).all()


def test_an_unknown_unit_is_refused():
    with pytest.raises(ConfigError, match="unit must be one of day, week, month, year, got 'fortnight'"):
        simulate.bgnbd_orders(10, **PAPER, unit="fortnight")
