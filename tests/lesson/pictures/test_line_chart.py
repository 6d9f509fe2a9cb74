"""Curves and lines of time in lessons draw the numbers of their table."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention_kit import lesson
from retention_kit.errors import DataError

CURVES = pd.DataFrame({"year": [0, 1, 2], "actual": [1, 0.9, np.nan], "model": [1, 0.9, 0.81]})
BOUGHT = pd.DataFrame({"customer": ["Ada", "Ada", "Bo"], "time": [0, 7.0, 0]})


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_lines_are_the_columns_and_what_was_observed_has_no_line():
    actual, model = lesson.lines(CURVES, x="year", y=["actual", "model"], points=["actual"], unit="rate").get_lines()
    assert (actual.get_linestyle(), model.get_linestyle()) == ("None", "--")
    np.testing.assert_array_equal(model.get_xydata(), [[0, 1], [1, 0.9], [2, 0.81]])


def test_lines_say_in_words_where_each_begins_and_ends():
    ax = lesson.lines(CURVES, x="year", y=["actual", "model"], unit="rate", y_label="Left")
    assert (
        ax.get_label().replace("\u00a0", " ")
        == "Left by year, from 0 to 2: actual from 100.0 % to 90.0 %; model from 100.0 % to 81.0 %."
    )
    with pytest.raises(DataError, match="needs the columns"):
        lesson.lines(CURVES, x="month", y=["model"])


def test_a_history_ends_where_the_customer_left():
    ada, after, bo, *_ = lesson.purchase_histories(BOUGHT, until=39, left=pd.Series({"Ada": 8.0})).get_lines()
    assert [list(line.get_xdata()) for line in (ada, after, bo)] == [[0, 8], [8, 39], [0, 39]]
