"""Figures of fitted models draw the numbers of their tables."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from plot_tables import CALIBRATION, DENSITIES, ENDS, HISTORY, METHODS, PAST, PATH, RECORD, STEPS_OVER

from retention_kit import plots
from retention_kit.errors import DataError


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


def test_what_lay_outside_its_interval_has_a_mark_of_its_own_and_is_named_in_words():
    ax = plots.track_record(RECORD)
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert list(lines["what happened"].get_ydata()) == [100, 95]
    assert list(lines["what happened, outside"].get_ydata()) == [150, 50]
    assert lines["what happened, outside"].get_marker() != lines["what happened"].get_marker()
    assert ax.get_title(loc="left") == "2 of 4 forecasts lay within their 90 % interval".replace(" %", "\u00a0%")
    assert "Outside lay 1998-03-01: 100 expected (70 to 140), 150 happened; 1998-03-31" in ax.get_label()


def test_the_interval_of_a_past_forecast_is_drawn_from_end_to_end():
    (bars,) = plots.track_record(RECORD).containers
    segments = bars.lines[2][0].get_segments()
    assert [(low, high) for (_, low), (_, high) in segments] == [(60, 130), (70, 140), (55, 120), (70, 130)]


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        ([True], "The only forecast that is over lay within its 90"),
        ([False], "The only forecast that is over did not lie"),
        ([True] * 3, "All 3 forecasts lay"),
        ([False] * 3, "None of 3 forecasts lay"),
    ],
)
def test_the_title_of_a_record_says_how_many_held(inside, title):
    assert plots.track_record(RECORD.head(len(inside)).assign(inside=inside)).get_title(loc="left").startswith(title)


def test_a_record_without_the_forecast_that_is_asked_for_is_refused_with_those_it_has():
    with pytest.raises(DataError, match=r"no forecast of 'combination' for 91 days; the table has combination for 30"):
        plots.track_record(RECORD, horizon=91)


def test_forecasts_lie_at_their_days_between_the_months():
    marks = plots.track_record(RECORD.assign(inside=True)).get_lines()
    happened = next(line for line in marks if line.get_label() == "what happened")
    expected = [(day.month - 1) + (day.day - 1) / day.days_in_month for day in ENDS]
    np.testing.assert_allclose(happened.get_xdata(), expected)


def test_a_fan_widens_from_the_last_step_that_is_over_and_the_widest_band_lies_behind():
    ax = plots.fan(STEPS_OVER, PATH, past=PAST)
    wide, narrow = (c for c in ax.collections if isinstance(c, PolyCollection))
    heights = [set(c.get_paths()[0].vertices[:, 1]) for c in (wide, narrow)]
    assert heights == [{100, 86, 128, 80, 135}, {100, 97, 114, 95, 115}]
    assert [c.get_label().replace("\u00a0", " ") for c in (wide, narrow)] == ["90 % interval", "50 % interval"]
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert list(lines["what happened"].get_ydata()) == [120, 110, 130, 100]
    assert list(lines["forecast"].get_ydata()) == [100, 105, 104]
    assert list(lines["past forecasts"].get_ydata()) == [110, 112, 108]  # from what had happened at the origin
    assert "1998-05-30: 105 (86 to 128); 1998-06-29: 104 (80 to 135)" in ax.get_label()


def test_a_fan_over_a_month_without_a_value_begins_at_the_last_known_one():
    history = STEPS_OVER.assign(value=[120.0, 110, 130, np.nan])
    forecast = next(line for line in plots.fan(history, PATH).get_lines() if line.get_label() == "forecast")
    assert list(forecast.get_ydata()) == [130, 105, 104]


def test_a_fan_of_losses_goes_below_zero():
    ax = plots.fan(pd.DataFrame({"end": ENDS, "value": [5.0, -3, 2, 1]}), PATH)
    assert ax.get_ylim()[0] == -3
