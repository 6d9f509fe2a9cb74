"""A part of benchmarks/load_fuzz.py: damaged files, and whole files whose rows are counted from outside."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "load_fuzz.py"


@pytest.fixture(scope="module")
def fuzz():
    spec = importlib.util.spec_from_file_location("load_fuzz", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seeds", [range(first, first + 6) for first in (0, 1_000, 2_000, 3_000)], ids=str)
def test_damaged_files_are_read_or_refused_in_one_line(fuzz, seeds, tmp_path):
    outcomes = {seed: fuzz.outcome(fuzz.broken_file(seed, tmp_path)) for seed in seeds}
    assert {seed: came for seed, came in outcomes.items() if came not in ("read", "refused")} == {}


def test_whole_files_with_odd_text_lose_no_row(fuzz, tmp_path):
    outcomes = {seed: fuzz.outcome(*fuzz.odd_file(seed, tmp_path)) for seed in range(8)}
    assert set(outcomes.values()) == {"read"}, outcomes
