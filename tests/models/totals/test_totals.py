"""The forecast of a total and its track record, on CDNOW and on shops made for one question."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from models_cdnow import orders

from retention_kit import load, models, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.models.totals import past_orders

QUARTER = {"as_of": "1998-06-30", "horizon": 91, "models": "MBGNBD"}


@pytest.fixture(scope="module")
def record():
    return models.track_record(orders(), **QUARTER)


def shop(rate, *, start="2023-01-01", days=500, customers=150, seed=0, **columns):
    """A shop whose customers all come in its first 60 days; `rate` gives mean purchases per customer on each day after,
    and customers differ in theirs."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 60, customers)
    per_day = np.array([rate(day) if callable(rate) else rate for day in range(days)])
    bought = rng.random((customers, days)) < rng.gamma(2, 0.5, customers)[:, None] * per_day
    bought[np.arange(days) <= first[:, None]] = False
    bought[np.arange(customers), first] = True
    who, day = np.nonzero(bought)
    frame = pd.DataFrame({"customer_id": [f"c{i:03}" for i in who], "amount": rng.gamma(5, 2 + who % 3)})
    frame["ordered_at"] = pd.Timestamp(start) + pd.to_timedelta(day, unit="D")
    return frame.assign(**{name: np.array(values)[who] for name, values in columns.items()})


def test_a_past_forecast_is_the_one_that_was_made_then(record):
    """The strongest test that nothing of the future leaks: the log ends at the origin, and the numbers are the same."""
    origin = record.table["origin"].iloc[-1]
    forecast = models.forecast_total(orders(), as_of=origin, horizon=91, models="MBGNBD")
    line = record.table.query("forecast == 'combination'").iloc[-1]
    made = forecast.table.iloc[0]
    assert made[["expected", "low", "high"]].tolist() == pytest.approx(line[["expected", "low", "high"]].tolist())
    assert made["end"] == line["end"]


def test_the_record_counts_what_happened(record):
    line = record.table.iloc[-1]
    card = models.holdout(orders(), split=line["origin"], as_of=line["end"], models=["MBGNBD"], draws=20).table
    card = card.set_index("model")
    last = record.table[record.table["origin"] == line["origin"]].set_index("forecast")
    assert last.loc["combination", "actual"] == card.loc["MBGNBD", "actual"]
    for name in ("MBGNBD", "same as last period", "recency rule", "mean rate"):
        assert last.loc[name, "expected"] == pytest.approx(card.loc[name, "expected"], rel=1e-6)


def test_the_summary_is_that_of_the_table(record):
    mine = record.table.query("forecast == 'combination'")
    line = record.summary.set_index("forecast").loc["combination"]
    assert line["n"] == len(mine) == 12
    assert line["held"] == mine["inside"].mean()
    assert line["mean_error"] == pytest.approx((mine["expected"] / mine["actual"] - 1).mean())
    assert ((mine["low"] < mine["actual"]) & (mine["actual"] < mine["high"])).tolist() == mine["inside"].tolist()
    assert (mine["end"] - mine["origin"] == pd.Timedelta(days=91)).all()
    assert mine["origin"].diff().dropna().eq(pd.Timedelta(days=30)).all()


def test_intervals_of_chance_alone_hold_less_often_than_those_with_the_models_error(record):
    lines = record.summary.set_index("forecast").loc["MBGNBD"]
    assert lines["held_by_chance"] < 0.7 < lines["held"]


def test_the_sentence_counts_held_intervals_and_names_the_bias(record):
    line = record.summary.set_index("forecast").loc["combination"]
    text = record.sentence().replace("\xa0", " ")
    held = round(12 * line["held"])
    assert text.startswith(
        f"Of the last 12 forecasts of purchases in 91 days, {held} lay within their 90 % interval; on "
    )
    direction = "high" if line["mean_error"] > 0 else "low"
    assert f"{100 * abs(line['mean_error']):.0f} % too {direction}" in text
    assert not record.contradicted()


def test_without_a_record_the_interval_is_that_of_other_shops():
    forecast = models.forecast_total(orders(), as_of="1997-03-15", horizon=182, models="MBGNBD")
    assert forecast.record.table.empty
    assert "There is no record yet" in forecast.sentence()
    line = forecast.table.iloc[0]
    chance = np.log(line["chance_high"] / line["chance_low"]) / (2 * 1.645)
    reach = np.log(line["high"] / line["low"]) / 2
    assert reach == pytest.approx(2.132 * np.hypot(0.2, chance), rel=1e-2)  # 2.132: t with 4 degrees of freedom


def test_orders_after_as_of_change_nothing():
    frame = shop(0.05)
    as_of = "2023-12-31"
    before = models.forecast_total(frame[frame["ordered_at"] <= as_of], as_of=as_of, horizon=30, models="MBGNBD")
    after = models.forecast_total(frame, as_of=as_of, horizon=30, models="MBGNBD")
    pd.testing.assert_frame_equal(before.table, after.table)


def test_segments_add_up_to_everybody():
    frame = shop(0.05, country=["PL"] * 140 + ["TW"] * 10)
    answer = models.forecast_total(frame, as_of="2024-04-30", horizon=[30, 91], models="MBGNBD", by="country")
    for h in (30, 91):
        parts = answer.segments.query(f"horizon == {h}")
        everybody = answer.table.query(f"horizon == {h}").iloc[0]
        assert parts["segment"].tolist() == ["PL", "TW"]
        assert parts["expected"].sum() == pytest.approx(everybody["expected"])
        assert parts["n"].sum() == everybody["n"]
        width = np.log((parts["high"] + 0.5) / (parts["low"] + 0.5)).tolist()
        assert width[1] > width[0] > np.log(everybody["high"] / everybody["low"])
    past = answer.record.segments
    assert (past.groupby(["horizon", "origin"])["expected"].sum() > 0).all()
    assert past["inside"].mean() > 0.8


def test_a_rule_that_is_nearer_carries_the_total_and_is_named():
    """The shop falls to a fifth at once, and the model goes on to hope for those who bought often."""
    frame = shop(lambda day: 0.10 if day < 150 else 0.02)
    answer = models.forecast_total(frame, as_of="2024-05-10", horizon=30, models="MBGNBD")
    shares = answer.candidates.set_index("forecast")["share"]
    rule = shares.drop("MBGNBD").max()
    assert rule > shares["MBGNBD"]
    assert f"It rests on '{shares.idxmax()}'" in answer.sentence()


def test_revenue_is_lowered_by_refunds():
    frame = shop(0.05)
    refunds = frame[frame["ordered_at"] > "2023-04-01"].assign(amount=lambda table: -0.4 * table["amount"])
    whole = models.track_record(frame, as_of="2024-04-30", horizon=30, models="MBGNBD", measure="revenue")
    less = models.track_record(
        pd.concat([frame, refunds]), as_of="2024-04-30", horizon=30, models="MBGNBD", measure="revenue"
    )
    last = [r.table.query("forecast == 'combination'").iloc[-1] for r in (whole, less)]
    assert last[1]["actual"] == pytest.approx(0.6 * last[0]["actual"])
    assert 0.5 < last[1]["expected"] / last[0]["expected"] < 0.75


def test_a_record_that_contradicts_the_interval_is_said_with_a_warning():
    """Purchases double and halve every two months: no interval can know."""
    frame = shop(lambda day: 0.25 if (day // 60) % 2 else 0.02, days=400)
    record = models.track_record(frame, as_of="2024-01-31", horizon=30, level=0.5, models="MBGNBD")
    table = record.table.copy()
    mine = table["forecast"] == "combination"
    table.loc[mine, "inside"] = [True, True] + [False] * (mine.sum() - 2)
    doubtful = models.TrackRecord(
        table, record.summary, None, 0.9, "purchases", (30,), dt.date(2024, 1, 31), record.early
    )
    assert doubtful.contradicted()
    assert "too narrow to be called 90" in doubtful.sentence()


@pytest.mark.parametrize("kind", ["frame", "table"])
def test_frames_and_tables_give_what_a_dataset_gives(kind, record):
    data = orders()
    data = data.table if kind == "table" else data.to_pandas()
    again = models.track_record(data, **QUARTER)
    pd.testing.assert_frame_equal(again.table, record.table)


def test_a_log_in_which_nobody_comes_back_has_a_forecast_near_nothing():
    frame = pd.DataFrame({"customer_id": [f"c{i}" for i in range(400)], "amount": 5.0})
    frame["ordered_at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(400) % 200, unit="D")
    answer = models.forecast_total(frame, as_of="2024-07-31", horizon=30)
    line = answer.table.iloc[0]
    assert 0 <= line["low"] <= line["expected"] < 20
    assert np.isfinite(line["high"])
    assert answer.record.table["error"].isna().all()
    answer.sentence()


def test_purchases_that_bring_nothing_have_a_revenue_of_nothing():
    frame = shop(0.05).assign(amount=0.0)
    with pytest.warns(RetentionKitWarning, match="no revenue so far"):
        answer = models.forecast_total(frame, as_of="2024-04-30", horizon=30, measure="revenue")
    assert answer.table[["expected", "low", "high"]].to_numpy() == pytest.approx(0.0, abs=1e-6)


def test_too_few_customers_for_a_model_leave_the_rules():
    frame = shop(0.05, customers=12)
    with pytest.warns(RetentionKitWarning, match="There are fewer than 30 customers"):
        answer = models.forecast_total(frame, as_of="2024-04-30", horizon=91)
    assert set(answer.candidates["forecast"]) == {"same as last period", "recency rule"}
    assert answer.table["expected"].item() > 0


def test_early_customers_are_left_out_of_the_fit_and_forecast_with_the_others():
    answer = models.forecast_total(load.sample("online_retail"), as_of="2010-11-30", horizon=91, models="MBGNBD")
    assert answer.early.verdict == "yes"
    assert "MBGNBD, later customers" in set(answer.candidates["forecast"])
    assert "MBGNBD" not in set(answer.candidates["forecast"])
    everybody = summarise.customers(load.sample("online_retail"), as_of="2010-11-30")
    assert answer.table["n"].item() == everybody.count().to_pandas()
    assert answer.early.sentence in answer.sentence()


def test_faults_of_a_call_are_listed_together():
    with pytest.raises(ConfigError, match="4 faults"):
        models.track_record(orders(), as_of="1998-06-30", horizon=0, origins=0, measure="money", level=90)
    with pytest.raises(ConfigError, match="whole opportunities"):
        models.track_record(orders(), as_of="1998-06-30", models=models.BGBB)
    with pytest.raises(ConfigError, match="not known"):
        models.forecast_total(orders(), as_of="1998-06-30", models="Pareto")
    with pytest.raises(DataError, match="no purchase until 1996-01-01"):
        models.forecast_total(orders(), as_of="1996-01-01")
    with pytest.raises(DataError, match="no column shop"):
        models.forecast_total(orders(), as_of="1998-06-30", by="shop")


def test_orders_that_are_counted_once_give_the_same_forecasts(monkeypatch):
    log, request = shop(0.02, customers=60, days=240), {"as_of": "2023-08-20", "horizon": [30, 60]}
    alone = [models.forecast_total(log, measure=measure, **request) for measure in ("purchases", "revenue")]
    counted, fitted = [], []
    count, fit = past_orders.past_customers, models.MBGCNBD.fit.__func__
    monkeypatch.setattr(past_orders, "past_customers", lambda *a, **k: counted.append(k) or count(*a, **k))
    monkeypatch.setattr(models.MBGCNBD, "fit", classmethod(lambda cls, *a, **k: fitted.append(a) or fit(cls, *a, **k)))
    past = models.PastOrders(log)
    revenue = models.forecast_total(past, measure="revenue", **request)
    fits = len(fitted)
    purchases = models.forecast_total(past, **request)
    assert len(counted) == 1
    assert len(fitted) == fits > 1
    for mine, theirs in zip((purchases, revenue), alone, strict=True):
        pd.testing.assert_frame_equal(mine.table, theirs.table)
        pd.testing.assert_frame_equal(mine.record.table, theirs.record.table)


def test_orders_that_are_counted_once_are_counted_again_for_another_question():
    past = models.PastOrders(shop(0.02, customers=60, days=240, country=["PL", "TW"] * 30))
    july = models.forecast_total(past, as_of="2023-07-31", horizon=30)
    august = models.forecast_total(past, as_of="2023-08-20", horizon=30)
    assert july.record.as_of < august.record.as_of
    assert models.forecast_total(past, as_of="2023-08-20", horizon=30, by="country").segments is not None


def test_a_horizon_longer_than_the_log_is_warned_about():
    with pytest.warns(RetentionKitWarning, match=r"The log is 120 days old on .*\. How purchases go on for 121 days"):
        models.forecast_total(shop(0.05, days=120), as_of="2023-04-30", horizon=[30, 121], models="MBGNBD")


def test_a_single_customer_is_written_in_the_singular():
    single_order = pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2024-01-01"], "amount": [10.0]})
    with pytest.warns(RetentionKitWarning, match="Not every model could be fitted"):
        sentence = models.forecast_total(single_order, as_of="2024-04-10", horizon=91).sentence()
    assert "the 1 customer known on 2024-04-10 is expected to make 0 purchases" in sentence
