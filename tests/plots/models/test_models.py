"""Figures of fitted models draw the numbers of their tables."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from plot_tables import CALIBRATION, DENSITIES, HISTORY, METHODS

from retention_kit import plots


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_purchases_are_marked_where_the_frequency_rises():
    *curves, marks = plots.alive_history(HISTORY).get_lines()
    assert list(marks.get_xdata()) == [2, 3]
    assert [c.get_label() for c in curves] == ["BGNBD", "MBGNBD"]
    assert list(curves[1].get_ydata()) == [0.6, 0.7, 0.8, 0.1]


def test_one_model_needs_no_column_that_names_it():
    ax = plots.alive_history(HISTORY.query("model == 'BGNBD'").drop(columns="model"))
    assert len(ax.get_lines()) == 2
    assert "20" in ax.get_label()


def test_calibration_has_a_bar_per_band_and_a_line_per_model():
    ax = plots.calibration(CALIBRATION)
    assert [b.get_height() for b in ax.patches] == [0.24, 1.1, 2.5]
    assert [list(line.get_ydata()) for line in ax.get_lines()] == [[0.22, 0.9, 2.4], [0.25, 1.0, 2.6]]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0\n700", "1\n200", "2+\n100"]


def test_each_parameter_has_a_panel_with_what_was_assumed_and_what_is_known():
    panels = plots.parameter_densities(DENSITIES).child_axes
    assert [p.get_title(loc="left") for p in panels] == ["r", "alpha", "s"]
    known, assumed = panels[0].get_lines()
    assert list(known.get_ydata()) == [0.1, 9.0, 0.1]
    assert list(assumed.get_ydata()) == [0.13] * 3
    assert all(p.get_xscale() == "log" for p in panels)


def test_bars_by_method_carry_their_values_and_the_known_interval():
    ax = plots.value_comparison(METHODS)
    np.testing.assert_array_equal([b.get_width() for b in ax.patches], [120, -10, 35])
    assert [t.get_text() for t in ax.texts] == ["120.00", "−10.00", "35.00"]
    assert "model: 35.00 (33.00 to 38.00)" in ax.get_label()
