"""Numbers as text: figures, tables and the report write the same number with the same marks."""

import math

import numpy as np
import pandas as pd
import pytest

from retention_kit import formats, tables
from retention_kit.plots.drawing import labels
from retention_kit.report.numbers import notebook_numbers

NUMBERS = [0.0, -0.0, 0.1234, -0.00049, 0.125, 1234.5, -1234.565, 1234567.891, -5.0, 0.005, 2.675, 1e15]


@pytest.mark.parametrize("unit", list(formats.DIGITS))
def test_a_table_and_the_report_write_a_number_alike(unit):
    shown = tables.table(pd.DataFrame({"x": NUMBERS}), id="x", formats={"x": unit}).gt.as_raw_html()
    for x in NUMBERS:
        text = notebook_numbers.written(x, unit).removesuffix("\u00a0days")
        assert f">{text.replace(formats.SPACE, ' ')}</td>" in shown


@pytest.mark.parametrize("unit", ["rate", "count", "score"])
def test_a_figure_and_the_report_write_a_number_alike(unit):
    assert [labels.value(x, unit) for x in NUMBERS] == [notebook_numbers.written(x, unit) for x in NUMBERS]


def test_what_is_zero_as_written_has_no_sign_and_what_is_unknown_has_none():
    shown = [formats.signed(formats.number(x)) for x in (0.04, -0.04, 0.06, -0.06, math.nan)]
    assert shown == ["0.0", "0.0", "+0.1", "−0.1", "–"]


def test_three_digits_and_a_letter_never_become_four_digits():
    rng = np.random.default_rng(1)
    for x in 10 ** rng.uniform(0, 11.99, 2000):
        digits = formats.compact(x).rstrip("kMB").replace(".", "")
        assert len(digits) <= 3, x


@pytest.mark.parametrize(
    ("x", "text"), [(0, "0 rows"), (1, "1 row"), (1.0, "1 row"), (2, "2 rows"), (1001, "1,001 rows")]
)
def test_what_is_counted_is_singular_for_one_only(x, text):
    assert formats.counted(x, "row") == text
    assert formats.counted(np.int64(x), "row") == text


def test_a_verb_goes_with_its_count():
    assert [formats.counted(n, "row has", "rows have") for n in (1, 3)] == ["1 row has", "3 rows have"]
