"""What the figures of cohorts, survival, movements and decomposition draw is what their tables say."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from plot_cases import EXPECTED, KM, MONEY_COHORTS, MRR, PARTS, SEEN, SHARES_OVER_TIME

from retention_kit import plots
from retention_kit.errors import ConfigError, DataError


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def texts(ax):
    return [t.get_text() for t in ax.texts]


def spans(ax):
    """Lower and upper end of every bar."""
    return [tuple(round(float(x), 6) for x in sorted((p.get_y(), p.get_y() + p.get_height()))) for p in ax.patches]


def layers(bars):
    """Place, start and end of every bar."""
    corners = [path.vertices for path in bars.get_paths()]
    return [(round(bar[:2, 0].mean()), bar[0, 1], bar[2, 1]) for bar in corners]


def ticks(axis):
    return [t.get_text() for t in axis.get_ticklabels()]


def test_mrr_movements_reach_the_end_and_exchange_has_a_bar_only_where_there_is_one():
    ax = plots.mrr_movements(MRR)
    assert ticks(ax.xaxis) == ["Start", "New", "Expansion", "Returned", "Contraction", "Churn", "End"]
    assert spans(ax)[-2:] == [(5140, 5440), (0, 5140)]
    changed = MRR.copy()
    changed["mrr_exchange"], changed["mrr_end"] = -40.0, 5100.0
    assert "Exchange" in ticks(plots.mrr_movements(changed).xaxis)


def test_movements_that_do_not_add_up_are_refused():
    wrong = MRR.copy()
    wrong["mrr_end"] = 5141.0
    with pytest.raises(DataError, match="add up"):
        plots.mrr_movements(wrong)


def test_survival_is_drawn_in_steps_with_its_band_and_the_numbers_at_risk():
    ax = plots.survival_curves(KM)
    a, b = ax.get_lines()[:2]
    assert a.get_drawstyle() == "steps-post"
    np.testing.assert_array_equal(a.get_xydata(), [[0, 1], [5, 0.8], [10, 0.3]])
    assert a.get_linestyle() != b.get_linestyle()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["a", "b"]
    band = ax.collections[0].get_paths()[0].vertices
    assert {0.6, 0.9, 0.1, 0.5} <= set(band[:, 1].round(6))
    assert {"9", "8", "3", "20", "7"} <= set(texts(ax))


def test_the_share_to_whom_it_happened_is_the_rest():
    ax = plots.survival_curves(KM, happened=True)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), [0, 0.2, 0.7])


def test_more_than_four_curves_get_a_panel_each_with_its_n():
    many = pd.concat([KM[KM["group"] == "a"].assign(group=f"plan {i}") for i in range(6)])
    ax = plots.survival_curves(many)
    assert [panel.get_title(loc="left") for panel in ax.child_axes] == [f"plan {i} (n 9)" for i in range(6)]
    np.testing.assert_array_equal(ax.child_axes[5].get_lines()[-2].get_ydata(), [1, 0.8, 0.3])
    crowd = pd.concat([KM.assign(group=f"{i}") for i in range(13)])
    with pytest.raises(ConfigError, match="up to 12"):
        plots.survival_curves(crowd)


def test_the_model_is_a_line_and_what_was_seen_are_points_hollow_where_not_final():
    ax = plots.expected_curve(SEEN, EXPECTED)
    line = next(one for one in ax.get_lines() if one.get_linestyle() == "--")
    np.testing.assert_array_equal(line.get_xydata(), EXPECTED.loc[1:, ["age", "expected"]])
    final, running = ax.containers
    np.testing.assert_array_equal(final[0].get_xydata(), [[1, 0.3]])
    np.testing.assert_array_equal(running[0].get_xydata(), [[2, 0.2]])
    assert running[0].get_markerfacecolor() == "white" != final[0].get_markerfacecolor()
    assert line.get_color() != final[0].get_color()


def test_the_projection_begins_after_the_last_age_that_was_seen():
    ax = plots.expected_curve(SEEN, EXPECTED)
    assert [list(one.get_xdata()) for one in ax.get_lines() if one.get_linestyle() == ":"] == [[2.5, 2.5]]
    assert "projection →" in texts(ax)
    assert "projection →" not in texts(plots.expected_curve(SEEN, EXPECTED.head(3)))


def test_layers_stand_on_each_other_in_the_period_in_which_the_money_came():
    ax = plots.revenue_layers(MONEY_COHORTS)
    final, still_open = ax.collections
    assert layers(final) == [(0, 0, 100), (1, 0, 30), (1, 30, 230)]
    assert layers(still_open) == [(2, 0, 20), (2, 20, 70), (2, 70, 140)]
    assert [bool(bars.get_hatch()) for bars in ax.collections] == [False, True]
    assert ax.get_ylim()[0] == 0


def test_layers_of_nothing_are_refused():
    with pytest.raises(DataError, match="no cell with revenue"):
        plots.revenue_layers(MONEY_COHORTS.assign(revenue=np.nan))


def test_refunds_stand_below_the_line():
    table = MONEY_COHORTS.assign(revenue=MONEY_COHORTS["revenue"].where(MONEY_COHORTS["age"] != 1, -5))
    final, _ = plots.revenue_layers(table).collections
    assert layers(final) == [(0, 0, 100), (1, 0, -5), (1, 0, 200)]


def test_a_cohort_line_is_solid_as_far_as_it_is_final_and_ends_hollow():
    ax = plots.cohort_lines(MONEY_COHORTS)
    solid = [line for line in ax.get_lines() if line.get_linestyle() == "-"]
    dotted = [line for line in ax.get_lines() if line.get_linestyle() == ":"]
    np.testing.assert_array_equal(solid[0].get_xydata(), [[0, 10], [1, 13]])
    np.testing.assert_array_equal(dotted[0].get_xydata(), [[1, 13], [2, 15]])
    drawn = np.concatenate([line.get_ydata() for line in ax.get_lines()])
    assert set(drawn) == set(MONEY_COHORTS["revenue_per_customer"].dropna())


@pytest.mark.parametrize("draw", [plots.revenue_layers, plots.cohort_lines])
def test_many_cohorts_have_a_short_key_that_names_the_first_and_the_last(draw):
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    rows = [(c, a, 10.0, 5.0 + a, i + a < 23) for i, c in enumerate(months) for a in range(24 - i)]
    table = pd.DataFrame(rows, columns=["cohort", "age", "revenue", "revenue_per_customer", "complete"])
    key = [t.get_text() for t in draw(table).get_legend().get_texts()]
    assert (key[0], key[-1], len(key)) == ("2024-01", "2025-12", 6)


@pytest.mark.parametrize("draw", [plots.revenue_layers, plots.cohort_lines, plots.retention_heatmap])
def test_one_cohort_of_which_nothing_is_final_can_be_drawn(draw):
    table = MONEY_COHORTS.iloc[[6, 7]].assign(rate=[np.nan, np.nan])
    draw(table).get_figure().canvas.draw()


def test_the_decomposition_goes_from_rate_to_rate_and_names_what_each_bar_is():
    ax = plots.decomposition(PARTS, by="channel", before="May", after="June")
    bars = [(round(p.get_x(), 6), round(p.get_width(), 6)) for p in ax.patches]
    assert bars == [(0.4, -0.072), (0.328, 0), (0.328, -0.0405), (0.2875, 0.0325)]
    assert ticks(ax.yaxis)[1:3] == ["app: % of customers 50.0 → 20.0", "app: rate 60.0 → 60.0"]
    assert [t for t in texts(ax) if "%" in t] == ["40.0\u00a0%", "32.0\u00a0%"]
    assert ticks(ax.yaxis)[0] == "May"
    assert ticks(ax.yaxis)[-1] == "June"


def test_a_decomposition_that_does_not_add_up_is_refused():
    with pytest.raises(DataError, match="add up"):
        plots.decomposition(PARTS.assign(within=[0.01, 0.0325, 0.0425]), by="channel")
    with pytest.raises(DataError, match="one row 'total'"):
        plots.decomposition(PARTS.head(2), by="channel")


def test_trends_leave_gaps_mark_the_unfinished_and_differ_without_colour():
    ax = plots.trends(SHARES_OVER_TIME, label="Share of MRR", reference=1)
    level, nrr, open_nrr, grr, _ = ax.get_lines()
    assert list(level.get_ydata()) == [1, 1]
    np.testing.assert_array_equal(nrr.get_ydata(), [1.02, 0.99, np.nan, 1.01])
    np.testing.assert_array_equal(open_nrr.get_xydata(), [[3, 1.01]])
    assert open_nrr.get_markerfacecolor() == "white"
    assert (nrr.get_marker(), nrr.get_linestyle()) != (grr.get_marker(), grr.get_linestyle())
    with pytest.raises(ConfigError, match="up to 5"):
        plots.trends(pd.concat([SHARES_OVER_TIME.assign(label=str(i)) for i in range(6)]), label="x")


@pytest.mark.parametrize(
    ("measure", "scale"), [("rate", 0.3), ("revenue", 4321.0), ("revenue", 41.0), ("revenue", 0.31)]
)
def test_a_map_of_24_by_24_is_readable(measure, scale):
    """No number is wider than its cell."""
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    rows = [
        (c, a, 1000, scale * 0.98**a if i + a < 24 else np.nan, i + a < 23)
        for i, c in enumerate(months)
        for a in range(24)
    ]
    table = pd.DataFrame(rows, columns=["cohort", "age", "size", measure, "complete"])
    ax = plots.retention_heatmap(table, measure=measure)
    ax.get_figure().canvas.draw()
    numbers = [text for text in ax.texts if text.get_text()[-1].isdigit()]
    widths = [text.get_window_extent().width for text in numbers]
    width = ax.get_window_extent().width / (23 if measure == "rate" else 24)
    assert len(widths) == sum(24 - i for i in range(24)) - (24 if measure == "rate" else 0)
    assert max(widths) <= width
    assert min(text.get_fontsize() for text in numbers) >= 8
    names = [t.get_window_extent() for t in ax.get_yticklabels()]
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(names))


def test_a_map_says_why_a_cell_is_empty():
    table = MONEY_COHORTS.assign(rate=MONEY_COHORTS["revenue"] / 1000, suppressed=MONEY_COHORTS["size"] < 10)
    key = [t.get_text() for t in plots.retention_heatmap(table).get_legend().get_texts()]
    assert key[-1] == "not observed, or too few customers to show"
    with pytest.raises(DataError, match="later as_of"):
        plots.retention_heatmap(table[table["age"] == 0])


def test_a_map_of_revenue_retention_is_in_percent_and_says_what_ages_count_from():
    table = MONEY_COHORTS.assign(nrr=MONEY_COHORTS["revenue"] / 100)
    ax = plots.retention_heatmap(table, measure="nrr", unit="rate", since="first payment")
    assert {"100", "30", "20", "200", "50", "70"} <= set(texts(ax))
    assert ax.get_xlabel() == "Months after the first payment"
    assert ticks(ax.xaxis) == ["0", "1", "2"]
