"""Figures of surveys draw their bands, scores and intervals, whatever the kind."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from plot_tables import BEHAVIOUR, CSAT, NPS

from retention_kit import plots
from retention_kit.errors import ConfigError, DataError


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def widths(ax):
    return [round(b.get_width(), 3) for c in ax.containers for b in c]


def texts(ax):
    return [t.get_text() for t in ax.texts]


def test_nps_bars_hold_the_shares_and_the_interval_is_written():
    ax = plots.survey_bars(NPS)
    assert widths(ax) == [0.25, 0.1, 0.25, 0.2, 0.5, 0.7]
    assert "NPS 60, 95 % interval 45 to 71, 100 answers" in [t.replace("\u00a0", " ") for t in texts(ax)]


def test_satisfaction_has_two_bands_and_few_answers_show_none():
    ax = plots.survey_bars(CSAT)
    assert widths(ax) == [0.2, 0.1, 0, 0.8, 0.9, 0]
    translation = [t.replace("\u00a0", " ") for t in texts(ax)]
    assert "satisfied 80 %, 95 % interval 76 % to 83 %, 500 answers" in translation
    assert "3 answers, too few to be shown" in translation
    assert "nan" not in ax.get_label()


@pytest.mark.parametrize(("table", "axis"), [(NPS, "NPS (points)"), (CSAT, "Share satisfied")])
def test_the_trend_is_the_score_in_its_own_unit(table, axis):
    ax = plots.survey_trend(table)
    assert ax.get_ylabel() == axis
    np.testing.assert_array_equal(ax.containers[0].lines[0].get_ydata().astype(float), table["score"])
    assert [t.split()[1] for t in reversed(texts(ax))] == [str(n) for n in table["n"]]


def test_a_table_without_bands_is_refused():
    with pytest.raises(DataError, match="needs the columns detractors"):
        plots.survey_bars(NPS.drop(columns="passives"))


@pytest.mark.parametrize("measure", ["rate", "revenue_per_customer"])
def test_each_band_has_its_curve_and_what_is_not_known_is_a_gap(measure):
    ax = plots.band_retention(BEHAVIOUR, measure=measure)
    curves = [c.lines[0].get_ydata() for c in ax.containers]
    np.testing.assert_array_equal(np.concatenate(curves).astype(float), BEHAVIOUR[measure])
    assert "nan" not in ax.get_label()


def test_where_no_month_after_an_answer_is_over_the_figure_says_so():
    unknown = BEHAVIOUR.assign(rate=np.nan, low=np.nan, high=np.nan)
    ax = plots.band_retention(unknown)
    assert [t.get_text() for t in ax.texts] == ["nothing known yet"]
    assert len(ax.get_yticks()) == 0


def test_an_unknown_measure_is_named():
    with pytest.raises(ConfigError, match="measure is one of"):
        plots.band_retention(BEHAVIOUR, measure="joy")
