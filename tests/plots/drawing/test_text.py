"""Text from data is drawn as it is written: prices, formulas that are none, every script, odd and long names."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from every_plot import CALLS
from matplotlib.text import Text
from plot_cases import KM, PARTS

from retention_kit import load, plots, summarise
from retention_kit.errors import RetentionKitWarning
from retention_kit.plots.drawing import fonts
from retention_kit.plots.drawing.display import picture
from retention_kit.plots.drawing.labels import short
from retention_kit.plots.drawing.png import png

ODD = {
    "prices": "Basic $5 to Pro $10",
    "no formula": r"$\frac$ a",
    "formula": "$x^2$ and $y$",
    "underscore": "_none",
    "lines": "one\ntwo",
    "percent": "100 % {sure} %s \\n",
    "right to left": "חנות العربية",
    "long": "A yearly plan with everything that somebody in marketing could think of words for " * 3,
}
KEPT = ("band", "unit", "kind", "parameter")
"""Columns whose values are words of the package, not text from data."""
needs_chinese = pytest.mark.skipif(
    len(fonts.families(frozenset("台灣波蘭"))) == 1,
    reason="no font with Chinese letters is installed",
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def renamed(table, name):
    """The table with a name before every text of its data."""
    texts = [c for c in table.columns if pd.api.types.is_string_dtype(table[c]) and c not in KEPT]
    changed = {c: [v if v in ("total", "(not yet there)") else f"{name}{v}" for v in table[c]] for c in texts}
    return table.assign(**changed) if texts else None


NAMED = {
    name: call
    for name, call in CALLS.items()
    if isinstance(call[0], pd.DataFrame)
    and renamed(call[0], "") is not None
    and name != "frequency_fit"  # its names are numbers
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", NAMED)
def test_odd_names_are_drawn_as_they_are_written_and_leave_room_for_the_figure(name, kind):
    table, options = NAMED[name]
    ax = getattr(plots, name)(renamed(table, ODD[kind]), **options)
    texts = [text for text in ax.figure.findobj(Text) if text.get_text()]
    png(ax.figure)
    assert not any(text.get_parse_math() for text in texts)
    assert ax.get_position().width > 0.25


@pytest.mark.parametrize("name", ["survival_curves", "trends", "alive_history", "calibration"])
def test_a_name_with_an_underscore_stands_in_the_legend(name):
    table, options = NAMED[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = getattr(plots, name)(renamed(table, "_"), **options)
    assert sum("_" in text.get_text() for text in ax.get_legend().get_texts()) == 2


def test_the_words_for_those_who_do_not_see_it_have_the_whole_name():
    ax = plots.survival_curves(renamed(KM, ODD["long"]))
    assert f"{ODD['long']}a (9 at the start)" in ax.get_label()


def test_text_of_ours_on_the_axes_of_somebody_else_is_as_it_is_written_and_theirs_stays():
    _, ax = plt.subplots()
    theirs = ax.text(0, 0, "$x^2$")
    plots.survival_curves(KM, title="From $5 to $10", ax=ax)
    assert theirs.get_parse_math()
    assert not next(text for text in ax.findobj(Text) if text.get_text() == "From $5 to $10").get_parse_math()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("one\n two", "one two"),
        (" ", "(empty)"),
        ("_a", "\u200a_a"),
        (None, "None"),
        (3, "3"),
        ("x" * 33, f"{'x' * 21} … {'x' * 10}"),
        ("台" * 30, f"{'台' * 10} … {'台' * 5}"),
    ],
)
def test_a_name_is_shortened_in_the_middle_and_never_empty(text, drawn):
    assert short(text) == drawn


@needs_chinese
def test_chinese_values_are_letters_and_not_boxes(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(
        "customer,date,amount,國家\nA,2026-01-03,10,台灣\nA,2026-02-05,12,台灣\nB,2026-01-09,9,波蘭\n"
        "B,2026-03-01,8,波蘭\nC,2026-02-10,30,台灣\nD,2026-02-11,20,波蘭\nD,2026-03-20,25,波蘭\n",
        encoding="utf-8",
    )
    curves = summarise.time_to_order(load.orders(file), as_of="2026-04-30", order=2, by="國家")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = picture(plots.survival_curves(curves, title="Time to the second order, by 國家"))
    assert "台灣" in shown.alt
    assert "波蘭" in shown.alt


@needs_chinese
def test_two_chinese_names_look_different():
    def drawn(name):
        return png(plots.trends(renamed(CALLS["trends"][0], name), label="Share").figure)

    assert drawn("台灣") != drawn("波蘭")


@needs_chinese
def test_english_figures_keep_to_one_font():
    ax = plots.survival_curves(KM)
    assert {tuple(text.get_fontfamily()) for text in ax.findobj(Text)} == {(fonts.USUAL,)}
    ax = plots.survival_curves(renamed(KM, "台灣"))
    assert {text.get_fontfamily()[0] for text in ax.findobj(Text)} == {fonts.USUAL}


def test_letters_that_no_font_has_are_named_once():
    private = "\U000f1234"
    assert fonts.families(fonts.letters(private)) == [fonts.USUAL]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shown = picture(plots.survival_curves(renamed(KM, private)))
    assert [warning.category for warning in caught] == [RetentionKitWarning]
    assert repr(private) in str(caught[0].message)
    assert "fonts-noto-cjk" in str(caught[0].message)
    assert private in shown.alt


def test_the_number_of_a_bar_does_not_lie_on_the_name_of_its_row():
    ax = plots.decomposition(PARTS, by="channel")
    ax.figure.canvas.draw()
    names = [label.get_window_extent() for label in ax.get_yticklabels()]
    numbers = [text.get_window_extent() for text in ax.texts]
    assert not any(name.overlaps(number) for name in names for number in numbers)
    assert np.isfinite([box.x0 for box in numbers]).all()
