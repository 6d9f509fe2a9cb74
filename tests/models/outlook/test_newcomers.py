"""New customers: how many will come and what each brings, against counting by hand and a shop whose truth is known."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from retention_kit import load
from retention_kit.models.outlook.newcomers import brought, newcomers
from retention_kit.models.totals.past_customers import past_customers
from retention_kit.summarise.common.calendar_periods import EPOCH
from retention_kit.summarise.common.order_log import orders_until

START = pd.Timestamp("2024-01-01")


def past(frame, ages):
    """What was known when the log had run for so many days."""
    first = (START.date() - EPOCH).days
    end = START.date() + dt.timedelta(days=max(ages))
    log = orders_until(load.orders(frame), end)
    return past_customers(log, first + np.array(ages), by=None, unit="week", grain="day", money=True)


def log(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    return frame.assign(ordered_at=START + pd.to_timedelta(frame["day"], unit="D")).drop(columns="day")


def test_what_a_newcomer_brings_is_summed_over_those_who_reached_each_age():
    rows = [("early", 0, 9.0), ("early", 1, 9.0), ("ada", 40, 10.0), ("ada", 42, 6.0), ("bo", 58, 20.0)]
    known = past(log(rows), [59])
    day = int(known.origins[0])
    # age 0: ada and bo; age 1: both; age 2: ada alone has reached it, and buys
    assert brought(known, day, 3, "purchases") == pytest.approx([1, 1, 2])
    assert brought(known, day, 3, "money") == pytest.approx([15, 15, 21])


def test_purchases_after_the_origin_are_not_known():
    rows = [("early", 0, 9.0), ("ada", 40, 10.0), ("ada", 65, 6.0)]
    known = past(log(rows), [60, 70])
    assert brought(known, int(known.origins[0]), 20, "purchases")[-1] == 1


def simulated(days=600, per_day=4.0, rate=0.02, seed=0):
    """Customers come and buy by Poisson processes, and nobody leaves."""
    rng = np.random.default_rng(seed)
    first = np.repeat(np.arange(days), rng.poisson(per_day, days))
    bought = rng.random((len(first), days)) < rate
    bought[np.arange(days) <= first[:, None]] = False
    bought[np.arange(len(first)), first] = True
    who, day = np.nonzero(bought)
    return log({"customer_id": np.char.add("c", who.astype(str)), "day": day, "amount": 10.0})


def test_the_number_of_newcomers_and_what_they_bring_are_those_of_the_simulation():
    known = past(simulated(), [*range(60, 598, 30), 599])
    answer = newcomers(known, 91, "purchases")
    assert answer.customers[-1] == pytest.approx(4 * 91, rel=0.12)
    assert answer.each[-1] == pytest.approx(1 + 0.02 * 45, rel=0.05)  # they come evenly: 45 days each on average
    assert answer.first[-1] == pytest.approx(1)
    assert newcomers(known, 91, "money").each[-1] == pytest.approx(10 * answer.each[-1])
    over = np.isfinite(answer.came)
    assert over.sum() == np.sum(known.origins + 91 <= known.origins[-1])
    assert np.abs(np.log(answer.customers[over] / answer.came[over])).mean() < 0.15


def test_a_log_to_which_nobody_came_for_a_quarter_is_closed():
    rows = [(f"c{i}", i, 5.0) for i in range(120)] + [("c1", 300, 5.0)]
    answer = newcomers(past(log(rows), [150, 200, 300]), 30, "purchases")
    assert answer.closed.tolist() == [False, False, True]
    assert answer.customers[-1] == 0 < answer.customers[0]
