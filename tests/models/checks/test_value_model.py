"""The one model that values rest on: the first candidate, until another clearly forecasts better."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, models, summarise
from retention_kit.errors import ConfigError
from retention_kit.models.checks import value_model
from retention_kit.models.checks.value_model import ValueModels, _rival


@pytest.fixture(scope="module")
def log():
    return load.sample("cdnow_sample")


@pytest.fixture(scope="module")
def choices(log):
    return ValueModels(log)


def test_where_no_month_can_be_graded_it_is_the_first_candidate(log):
    young = models.value_model(log, as_of="1997-01-31", candidates=["ParetoNBD", "MBGNBD"])
    assert (young.model, young.since) == ("ParetoNBD", None)
    assert young.table.empty


def test_a_model_stays_unless_another_is_ahead_by_more_than_the_standard_error(choices):
    chosen = choices.at("1998-06-30")
    assert list(chosen.table["as_of"].astype(str))[:2] == ["1997-02-28", "1997-03-31"]
    behind = chosen.table[chosen.table["ahead"] < 0]
    assert (-behind["ahead"] <= behind["standard_error"]).all()
    last = chosen.table.iloc[-1]
    assert (last["model"], last["rival"]) == ("MBGNBD", "ParetoNBD")
    assert last["ahead"] < 0  # the holdout's winner is another, but not clearly


def test_a_difference_and_its_standard_error_are_those_of_the_single_customers():
    densities = {"one": np.array([-1.0, -2.0, -3.0]), "other": np.array([-1.5, -1.8, -3.1])}
    weights = np.array([3.0, 2.0, 5.0])
    rival, ahead, error = _rival("one", densities, weights)
    each = np.repeat(densities["one"] - densities["other"], weights.astype(int))
    assert rival == "other"
    assert ahead == pytest.approx(each.mean())
    assert error == pytest.approx(each.std(ddof=1) / np.sqrt(len(each)))


def test_the_grade_is_that_of_the_holdout(log, choices):
    split = models.holdout_split(log, as_of="1998-06-30", months=6)
    names = ["MBGNBD", "ParetoNBD"]
    card = models.holdout(log, split=split, as_of="1998-06-30", models=names, draws=2)
    density = card.table.set_index("model")["log_density"]
    last = choices.at("1998-06-30").table.iloc[-1]
    assert last["ahead"] == pytest.approx(density["MBGNBD"] - density["ParetoNBD"], abs=1e-12)


@pytest.mark.parametrize("most_joined", [1, 20_000_000])
def test_grades_of_many_months_are_those_of_one_month_at_a_time(log, monkeypatch, most_joined):
    monkeypatch.setattr(value_model, "_MOST_JOINED", most_joined)
    together = ValueModels(log, months=2).at("1997-08-31").table
    each = ValueModels(log, months=2)
    single = [each.at(day).table for day in pd.date_range("1997-01-31", "1997-08-31", freq="ME").date]
    pd.testing.assert_frame_equal(together, single[-1])
    assert len(together) == 7  # the log begins in January; at the end of February it can be split


def test_a_model_that_forecasts_clearly_better_takes_over_and_then_stays():
    rng, n = np.random.default_rng(5), 4000
    first = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    rate, death = rng.gamma(1.0, 1 / 20, n), rng.exponential(1 / rng.gamma(1.2, 1 / 60, n))
    events = [(i, first[i]) for i in range(n)]
    for i in range(n):
        gaps = np.cumsum(rng.exponential(1 / rate[i], 60))
        events += [(i, first[i] + pd.Timedelta(days=d)) for d in gaps[gaps < min(death[i], 540)]]
    frame = pd.DataFrame(events, columns=["customer_id", "ordered_at"]).assign(amount=10.0)
    shop = ValueModels(load.orders(frame.astype({"customer_id": str})), candidates=["BGNBD", "ParetoNBD"])
    chosen = shop.at("2025-06-30")
    assert chosen.model == "ParetoNBD"
    changes = (chosen.table["model"] != chosen.table["model"].shift()).sum()
    assert changes <= 2
    taken = chosen.table[chosen.table["as_of"] == chosen.since].iloc[0]
    assert taken["ahead"] > taken["standard_error"]


def test_the_choice_follows_from_the_log_alone_whatever_was_asked_before(log, choices):
    alone = ValueModels(log).at("1998-03-31")
    choices.at("1998-06-30")
    after = choices.at("1998-03-31")
    assert alone == after
    pd.testing.assert_frame_equal(alone.table, after.table)
    shorter = log.to_pandas().query("ordered_at < '1998-04-01'")
    alone = models.value_model(shorter, as_of="1998-03-31")
    pd.testing.assert_frame_equal(alone.table, after.table)


class _OnceClearly(ValueModels):
    """Pareto/NBD is clearly ahead in June 1997, and by less than a standard error in every other month."""

    def _grade(self, ends):
        noise = np.array([-1.0, 1.0])
        for end in ends:
            ahead = 0.2 if (end.year, end.month) == (1997, 6) else 0.001
            self._graded[end] = {"MBGNBD": noise, "ParetoNBD": -noise + ahead}, np.array([1000.0, 1000.0])


def test_a_model_that_took_over_stays_over_the_turn_of_a_year_while_nothing_beats_it(log):
    choices = _OnceClearly(log)
    chosen = [choices.at(day) for day in ("1997-05-31", "1997-06-30", "1997-12-31", "1998-01-31", "1998-06-30")]
    assert [choice.model for choice in chosen] == ["MBGNBD", *["ParetoNBD"] * 4]
    assert {str(choice.since) for choice in chosen[1:]} == {"1997-06-30"}


def test_a_day_within_a_month_takes_the_choice_of_the_month_before(choices):
    assert choices.at("1998-06-29") == choices.at("1998-05-31")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"candidates": []}, "at least one candidate"),
        ({"candidates": None}, "at least one candidate"),
        ({"months": 2.5}, "months must be"),
        ({"months": "6"}, "months must be"),
        ({"unit": "fortnight"}, "unit is one of"),
        ({"grain": "fortnight"}, "grain is one of"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(log, wrong, says):
    with pytest.raises(ConfigError, match=says):
        models.value_model(log, as_of="1997-12-31", **wrong)


def test_a_single_candidate_may_be_named_alone(log):
    assert models.value_model(log, as_of="1997-01-31", candidates="ParetoNBD").model == "ParetoNBD"


def test_unknown_models_are_refused(log):
    with pytest.raises(ConfigError, match="'XYZ' is not known"):
        models.value_model(log, as_of="1998-06-30", candidates=["XYZ"])


def test_the_chosen_model_can_be_fitted_by_its_name(log, choices):
    name = choices.at("1998-06-30").model
    assert getattr(models, name).fit(summarise.customers(log, as_of="1998-06-30")).verdict == "converged"
