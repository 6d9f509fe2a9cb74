"""Recurring revenue: the arithmetic of two months of books by hand, edges, and simulated businesses."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import models, summarise
from retention_kit.errors import ConfigError, DataError

MOVEMENTS = ["new", "expansion", "reactivation", "contraction", "churn"]


def plans(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "started_at", "ended_at", "mrr"])
    return frame.assign(
        subscription_id=[f"s{i}" for i in range(len(frame))],
        started_at=pd.to_datetime(frame["started_at"]),
        ended_at=pd.to_datetime(frame["ended_at"]),
    )


TWO_MONTHS = plans(
    [
        ("ada", "2024-01-05", None, 60),
        ("bo", "2024-01-20", "2024-02-20", 10),
        ("cy", "2024-01-20", "2024-02-10", 20),
        ("cy", "2024-02-10", None, 25),
        ("di", "2024-01-20", "2024-02-10", 10),
        ("di", "2024-02-10", None, 8),
        ("eve", "2024-02-10", None, 30),
    ]
)
"""January ends with 100. In February 30 are new, 5 more and 2 less are paid, and 10 are lost: 123."""


def business(seed, months=30, churn=0.05, new=25):
    """Customers come by a Poisson process at three prices, leave and change their plan with constant probabilities."""
    rng = np.random.default_rng(seed)
    joined = np.repeat(np.arange(months), rng.poisson(new, months))
    price, left = rng.choice([10.0, 20.0, 40.0], len(joined)), joined + rng.geometric(churn, len(joined))
    changed = joined + rng.geometric(0.02, len(joined))
    factor = rng.choice([0.5, 1.5], len(joined), p=[0.3, 0.7])
    day = pd.to_timedelta(rng.integers(0, 27, len(joined)), unit="D")

    def moments(month):
        return pd.PeriodIndex(pd.Period("2023-01") + month).to_timestamp() + day

    changes = changed < left
    name = [f"c{i}" for i in range(len(joined))]
    until = moments(np.where(changes, changed, left))
    frame = pd.DataFrame({"customer_id": name, "started_at": moments(joined), "ended_at": until, "mrr": price})
    later = frame.assign(started_at=until, ended_at=moments(left), mrr=price * factor)[changes]
    rows = pd.concat([frame, later], ignore_index=True)
    return rows.assign(subscription_id=[f"s{i}" for i in range(len(rows))])


def expected(forecast):
    return forecast.table.set_index("part")["expected"]


def test_two_months_of_books_by_hand():
    forecast = models.forecast_mrr(TWO_MONTHS, as_of="2024-02-29", months=2)
    assert forecast.history["value"].tolist() == [100, 123]
    # rates of February per 100 at its start: 5 more, 2 less, 10 lost; 30 a month are new
    march = 123 * (1 + 0.05 - 0.02 - 0.10) + 30
    april = march * (1 + 0.05 - 0.02 - 0.10) + 30
    assert forecast.months["mrr"].tolist() == pytest.approx([march, april])
    values = expected(forecast)
    assert values["new"] == pytest.approx(60)
    assert values["expansion"] == pytest.approx(0.05 * (123 + march))
    assert values["contraction"] == pytest.approx(0.02 * (123 + march))
    assert values["churn"] == pytest.approx(0.10 * (123 + march))
    assert values["reactivation"] == 0
    assert values["end"] == pytest.approx(april)


def test_start_and_movements_add_up_to_the_end_in_every_month():
    forecast = models.forecast_mrr(business(0), as_of="2025-03-31", months=6)
    months, values = forecast.months, expected(forecast)
    moved = months["new"] + months["expansion"] + months["reactivation"] - months["contraction"] - months["churn"]
    assert (months["start"] + moved).tolist() == pytest.approx(months["mrr"].tolist())
    assert months["start"].tolist()[1:] == months["mrr"].tolist()[:-1]
    assert months[MOVEMENTS].sum().tolist() == pytest.approx(values[MOVEMENTS].tolist())
    assert months["mrr"].iloc[-1] == pytest.approx(values["end"])
    assert months["end"].tolist()[::5] == [pd.Timestamp("2025-04-30"), pd.Timestamp("2025-09-30")]
    path = forecast.path[forecast.path["level"] == 0.9]
    assert path["expected"].tolist() == pytest.approx(months["mrr"].tolist())
    assert path.iloc[-1][["low", "high"]].tolist() == forecast.table.iloc[-1][["low", "high"]].tolist()


def test_the_record_counts_what_happened_and_knows_nothing_of_the_future():
    rows = business(1)
    forecast = models.forecast_mrr(rows, as_of="2025-03-31", months=3)
    line = forecast.record[forecast.record["origin"] == "2024-12-31"].set_index("forecast")
    books = summarise.periods(rows, as_of="2025-03-31").set_index("period")
    assert line.loc["end", "actual"] == pytest.approx(books.loc["2025-03-01", "mrr_end"])
    for name in MOVEMENTS:
        assert line.loc[name, "actual"] == pytest.approx(books.loc["2025-01-01":"2025-03-01", f"mrr_{name}"].sum())
    then = models.forecast_mrr(rows, as_of="2024-12-31", months=3).table.set_index("part")
    for name in [*MOVEMENTS, "end"]:
        columns = ["expected", "low", "high"]
        assert line.loc[name, columns].tolist() == pytest.approx(then.loc[name, columns].tolist())
    assert line.loc["no change", "expected"] == pytest.approx(books.loc["2024-12-01", "mrr_end"])
    past = forecast.past[forecast.past["origin"] == "2024-12-31"]
    assert past["value"].tolist() == pytest.approx(books.loc["2025-01-01":"2025-03-01", "mrr_end"].tolist())


def test_rates_and_intervals_hold_in_simulated_businesses():
    """Truth: 25 new customers a month at 23.33 on average, of whom 5 % leave each month."""
    inside, ends = [], []
    for seed in range(4):
        forecast = models.forecast_mrr(business(seed), as_of="2025-05-31", months=3)
        values = expected(forecast)
        assert values["new"] == pytest.approx(3 * 25 * 70 / 3, rel=0.3)
        lost = forecast.months["churn"].sum() / forecast.months["start"].sum()
        assert lost == pytest.approx(0.05, rel=0.35)
        record = forecast.record.query("forecast == 'end'")
        inside += record["inside"].tolist()
        ends += record["error"].tolist()
    assert np.mean(inside) >= 0.85
    assert np.abs(ends).mean() < 0.06


def test_an_incomplete_month_is_left_out():
    forecast = models.forecast_mrr(business(2), as_of="2025-03-17", months=1)
    assert forecast.as_of.isoformat() == "2025-02-28"
    assert "after 2025-02-28" in forecast.sentence()
    same = models.forecast_mrr(business(2), as_of="2025-02-28", months=1)
    assert expected(forecast).tolist() == pytest.approx(expected(same).tolist())


def test_losses_never_exceed_what_there_is():
    rows = plans(
        [("ada", "2024-01-05", "2024-02-20", 100), ("bo", "2024-01-05", None, 1), ("cy", "2024-02-05", None, 5)]
    )
    forecast = models.forecast_mrr(rows, as_of="2024-02-29", months=24)
    assert (forecast.months["mrr"] >= 0).all()
    assert forecast.table["low"].min() >= 0


def test_books_that_everybody_left_have_a_forecast_near_nothing():
    rows = plans([("ada", "2024-01-05", "2024-02-05", 10), ("bo", "2024-01-05", "2024-03-05", 10)])
    end = models.forecast_mrr(rows, as_of="2024-06-30").table.set_index("part").loc["end"]
    assert end["expected"] == 0
    assert end["low"] == 0 < end["high"] < 200


def test_the_sentence_names_movements_and_the_record():
    text = models.forecast_mrr(TWO_MONTHS, as_of="2024-02-29", months=1).sentence().replace("\xa0", " ")
    assert text.startswith("In the month after 2024-02-29 recurring revenue is expected to go from 123 a month to 144")
    assert "plus 30 of new, plus 6 of expansion" in text
    assert "less 12 of churn" in text
    assert "There is no record yet" in text
    record = models.forecast_mrr(business(3), as_of="2025-03-31").sentence()
    assert "Of the last 12 forecasts of recurring revenue in 3 months, " in record


def test_books_that_are_too_short_are_refused_with_a_way_out():
    with pytest.raises(DataError, match=r"1 complete month until 2024-02-10.*needs two"):
        models.forecast_mrr(TWO_MONTHS, as_of="2024-02-10")
    with pytest.raises(DataError, match="no paid subscription up to 2023-12-31"):
        models.forecast_mrr(TWO_MONTHS, as_of="2023-12-31")
    orders = pd.DataFrame({"customer_id": ["a"], "ordered_at": [pd.Timestamp("2024-01-01")], "amount": [5.0]})
    with pytest.raises(DataError, match="order log"):
        models.forecast_mrr(orders, as_of="2024-02-29")


def test_faults_of_a_call_are_listed_together():
    with pytest.raises(ConfigError, match="2 faults"):
        models.forecast_mrr(TWO_MONTHS, as_of="2024-02-29", months=0, level=90)
