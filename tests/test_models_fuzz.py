"""A part of benchmarks/model_fuzz.py: a random customer table of each kind through every model."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

from model_fuzz import KINDS, FaultError, faults, hold, tables

SEEDS = [1, 6, 9, 11, 14, 16, 19, 21, 23, 24, 25, 27, 34, 35, 36, 37, 38, 41, 47, 77]


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
