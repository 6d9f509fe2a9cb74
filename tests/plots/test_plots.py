"""Every figure draws the numbers of its table, on the Axes it was given, and leaves everything else alone."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from every_plot import CALLS, TRACKS
from matplotlib.collections import LineCollection

from retention_kit import plots
from retention_kit.errors import ConfigError, DataError
from retention_kit.plots.drawing import style


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def draw(name, **more):
    table, options = CALLS[name]
    return getattr(plots, name)(table, **options, **more)


def texts(ax):
    return [t.get_text() for t in ax.texts]


def test_every_plot_is_tested_here():
    assert set(CALLS) == set(plots.__all__) - {"show"}


@pytest.mark.parametrize("name", CALLS)
def test_a_plot_draws_on_the_given_axes_and_leaves_settings_and_table_alone(name):
    before, table = dict(mpl.rcParams), CALLS[name][0].copy()
    _, ax = plt.subplots()
    assert draw(name, ax=ax) is ax
    assert dict(mpl.rcParams) == before
    (pdt.assert_series_equal if isinstance(table, pd.Series) else pdt.assert_frame_equal)(CALLS[name][0], table)


@pytest.mark.parametrize("name", CALLS)
def test_a_plot_has_a_title_and_words_for_those_who_do_not_see_it(name):
    ax = draw(name)
    assert ax.get_title(loc="left")
    assert len(ax.get_label()) > 20
    assert "nan" not in ax.get_label()
    assert draw(name, title="My own").get_title(loc="left") == "My own"


@pytest.mark.parametrize("name", CALLS)
def test_no_text_lies_outside_the_figure_or_under_the_title(name):
    ax = draw(name)
    figure = ax.get_figure()
    figure.canvas.draw()
    drawn, frame = figure.get_tightbbox(), figure.bbox_inches
    assert drawn.x0 >= -0.02
    assert drawn.y0 >= -0.02
    assert drawn.x1 <= frame.width + 0.02
    assert drawn.y1 <= frame.height + 0.02
    title = ax.title if ax.title.get_text() else ax._left_title
    heading = title.get_window_extent()
    inside = [t for t in ax.texts if t.get_text().strip()]
    assert not [t.get_text() for t in inside if t.get_window_extent().overlaps(heading)]


@pytest.mark.parametrize("name", CALLS)
def test_a_missing_column_and_an_empty_table_are_named(name):
    table, options = CALLS[name]
    if isinstance(table, pd.Series):
        pytest.skip("takes one row")
    with pytest.raises(DataError, match=r"needs the columns|needs a"):
        getattr(plots, name)(pd.DataFrame({"x": [1]}), **options)
    with pytest.raises(DataError, match="empty"):
        getattr(plots, name)(table.head(0), **options)


def test_the_heatmap_leaves_the_unobserved_blank_and_hatches_the_incomplete():
    ax = draw("retention_heatmap")
    assert sorted(texts(ax)) == sorted(["30", "20", "25", "cohort       n"])
    hatched = [p for p in ax.patches if p.get_hatch()]
    assert len(hatched) == 1
    assert ax.collections[0].get_array().count() == 2
    assert [t.get_text().split() for t in ax.get_yticklabels()] == [
        ["1998-01", "100"],
        ["1998-02", "200"],
        ["1998-03", "50"],
    ]


def test_the_waterfall_adds_up():
    ax = draw("customer_movements")
    spans = [(p.get_y(), p.get_y() + p.get_height()) for p in ax.patches]
    assert [sorted(s) for s in spans] == [[0, 100], [90, 100], [90, 95], [95, 98], [0, 98]]
    assert texts(ax) == ["100", "−10", "+5", "+3", "98"]


def test_stacked_revenue_is_the_table():
    bars = draw("revenue_split").containers
    assert [b.get_height() for b in bars[0]] == [40, 80, 90, 0]
    assert [(b.get_y(), b.get_height()) for b in bars[1]] == [(40, 60), (80, 20), (90, 0), (0, 5)]


def test_the_curve_is_the_table_without_age_0():
    line = draw("retention_curves").get_lines()[-1]
    np.testing.assert_array_equal(line.get_xydata(), [[1, 0.3], [2, 0.2]])


def test_segment_bars_are_the_shares_and_names_are_drawn_as_they_are():
    ax = draw("segment_shares")
    assert [b.get_width() for c in ax.containers for b in c] == [0.3, 0.7, 0.8, 0.2]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["loyal (30)", "<b>new</b> (70)"]


def test_a_month_with_days_missing_is_hatched():
    bars = draw("coverage").patches
    assert [(b.get_height(), bool(b.get_hatch())) for b in bars] == [(9, False), (8, False), (7, False), (2, True)]


def test_a_histogram_stands_where_its_bins_are():
    assert [(b.get_x(), b.get_width(), b.get_height()) for b in draw("histogram").patches] == [
        (0, 10, 30),
        (10, 10, 70),
    ]


def test_the_open_last_bin_of_a_histogram_is_drawn_and_named():
    bins = pd.DataFrame({"lower": [0.0, 10.0], "upper": [10.0, np.nan], "rows": [3, 1]})
    ax = plots.histogram(bins)
    assert [(b.get_x(), b.get_width(), b.get_height()) for b in ax.patches] == [(0, 10, 3), (10, 10, 1)]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["10 and more"]
    plots.show(ax)


def test_a_point_without_neighbours_has_its_interval_too():
    months = pd.date_range("2024-01-01", periods=4, freq="MS")
    table = pd.DataFrame({"period": months, "value": [0.1, 0.2, np.nan, 0.4]})
    table = table.assign(low=table["value"] - 0.1, high=table["value"] + 0.1)
    ax = plots.trend(table, label="Rate", unit="rate")
    drawn = [line.tolist() for c in ax.collections if isinstance(c, LineCollection) for line in c.get_segments()]
    np.testing.assert_allclose(drawn, [[[3, 0.3], [3, 0.5]]])
    plots.show(ax)


def test_a_curve_of_one_age_has_whole_ages_on_its_axis():
    ax = plots.retention_curves(pd.DataFrame({"age": [1], "rate": [0.5], "low": [0.3], "high": [0.7]}))
    assert set(ax.get_xticks()) <= {0, 1, 2}
    plots.show(ax)


def test_grids_write_each_cell_once():
    assert sorted(texts(draw("rfm_grid"))) == ["30", "70"]
    assert sorted(texts(draw("prediction_grid"))) == ["20", "30", "70", "80"]


def test_trend_draws_a_gap_where_nothing_is_known_and_marks_the_unfinished():
    ax = draw("trend")
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [1, np.nan, 3, 4])
    assert any(line.get_markerfacecolor() == "white" for line in ax.get_lines())


def test_tracking_draws_both_panels_of_the_table_and_where_the_calibration_ended():
    each, total = draw("tracking").child_axes
    for panel, before in ((each, ""), (total, "cumulative_")):
        actual, expected, ended = panel.get_lines()
        assert list(actual.get_ydata()) == list(TRACKS[f"{before}actual"])
        assert list(expected.get_ydata()) == list(TRACKS[f"{before}expected"])
        assert list(ended.get_xdata()) == [1.5, 1.5]


def test_show_displays_a_picture_with_its_words_and_closes_the_figure(capsys):
    plots.show(draw("waterfall"))
    assert capsys.readouterr().out.strip() == "From start to end. Start 100, Lost −10, End 90."
    assert plt.get_fignums() == []


def test_show_wants_words():
    _, ax = plt.subplots()
    with pytest.raises(ConfigError, match="alternative text"):
        plots.show(ax)


def test_the_palette_has_contrast_on_white():
    assert all(style.contrast(colour, "white") >= 3 for colour in style.PALETTE)
    assert style.contrast(style.TEXT, "white") >= 7
    assert style.contrast(style.MUTED, "white") >= 4.5
