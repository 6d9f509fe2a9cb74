"""The catalogue holds every metric, computes its examples, and its formulas can be shown."""

import inspect
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest
from latex2mathml.converter import convert

from retention_kit import metrics
from retention_kit.errors import ConfigError
from retention_kit.metrics.catalogue import CATALOGUE, table

NOT_METRICS = {  # helpers, intervals and tests around the metrics
    "by_definition",
    "compare_definitions",
    "explain",
    "nps_change_test",
    "nps_interval",
    "ratio",
    "scorecard",
    "trailing_churn",
    "wilson_interval",
}
ENTRIES = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.name)


def public_metrics():
    """Functions that give one number or Series from numbers."""
    exported = [getattr(metrics, name) for name in metrics.__all__]
    pure = [f for f in exported if inspect.isfunction(f) and f.__module__ in METRIC_MODULES]
    return {f.__name__ for f in pure} - NOT_METRICS


METRIC_MODULES = {
    f"retention_kit.metrics.{name}"
    for name in (
        "customers.customer_rates",
        "customers.order_averages",
        "customers.simple_lifetime",
        "subscriptions.recurring_revenue",
        "subscriptions.revenue_retention",
        "surveys.score_formulas",
    )
}


def test_every_public_metric_is_in_the_catalogue_and_nothing_else():
    assert set(CATALOGUE) == public_metrics()


@ENTRIES
def test_the_worked_example_computes(entry):
    assert entry.function(**entry.example) == pytest.approx(entry.result)


@ENTRIES
def test_the_formula_reads_exactly_the_functions_parameters(entry):
    parameters = set(inspect.signature(entry.function).parameters)
    assert set(entry.symbols) == parameters
    assert all(f"<{name}>" in entry.formula for name in parameters)


@ENTRIES
def test_the_formula_renders_with_letters_and_with_numbers(entry):
    for latex in (entry.latex(), entry.latex(entry.example), metrics.explain(entry.name, **entry.example).with_numbers):
        assert "<" not in latex.replace(r"\le", "")
        mathml = ElementTree.fromstring(convert(latex))
        assert not [node for node in mathml.iter() if "error" in node.tag]
        assert "\\" not in "".join(mathml.itertext())


@ENTRIES
def test_names_exist_in_three_languages_with_source_and_trap(entry):
    for text in (entry.en, entry.zh, entry.pl, entry.source, entry.trap, entry.symbol):
        assert text.strip()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in entry.zh)
    assert entry.unit in ("rate", "money", "score", "number")
    assert entry.direction in ("up", "down", "neither")


def test_names_are_not_shared_between_metrics():
    names = table()
    for language in ("en", "zh-Hant", "pl"):
        assert names[language].is_unique, language


def test_the_table_has_one_row_per_metric():
    assert len(table()) == len(CATALOGUE)
    row = table().set_index("name").loc["retention_rate"]
    assert row["formula"] == r"Retention = \frac{E - N}{S}"
    assert row["example"] == "start = 100, end = 100, new = 10 → 0.9"


def test_an_explanation_has_formula_numbers_result_and_trap():
    found = metrics.explain("retention_rate", start=1150, end=1203, new=180)
    assert found.result == pytest.approx(1023 / 1150)
    assert found.formula == r"Retention = \frac{E - N}{S}"
    assert found.with_numbers == r"Retention = \frac{1\,203 - 180}{1\,150} = 0.8896"
    assert found.trap in found._repr_markdown_()


def test_an_undefined_result_says_so_in_words():
    found = metrics.explain("quick_ratio", new=5, expansion=1, contraction=0, churn=0)
    assert r"\text{not known}" in found.with_numbers


def test_defaults_and_negative_numbers_are_shown():
    assert r"\cdot 1}" in metrics.explain("cac_payback", cac=300, arpa=50).with_numbers
    assert "+ (-2)" in metrics.explain("mrr_end", start=100, exchange=-2).with_numbers


@pytest.mark.parametrize("label", ["CRR", "crr", " CRR "])
def test_the_label_crr_is_refused_with_the_reason(label):
    with pytest.raises(ConfigError, match="retention rate in some texts and for churn in others"):
        metrics.explain(label, start=1, end=1, new=0)
    with pytest.raises(ConfigError, match="'retention_rate' or 'churn_rate'"):
        metrics.compare_definitions(label, {})


def test_a_slip_is_answered_with_the_nearest_name():
    with pytest.raises(ConfigError, match="did you mean 'retention_rate'"):
        metrics.explain("retention_rat", start=1)
    with pytest.raises(ConfigError, match="known are: retention_rate"):
        metrics.explain("zzz")


def test_wrong_parameters_are_answered_with_the_right_ones():
    with pytest.raises(ConfigError, match="needs the numbers start, lost; got begin"):
        metrics.explain("churn_rate", begin=100)


def test_explanations_are_shown_by_jupyter_as_formulas():
    assert metrics.explain("nps", promoters=7, passives=2, detractors=1)._repr_markdown_().count("$$") == 4
    assert isinstance(table(), pd.DataFrame)
