"""A figure on a page: every mark says its value, and widths follow the page."""

import html
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from every_plot import CALLS, MONEY_OF_COHORTS

from retention_kit import figure_markup, plots
from retention_kit.plots.drawing import colours, marks, vector

MONTHS = pd.date_range("1998-01-01", periods=4, freq="MS")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def drawn(ax):
    return ElementTree.fromstring(vector.drawing(ax.get_figure(), ax.get_label()))


def says(figure):
    texts = [title.text for title in figure.iter("title")] + [cell.get("title", "") for cell in figure.iter("td")]
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]


@pytest.mark.parametrize("name", CALLS)
def test_every_plot_has_marks_that_say_a_value_and_what_it_is(name):
    table, options = CALLS[name]
    figure = drawn(getattr(plots, name)(table, **options))
    texts = [text for text in says(figure) if text]
    assert texts
    for text in texts:
        value, *rest = text.split("\n")
        assert re.search(r"\d|not known", value), text
        assert "nan" not in text
        assert rest
        assert all(rest), text
    assert figure.find("figcaption/b").text
    assert [element for element in figure.iter() if element.get("id")] == []


@pytest.mark.parametrize("name", CALLS)
def test_marks_have_their_place_in_per_cent_of_the_width(name):
    table, options = CALLS[name]
    figure = drawn(getattr(plots, name)(table, **options))
    for panel in figure.iter("svg"):
        if panel.get("class") == "figure":
            places = [mark.get("x") or mark.get("cx") for mark in panel.iter() if mark.find("title") is not None]
            assert all(place.endswith("%") for place in places if place), places


def test_a_point_says_its_value_its_name_its_period_its_interval_and_its_number():
    churn = pd.DataFrame({"period": MONTHS, "value": [0.05, None, 0.04, 0.03], "n": [100, 0, 90, 80]})
    table = churn.assign(low=churn["value"] - 0.01, high=churn["value"] + 0.01, complete=[True, True, True, False])
    texts = says(drawn(plots.trend(table, label="Churn rate", unit="rate")))
    assert texts[0] == "5.0 %\nChurn rate\nJanuary 1998\n95 % interval 4.0 % to 6.0 %\nn 100"
    assert [text.split("\n")[2] for text in texts] == ["January 1998", "March 1998", "April 1998", "April 1998"]
    assert texts[-1].endswith("not complete yet")


def test_the_cohort_table_has_a_switch_a_pooled_row_and_leaves_blank_what_is_not_observed():
    cohorts = pd.DataFrame({"cohort": MONTHS.repeat(3)[:6], "age": [0, 1, 2] * 2, "size": [100] * 3 + [300] * 3})
    cohorts = cohorts.assign(active=[100, 30, 20, 300, 60, None], complete=[True] * 5 + [False])
    cohorts = cohorts.assign(rate=cohorts["active"] / cohorts["size"], revenue=[900.0, 300, 200, 3000, 900, None])
    money = cohorts.groupby("cohort")["revenue"].cumsum() / cohorts["size"]
    figure = drawn(plots.retention_heatmap(cohorts.assign(revenue_per_customer=money, low=0.1, high=0.4)))
    rows = [
        [["".join(span.itertext()) for span in cell] for cell in row.findall("td")[1:]] for row in figure.iter("tr")
    ]
    assert rows[1:] == [
        [["30", "30", "3", "12"], ["20", "20", "2", "14"]],
        [["20", "60", "3", "13"], []],
        [["22", "90", "3", "12.8"], ["20", "20", "2", "14"]],
    ]
    assert next(label.find("span").text for label in figure.iter("label")) == "Share, %"
    assert len(list(figure.iter("input"))) == 4
    cell = next(text for text in says(figure) if text)
    assert cell.split("\n")[:2] == ["30.0 %: 30 of 100", "first purchase in January 1998, 1 month later"]


def test_figures_of_others_and_pictures_in_figures_are_not_taken():
    figure, ax = plt.subplots()
    ax.plot([1, 2], [3, 4])
    assert vector.drawing(figure, "A line of somebody else.") == ""


def test_names_are_text_and_never_markup():
    table = pd.DataFrame({"label": ["<script>alert(1)</script> & co", "b"], "value": [120.0, 35]})
    markup = vector.drawing(plots.value_comparison(table).get_figure(), '"quoted" <b>')
    assert "<script" not in markup
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in markup
    assert 'formulas. &quot;quoted&quot; &lt;b&gt;"' in markup


def test_a_figure_survives_the_way_through_a_notebook():
    markup = vector.drawing(plots.trend(pd.DataFrame({"period": MONTHS, "value": 1.0}), label="x").get_figure(), "alt")
    whole = figure_markup.standalone(markup)
    assert ElementTree.fromstring(whole).tag == "{http://www.w3.org/2000/svg}svg"
    assert figure_markup.of_standalone(whole) == markup


def test_steps_of_the_ramp_rise_with_the_value_and_every_colour_of_the_package_has_a_class():
    steps = [int(colours.step(share / 100)) for share in range(101)]
    assert steps == sorted(steps)
    assert {len(colours.letter(colour)) for colour in ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#222222")} == {1}


def test_texts_of_a_mark_need_no_order_of_drawing():
    _, ax = plt.subplots()
    (line,) = ax.plot([1, 2, 3], [1, 2, 3])
    marks.describe(line, ["one", "", "three"])
    assert marks.texts_of(line.get_gid()) == ["one", "", "three"]
    assert marks.texts_of("somebody's id") == []


def test_a_long_note_below_a_figure_stays_in_one_piece():
    names = [f"a segment with a long name, number {i}" for i in range(9)]
    table = pd.DataFrame({"segment": names, "customers": [900, *[2] * 8], "customer_share": 0.1, "revenue_share": 0.1})
    markup = vector.drawing(plots.rfm_map(table).get_figure(), "x")
    (note,) = re.findall(r"<p>(Too small to name.*?)</p>", markup)
    assert all(name in note for name in names[1:])
    assert "a segment" not in "".join(re.findall(r"<text.*?</text>", markup)).replace(names[0], "")


def test_the_row_of_all_cohorts_has_intervals_and_sizes():
    markup = vector.drawing(plots.retention_heatmap(MONEY_OF_COHORTS).get_figure(), "x").replace("\u00a0", " ")
    (last,) = re.findall(r"<tfoot>.*</tfoot>", markup, re.DOTALL)
    assert "30.0 %\nall cohorts, month 1\n95 % interval 22 % to 40 %\nn 100" in html.unescape(last)
