"""Formulas name their symbols, the glossary speaks three languages, sliders leave a still picture."""

import re
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pytest
from latex2mathml.converter import convert

from retention_kit import lesson, metrics
from retention_kit.errors import ConfigError
from retention_kit.lesson.formulas import FORMULAS
from retention_kit.lesson.formulas.formula_entry import of_docstring
from retention_kit.lesson.glossary import all_terms
from retention_kit.metrics.catalogue import CATALOGUE

SLIDER = sys.modules["retention_kit.lesson.pictures.slider"]


@pytest.mark.parametrize("name", [*CATALOGUE, *FORMULAS])
def test_every_symbol_of_a_formula_has_a_meaning_and_can_be_set(name):
    found = lesson.formula(name)
    assert found.symbols
    assert all(meaning.strip() for meaning in found.symbols.values())
    for latex in (found.latex, *found.symbols):
        mathml = ElementTree.fromstring(convert(latex))
        assert "\\" not in "".join(mathml.itertext()), latex
    assert f"$${found.latex}$$" in found._repr_markdown_()


def test_a_metrics_formula_is_the_catalogues():
    for name, entry in CATALOGUE.items():
        assert lesson.formula(name).latex == entry.latex()
        assert set(lesson.formula(name).symbols) == set(entry.symbols.values())


def test_a_formula_can_be_read_from_the_function_that_computes_it():
    assert lesson.formula("wilson_interval").latex == of_docstring(metrics.wilson_interval)
    with pytest.raises(ConfigError, match="has 1 formulas"):
        of_docstring(metrics.kept_rate, which=1)


def test_an_unknown_formula_is_answered_with_the_nearest_name():
    with pytest.raises(ConfigError, match="did you mean 'churn_rate'"):
        lesson.formula("churn_rat")
    with pytest.raises(ConfigError, match="known are"):
        lesson.formula("zzz")


@pytest.mark.parametrize(("term", "fields"), all_terms().items())
def test_every_term_has_three_languages_and_a_sentence(term, fields):
    assert set(fields) == {"en", "zh", "pl", "meaning"}, term
    assert re.search("[\u4e00-\u9fff]", fields["zh"])
    assert fields["meaning"].endswith(".")


def test_a_missing_term_is_named():
    with pytest.raises(ConfigError, match=r"no cohrt.*Did you mean 'cohort'"):
        lesson.glossary("cohrt")


def line(slope, height=0):
    _, ax = plt.subplots()
    ax.plot([0, 1], [height, slope])
    ax.set_title("A line")
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    return ax


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: pictures, widgets, and each update of a picture."""
    seen = []

    def display(thing, display_id=False):
        seen.append(thing)
        return SimpleNamespace(update=seen.append) if display_id else None

    monkeypatch.setattr(SLIDER, "display", display)
    return seen


def test_where_nobody_sits_the_picture_is_still_and_says_where_its_sliders_stand(shown):
    lesson.slider(line, slope=(0.0, 2.0, 1.5), height=(0, 10, 4))
    assert [repr(picture) for picture in shown] == ["A line. y against x. At slope = 1.5, height = 4."]
    assert shown[0].png.startswith(b"\x89PNG")
    assert not plt.get_fignums()


def test_where_somebody_sits_every_move_replaces_the_picture(shown, monkeypatch):
    monkeypatch.setattr(SLIDER, "somebody_is_there", lambda: True)
    lesson.slider(line, slope=(0.0, 2.0, 1.5), height=(0, 10, 4))
    box, first = shown
    slope, height = box.children
    assert (height.value, height.step) == (4, 1)
    slope.value = 0.5
    assert repr(first).endswith("slope = 1.5, height = 4.")
    assert repr(shown[2]).endswith("slope = 0.5, height = 4.")


@pytest.mark.parametrize("allowed", [True, False])
def test_a_person_is_there_where_the_request_may_ask_for_input(monkeypatch, allowed):
    message = {"content": {"allow_stdin": allowed}}
    kernel = SimpleNamespace(get_parent={"shell": message}.get)
    monkeypatch.setattr(SLIDER, "get_ipython", lambda: SimpleNamespace(kernel=kernel))
    assert SLIDER.somebody_is_there() is allowed


def test_without_ipywidgets_the_picture_is_still(shown, monkeypatch):
    monkeypatch.setattr(SLIDER, "somebody_is_there", lambda: True)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    lesson.slider(line, slope=(0.0, 2.0, 1.5))
    assert len(shown) == 1


def test_a_start_outside_its_slider_is_refused():
    with pytest.raises(ConfigError, match="low <= start <= high"):
        lesson.slider(line, slope=(0, 1, 2))
