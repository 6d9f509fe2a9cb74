"""The whole shop: parts that add up, an own record, and what is said at the edges."""

import numpy as np
import pandas as pd
import pytest
from models_cdnow import orders

from retention_kit import models
from retention_kit.errors import ConfigError, DataError

HORIZON = {"horizon": 91, "models": "MBGNBD"}


def simulated(days=500, seed=0):
    """A shop with seven newcomers in two days, who buy every 50 days and leave after 100 on average."""
    rng = np.random.default_rng(seed)
    first = np.repeat(np.arange(days), rng.poisson(3.5, days))
    leaves = first + rng.exponential(100, len(first))
    bought = rng.random((len(first), days)) < 0.02
    now = np.arange(days)
    bought[(now <= first[:, None]) | (now > leaves[:, None])] = False
    bought[np.arange(len(first)), first] = True
    who, day = np.nonzero(bought)
    frame = pd.DataFrame({"customer_id": np.char.add("c", who.astype(str)), "amount": rng.gamma(5, 2, len(who))})
    return frame.assign(ordered_at=pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D"))


FRAME = simulated()
AS_OF = "2025-02-10"


@pytest.fixture(scope="module")
def shop():
    return models.forecast_shop(FRAME, as_of=AS_OF, **HORIZON)


def test_the_parts_add_up_and_the_known_ones_are_those_of_forecast_total(shop):
    table = shop.table.set_index("part")
    whole = table.loc["whole shop"]
    for column in ("expected", "customers"):
        assert table.loc[["known customers", "new customers"], column].sum() == pytest.approx(whole[column])
    known = models.forecast_total(FRAME, as_of=AS_OF, **HORIZON).table.iloc[0]
    mine = table.loc["known customers"]
    assert mine[["expected", "low", "high"]].tolist() == pytest.approx(known[["expected", "low", "high"]].tolist())
    assert mine["customers"] == known["n"]


def test_the_simulated_shop_does_what_was_forecast(shop):
    """Truth of the simulation: 3.5 newcomers a day, and what the same shop sold in the 91 days that follow."""
    line = shop.newcomers.iloc[0]
    assert line["low"] < 3.5 * 91 < line["high"]
    when = FRAME["ordered_at"]
    sold = ((when > AS_OF) & (when <= pd.Timestamp(AS_OF) + pd.Timedelta(days=91))).sum()
    whole = shop.table.set_index("part").loc["whole shop"]
    assert whole["low"] < sold < whole["high"]
    assert whole["expected"] == pytest.approx(sold, rel=0.15)
    assert line["first"] + line["further"] == pytest.approx(shop.table["expected"].iloc[1])
    assert line["first"] == pytest.approx(line["customers"])


def test_the_record_counts_what_happened(shop):
    first = FRAME.groupby("customer_id")["ordered_at"].transform("min")
    last = shop.record[shop.record["origin"] == shop.record["origin"].max()].set_index("forecast")
    origin, end = last["origin"].iloc[0], last["end"].iloc[0]
    then = (FRAME["ordered_at"] > origin) & (FRAME["ordered_at"] <= end)
    assert last.loc["whole shop", "actual"] == then.sum()
    assert last.loc["new customers", "actual"] == (then & (first > origin)).sum()
    assert last.loc["number of new customers", "actual"] == FRAME[then & (first > origin)]["customer_id"].nunique()
    assert last.loc["known customers", "actual"] == (then & (first <= origin)).sum()
    before = (FRAME["ordered_at"] > origin - pd.Timedelta(days=91)) & (FRAME["ordered_at"] <= origin)
    assert last.loc["same as last period", "expected"] == pytest.approx(before.sum())


def test_a_past_forecast_is_the_one_that_was_made_then(shop):
    """Nothing of the future leaks: the log ends at the origin, and the numbers are the same."""
    origin = shop.record["origin"].max()
    then = models.forecast_shop(FRAME[FRAME["ordered_at"] <= origin], as_of=origin, **HORIZON)
    line = shop.record[shop.record["origin"] == origin].set_index("forecast")
    made = then.table.set_index("part")
    for part in made.index:
        columns = ["expected", "low", "high"]
        assert line.loc[part, columns].tolist() == pytest.approx(made.loc[part, columns].tolist())
    steps = shop.past[shop.past["origin"] == origin]
    path = then.path[then.path["level"] == 0.9]
    assert steps["expected"].tolist() == pytest.approx(path["expected"].tolist())
    assert steps["high"].tolist() == pytest.approx(path["high"].tolist())


def test_steps_add_up_to_the_horizon_and_levels_lie_within_each_other(shop):
    whole = shop.table.set_index("part").loc["whole shop"]
    wide = shop.path[shop.path["level"] == 0.9]
    assert wide["expected"].sum() == pytest.approx(whole["expected"])
    assert wide["end"].diff().dropna().dt.days.tolist() == [30, 31]
    last = shop.cumulative.iloc[-1]
    assert last[["expected", "low", "high"]].tolist() == pytest.approx(whole[["expected", "low", "high"]].tolist())
    assert (shop.cumulative["known"] + shop.cumulative["new"]).tolist() == shop.cumulative["expected"].tolist()
    for _, step in shop.path.groupby("end"):
        assert step["low"].is_monotonic_decreasing
        assert step["high"].is_monotonic_increasing
    history = shop.history.tail(2)
    assert history["end"].iloc[-1] == pd.Timestamp(AS_OF)
    when = FRAME["ordered_at"]
    assert history["value"].iloc[-1] == ((when > history["end"].iloc[0]) & (when <= AS_OF)).sum()


def test_revenue_has_refunds_taken_off():
    refunds = FRAME.sample(frac=0.3, random_state=0).assign(amount=lambda table: -0.5 * table["amount"])
    both = pd.concat([FRAME, refunds])
    shop = models.forecast_shop(both, as_of=AS_OF, measure="revenue", **HORIZON)
    line = shop.record.query("forecast == 'whole shop'").iloc[-1]
    then = (both["ordered_at"] > line["origin"]) & (both["ordered_at"] <= line["end"])
    assert line["actual"] == pytest.approx(both.loc[then, "amount"].sum())
    assert "bring a revenue of" in shop.sentence()
    assert line["expected"] == pytest.approx(line["actual"], rel=0.3)


def test_the_sentence_names_the_parts_and_the_record(shop):
    text = shop.sentence().replace("\xa0", " ")
    assert text.startswith("In the 91 days until 2025-05-12 the shop is expected to have ")
    assert "new customers are expected (90 % interval: " in text
    held = int(shop.record.query("forecast == 'whole shop'")["inside"].sum())
    assert f"forecasts of the whole shop in 91 days, {held} lay within their 90 % interval" in text
    assert not shop.contradicted()


def test_a_log_without_newcomers_says_that_none_are_expected():
    """CDNOW follows the customers of its first quarter."""
    shop = models.forecast_shop(orders(), as_of="1998-06-30", horizon=30, models="MBGNBD")
    assert shop.closed
    table = shop.table.set_index("part")
    assert table.loc["new customers", "expected"] == 0
    assert table.loc["whole shop", "expected"] == table.loc["known customers", "expected"]
    assert "No new customer has come since 1997-03-25, so none are expected" in shop.sentence()


def test_a_log_of_one_month_is_refused_with_a_way_out():
    with pytest.raises(DataError, match=r"40 days old on 2024-02-09.*from 60 days on.*forecast_total"):
        models.forecast_shop(FRAME, as_of="2024-02-09")
    with pytest.raises(DataError, match="no purchase until 2023-12-31"):
        models.forecast_shop(FRAME, as_of="2023-12-31")


def test_a_young_log_rests_on_other_shops():
    shop = models.forecast_shop(FRAME, as_of="2024-03-10", **HORIZON)
    assert shop.record.empty
    assert "There is no record yet" in shop.sentence()
    line = shop.newcomers.iloc[0]
    reach = np.log((line["high"] + 0.5) / (line["low"] + 0.5)) / 2
    assert reach == pytest.approx(2.132 * np.hypot(0.35, 1 / np.sqrt(line["customers"] + 0.5)), rel=1e-3)


def test_faults_of_a_call_are_named():
    with pytest.raises(ConfigError, match="horizon"):
        models.forecast_shop(FRAME, as_of=AS_OF, horizon=[30, 91])
    with pytest.raises(ConfigError, match="measure"):
        models.forecast_shop(FRAME, as_of=AS_OF, measure="profit")
