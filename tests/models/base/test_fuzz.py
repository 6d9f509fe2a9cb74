"""A part of benchmarks/model_fuzz.py: a random customer table of each kind through every model."""

import sys
import warnings
from functools import partial
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))

from model_fuzz import KINDS, REFUSED, FaultError, faults, hold, tables

from retention_kit import models

SEEDS = [1, 6, 11, 14, 16, 21, 23, 27, 34, 35, 36, 37, 38, 56, 77]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_model_answers_a_random_table_within_its_bounds_or_refuses_it(seed):
    outcomes = list(faults(seed))
    assert [outcome for outcome in outcomes if outcome[2] not in ("", "answered")] == []
    assert len(outcomes) == 7


def test_the_tables_are_of_every_kind():
    assert {tables(seed)[0] for seed in SEEDS} == set(KINDS)


def test_a_property_that_does_not_hold_is_a_fault():
    with pytest.raises(FaultError, match="never fall"):
        hold("expected_purchases never fall", [True, False])


def answered(call):
    """The answer, None where it is refused, and whether a warning spoke of an expectation outside its interval."""
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        try:
            answer = call()
        except REFUSED:
            answer = None
    return answer, any("outside its own interval" in str(note.message) for note in notes)


def is_outside(answer, point="expected", low="expected_low", high="expected_high"):
    slack = 1e-9 * answer[point].abs()
    return bool(((answer[point] < answer[low] - slack) | (answer[point] > answer[high] + slack)).any())


def test_an_expectation_outside_its_own_interval_is_never_given_without_a_word():
    seen = set()
    for seed in (1, 2, 5, 6, 8, 15, 17, 18):
        _, customers = tables(seed)
        customers = customers.head(60)
        model, _ = answered(partial(models.BGNBD.fit, customers))
        if model is None:
            continue
        for by in (None, []):
            found, said = answered(partial(model.forecast, customers, 13.0, by=by, draws=100))
            if found is not None:
                assert is_outside(found) == said, (seed, by)
                seen.add(said)
        name = "expected_purchases"
        asked = partial(models.interval, model, name, customers, 13.0, draws=100)
        found, said = answered(asked)
        assert found is None or is_outside(found, name, "low", "high") == said, seed
    assert seen == {True, False}


def test_buyers_of_one_purchase_have_the_warning_and_the_sample_has_none():
    once = tables(1)[1].drop(columns="weights")
    model, _ = answered(lambda: models.BGNBD.fit(once))
    total, said = answered(lambda: model.forecast(once, 13.0, by=[], draws=200))
    assert said
    assert total["expected"].item() < total["expected_low"].item()
