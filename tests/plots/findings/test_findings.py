"""What figures find, by tables made by hand: good, bad, flat, and too few data."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from every_plot import CALLS

from retention_kit import plots
from retention_kit.plots.drawing import vector
from retention_kit.plots.findings import cohorts, customers, differences, models, periods, surveys
from retention_kit.report.language import report_wording

MONTHS = pd.date_range("2025-01-01", periods=14, freq="MS")
NAN = float("nan")


def plain(text):
    return text.replace("\u00a0", " ")


def months(values, arm=None, **more):
    table = pd.DataFrame({"period": MONTHS[: len(values)], "value": values, **more})
    return table if arm is None else table.assign(low=table["value"] - arm, high=table["value"] + arm)


@pytest.mark.parametrize(
    ("table", "unit", "finding"),
    [
        (months([0.1] * 13 + [0.2], 0.02), "rate", "Back rose from 10.0 % in February 2025 to 20.0 % in February 2026"),
        (months([0.3] * 13 + [0.2], 0.02), "rate", "Back fell from 30.0 % in February 2025 to 20.0 % in February 2026"),
        (months([0.2, 0.21], 0.02), "rate",
         "Back was 21.0 % in February 2025, within chance of 20.0 % in January 2025"),
        (months([100, 150]), "count", "Back rose from 100 in January 2025 to 150 in February 2025"),
        (months([100, 110]), "count", "Back was 110 in February 2025, within chance of 100 in January 2025"),
        (months([100, 150, 20], complete=[True, True, False]), "count",
         "Back rose from 100 in January 2025 to 150 in February 2025"),
        (months([100, NAN, 150]), "count", "Back rose from 100 in January 2025 to 150 in March 2025"),
        (months([0.1, 0.5]), "rate", ""),
        (months([0.1, 0.5], NAN), "rate", ""),
        (months([100]), "count", ""),
        (months([100, 2000], 9), "money", "Back rose from 100.00 in January 2025 to 2,000 in February 2025"),
        (months([0.1, 0.5], 0.01, trend=0.01, trend_p_value=0.2), "rate",
         "Back: no trend from cohort to cohort beyond chance"),
        (months([0.1, 0.5], 0.01, trend=-0.01, trend_p_value=0.01), "rate",
         "Back: it falls from cohort to cohort, more than chance"),
        (months([0.1, 0.5], 0.01, trend=NAN, trend_p_value=NAN), "rate", ""),
    ],
)  # fmt: skip
def test_a_trend_compares_with_the_year_before_and_calls_chance_by_its_name(table, unit, finding):
    assert plain(periods.trend(table, "Back", unit)) == finding


def test_money_in_a_title_has_its_currency():
    assert periods.trend(months([100, 2000], 9), "MRR (EUR)", "money") == (
        "MRR rose from €100 in January 2025 to €2,000 in February 2025"
    )


def test_lines_and_small_lines_name_the_highest_and_the_lowest():
    two = pd.concat([months([0.2, 0.3]).assign(label="30 days"), months([0.4, 0.5]).assign(label="60 days")])
    assert plain(periods.trends(two, "Rate", "rate")) == (
        "Rate lay between 30.0 % (30 days) and 50.0 % (60 days) in February 2025"
    )
    assert periods.trends(two[two["label"] == "30 days"], "Rate", "rate") == ""
    small = [[5, 6, 7, 6, 5, 9], [5, 6, 7, 6, 5, 1], [5, 6, 7, 6, 5, 6]]
    rows = [months(values).assign(label=name, unit="count") for values, name in zip(small, "abc", strict=True)]
    assert periods.sparklines(pd.concat(rows)) == "Highest of 6 periods: a; lowest: b"
    assert periods.sparklines(rows[0]) == "At their highest of 6 periods: a"
    assert periods.sparklines(rows[1]) == "At their lowest of 6 periods: b"
    assert periods.sparklines(rows[2]) == "No number is at its highest or lowest of 6 periods"
    assert periods.sparklines(rows[0].head(5)) == ""


@pytest.mark.parametrize(
    ("lost", "new", "returned", "finding"),
    [
        (100, 120, 40, "More customers came (160) than were lost (100) in May"),
        (160, 80, 20, "Fewer customers came (100) than were lost (160) in May"),
        (100, 80, 30, "About as many customers came (110) as were lost (100) in May"),
        (0, 0, 0, ""),
    ],
)
def test_movements_of_customers(lost, new, returned, finding):
    assert periods.customer_movements(pd.Series({"lost": lost, "new": new, "returned": returned}), "May") == finding


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ([400, 90, 0, -50, -300], "MRR grew by €140 in May: €490 gained, €350 lost"),
        ([100, -300], "MRR shrank by €200 in May: €100 gained, €300 lost"),
        ([100, -100], "MRR did not change in May: €100 gained, €100 lost"),
        ([0, 0], ""),
    ],
)
def test_movements_of_recurring_revenue(changes, finding):
    assert periods.mrr_movements(changes, "May", "EUR") == finding


def causes(against="last_year", total=900, sure=True, parts=(800, 100), sure_parts=(True, False)):
    names = ["customers", "value per order"]
    rows = [(against, "total", "revenue", total, sure)]
    rows += [(against, "factors", name, x, s) for name, x, s in zip(names, parts, sure_parts, strict=True)]
    return pd.DataFrame(rows, columns=["against", "split", "part", "change", "sure"])


@pytest.mark.parametrize(
    ("table", "finding"),
    [
        (causes(), "Revenue rose by €900 against a year earlier; largest part: Customers (+800)"),
        (causes("previous", -900, parts=(-800, -100)),
         "Revenue fell by €900 against the period before; largest part: Customers (−800)"),
        (causes(parts=(-100, 1000), sure_parts=(True, False)), "Revenue rose by €900 against a year earlier"),
        (causes(sure=False, sure_parts=(False, False)), "No change of revenue is more than chance"),
        (causes(sure=False),
         "Revenue changed within chance against a year earlier; more than chance: Customers (+800)"),
        (causes()[1:], ""),
    ],
)  # fmt: skip
def test_causes_claim_only_what_is_more_than_chance(table, finding):
    assert periods.causes(table, {("factors", "customers"): "Customers"}, "EUR") == finding


def test_money_rows_and_steps():
    split = pd.DataFrame({"period": MONTHS[:2], "first_time_revenue": [60.0, 20], "repeat_revenue": [40.0, 80]})
    assert plain(periods.revenue_split(split.assign(complete=[True, False]))) == (
        "Repeat orders brought 40 % of the revenue of January 2025"
    )
    assert periods.revenue_split(split.assign(complete=False)) == ""
    steps = pd.DataFrame({"label": ["So far", "First", "Leaving", "Model"], "value": [120.0, -20, -65, 35]})
    steps["total"] = [True, False, False, True]
    assert periods.waterfall(steps, "money") == "From 120.00 to 35.00: the largest step is Leaving (−65.00)"
    assert periods.waterfall(steps.drop(index=1), "money") == ""
    assert (
        periods.decomposition(-0.02, 0.005) == "Of −1.5 points, the mix of groups is −2.0 and their own rates are +0.5"
    )
    days = pd.DataFrame({"period": MONTHS[:2], "days": [31, 20], "days_in_period": [31, 28]})
    assert periods.coverage(days) == "1 of 2 months has days without data"
    assert periods.coverage(days.assign(days=[31, 28])) == "All 2 months have data on every day"
    bins = pd.DataFrame({"lower": [0, 10], "upper": [10, NAN], "rows": [30, 70]})
    assert plain(periods.histogram(bins)) == "70 % of the amounts are 10.00 or more"
    assert plain(periods.histogram(bins.assign(rows=[75, 25]))) == "75 % of the amounts lie between 0.00 and 10.00"
    assert periods.histogram(bins.assign(rows=[3, 7])) == ""


@pytest.mark.parametrize(
    ("first", "last", "size", "finding"),
    [
        (0.3, 0.1, 500, "Retention falls from 30 % in month 1 to 10 % in month 2"),
        (0.1, 0.3, 500, "Retention rises from 10 % in month 1 to 30 % in month 2"),
        (0.2, 0.21, 500, "Retention is 20 % in month 1 and, within chance, 21 % in month 2"),
        (0.3, 0.1, 9, ""),
    ],
)
def test_retention_of_all_cohorts_together(first, last, size, finding):
    values = pd.DataFrame({1: [first, first], 2: [last, NAN]}, index=MONTHS[:2])
    sizes = pd.Series([size] * 2, index=values.index)
    assert plain(cohorts.retention_heatmap(values, values.notna(), sizes, "month")) == finding


def test_a_curve_says_when_it_has_halved():
    curve = pd.DataFrame({"age": [1, 2, 3], "rate": [0.3, 0.2, 0.12]})
    curve = curve.assign(low=curve["rate"] - 0.02, high=curve["rate"] + 0.02)
    assert plain(cohorts.retention_curves(curve, "month")) == (
        "In month 3 half as many buy as in month 1, or fewer: 12.0 % against 30.0 %"
    )
    wide = curve.assign(low=0.0, high=0.9)
    assert plain(cohorts.retention_curves(wide, "week")) == "30.0 % buy at age 1, 12.0 % at age 3: not yet half as many"
    assert cohorts.retention_curves(curve.head(1), "month") == ""


def test_money_of_cohorts():
    starts = pd.Series(MONTHS)
    layers = pd.DataFrame({MONTHS[0]: [50.0] * 14, MONTHS[13]: [0.0] * 13 + [150.0]})
    assert plain(cohorts.revenue_layers(layers, set(), starts, "month")) == (
        "Customers won a year or more before brought 25 % of the revenue of February 2026"
    )
    assert cohorts.revenue_layers(layers.head(5), set(), starts, "month") == ""
    observed = pd.DataFrame(
        {"cohort": np.repeat(MONTHS[:4], 2), "age": [0, 3] * 4, "complete": True, "money": range(8)}
    )
    observed = observed.rename(columns={"money": "revenue_per_customer"})
    assert cohorts.cohort_lines(observed, "revenue_per_customer", "month") == (
        "After month 3 customers have brought 1 to 7 each, by cohort"
    )
    assert "€1 to €7" in cohorts.cohort_lines(observed, "revenue_per_customer", "month", "EUR")
    assert cohorts.cohort_lines(observed.assign(complete=False), "revenue_per_customer", "month") == ""


def curve(name, shares, watched=100, arm=0.05):
    rows = pd.DataFrame({"group": name, "time": [0, 10, 61], "share": shares, "at_risk": watched})
    return rows.assign(low=rows["share"] - arm, high=rows["share"] + arm)


@pytest.mark.parametrize(
    ("groups", "finding"),
    [
        ([curve("all", [0, 0.3, 0.5])], "Half have ordered again after 61 days"),
        ([curve("all", [0, 0.2, 0.3])], "30 % have ordered again after 61 days"),
        ([curve("a", [0, 0.5, 0.6]), curve("b", [0, 0.3, 0.5])],
         "Half have ordered again after 10 days (a) to 61 days (b)"),
        ([curve("a", [0, 0.5, 0.6]), curve("b", [0, 0.3, 0.4])], "Half have ordered again after 10 days (a)"),
        ([curve("a", [0, 0.5, 0.6], arm=0.2), curve("b", [0, 0.3, 0.5])],
         "Half have ordered again after 10 days (a) to 61 days (b), within chance"),
        ([curve("all", [0, 0.3, 0.5], watched=5)], ""),
    ],
)  # fmt: skip
def test_survival_says_after_how_long_it_is_half(groups, finding):
    by_name = {rows["group"].iloc[0]: rows for rows in groups}
    assert plain(cohorts.survival(by_name, "Share who have ordered again", "Days after the order")) == finding


def test_segments():
    cells = pd.DataFrame(1.0, index=range(1, 6), columns=range(1, 6))
    assert plain(customers.rfm_grid(cells)) == (
        "16 % of the customers have good scores in both (4 or 5), 16 % poor ones (1 or 2)"
    )
    assert customers.rfm_grid(cells * 0) == ""
    shares = pd.DataFrame({"segment": ["loyal", "new"], "customer_share": [0.3, 0.7], "revenue_share": [0.8, 0.2]})
    assert plain(customers.segments(shares)) == "30 % of the customers (loyal) bring 80 % of the revenue"
    assert customers.segments(shares.assign(revenue_share=0.0)) == ""
    moves = pd.DataFrame({"way": ["stayed", "moved up", "moved down", "came or went"], "customers": [90, 10, 20, 7]})
    assert customers.segment_flow(moves) == "90 of 120 customers stayed in their segment, 10 moved up and 20 down"
    assert customers.segment_flow(moves.tail(1)) == ""


def test_models():
    methods = pd.DataFrame({"label": ["simple", "naive", "model"], "value": [120.0, 90, 35]})
    assert models.value_comparison(methods.assign(chosen=[False, False, True]), "money") == (
        "model says 35.00; the other formulas say 90.00 to 120.00"
    )
    sure = methods.assign(low=methods["value"] - 2, high=methods["value"] + 2)
    assert models.value_comparison(sure, "money") == "simple is the largest with 120.00"
    assert models.value_comparison(methods.assign(low=0.0, high=200.0), "money") == (
        "simple is the largest with 120.00, within chance of naive with 90.00"
    )
    assert models.value_comparison(methods, "money") == ""
    fit = pd.DataFrame({"actual": [70, 30], "expected": [68.0, 32.0]})
    assert plain(models.frequency_fit(fit)) == "The model puts 2.0 % of the customers into another class"
    grades = pd.DataFrame({"model": "BGNBD", "n": [70, 30], "expected": [0.2, 1.0], "actual": [0.2, 1.2]})
    assert plain(models.calibration(grades)) == "Of the purchases that came the models expected: BGNBD 88 %"
    assert models.calibration(grades.assign(actual=0.0)) == ""
    level = pd.DataFrame({"share": [0.55, 0.45]})
    assert models.pit_histogram({"A": level, "B": level * 0 + 0.5}).startswith("B comes nearest to level")
    tracks = pd.DataFrame({"cumulative_actual": [10, 40, 60], "cumulative_expected": [12.0, 38, 65]})
    assert models.tracking(tracks, 2) == "After the calibration the model expected 27 repeat purchases, 20 came"
    assert models.tracking(tracks, 3) == ""
    seen = pd.DataFrame({"age": [1, 2, 3], "rate": [0.3, 0.2, 0.1]})
    band = pd.DataFrame({"age": [1, 2, 3], "predicted_low": 0.15, "predicted_high": 0.35})
    assert models.expected_curve(seen, band) == "2 of 3 observed shares lie within what the model expects"
    assert models.expected_curve(seen.head(2), band) == ""


def test_surveys():
    scores = pd.DataFrame({"label": ["June", "May"], "score": [60.0, 25], "low": [50.0, 15], "high": [70.0, 35]})
    assert surveys.survey_bars(scores, "NPS") == "NPS is higher for June (60) than for May (25)"
    near = scores.assign(score=[30.0, 25], low=[20.0, 15], high=[40.0, 35])
    assert surveys.survey_bars(near, "NPS") == "NPS differs within chance: June 30, May 25"
    assert plain(surveys.survey_bars(scores.head(1), "NPS")) == "NPS is 60 in June, 95 % interval 50 to 70"
    assert surveys.survey_bars(scores.assign(score=NAN), "NPS") == ""
    bands = pd.DataFrame({"band": ["promoters", "detractors"], "age": 1, "rate": [0.3, 0.1]})
    bands = bands.assign(low=bands["rate"] - 0.04, high=bands["rate"] + 0.04)
    ask = ("rate", "low", "high", "month")
    assert surveys.band_retention(bands, *ask) == (
        "In month 1 after the answer promoters bought more often than detractors"
    )
    assert surveys.band_retention(bands.assign(low=0.0, high=0.9), *ask) == (
        "In month 1 after the answer promoters and detractors differ within chance"
    )
    assert surveys.band_retention(bands.head(1), *ask) == ""


def test_many_comparisons_need_a_larger_difference():
    assert differences.differ((0.3, 0.25, 0.35), (0.22, 0.17, 0.27))
    assert not differences.differ((0.3, 0.25, 0.35), (0.22, 0.17, 0.27), comparisons=10)
    assert differences.differ((0.3, NAN, 0.35), (0.22, 0.17, 0.27)) is None
    assert not differences.shares_differ(0.3, 0, 0.2, 400)


def test_a_finding_is_the_title_and_its_subject_stands_below_unless_a_title_is_given():
    shares = pd.DataFrame({"customer_share": [0, 0.1, 0.5, 1], "value_share": [0, 0.5, 0.9, 1]})
    ax = plots.value_concentration(shares)
    title = "The most valuable 10 % of the customers hold 50 % of the value"
    assert plain(" ".join(ax.get_title(loc="left").split())) == title
    markup = plain(plots_markup(ax))
    assert f"<b>{title}</b>How much of the value sits with how few customers" in markup
    assert f'aria-label="{title}. Curve of value' in markup
    assert "How much of the value" not in plots_markup(plots.value_concentration(shares, title="My own"))


def plots_markup(ax):
    return vector.drawing(ax.get_figure(), ax.get_label())


@pytest.mark.parametrize("code", ["pl", "zh-Hant"])
def test_the_title_of_every_figure_is_in_the_language_too(code):
    spoken = report_wording.wording(code)
    drawn = {name: getattr(plots, name)(table, **options) for name, (table, options) in CALLS.items()}
    plt.close("all")
    titles = {" ".join(ax.get_title(loc="left").split()) for name, ax in drawn.items() if name != "trends"}  # own label
    assert {title for title in titles if spoken.known(title) in (None, title)} == set()
