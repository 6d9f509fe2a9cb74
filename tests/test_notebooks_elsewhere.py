"""Notebooks also run on other data, in a first month, without a dimension, and where a model cannot be fitted."""

from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest

from retention_kit import models
from retention_kit.errors import FitError
from retention_kit.tables.numbers import MIME

REPORTS = Path(__file__).parents[1] / "notebooks" / "reports"
STORE = {"orders": "store", "order_lines": "store"}


@pytest.fixture(autouse=True)
def without_a_window():
    backend = mpl.get_backend()
    mpl.use("agg")
    yield
    mpl.use(backend)


def run(name, **parameters):
    """Every code cell in one namespace, with these parameters after their cell; what the last cell shows."""
    import ast

    notebook, scope, shown = nbformat.read(REPORTS / f"{name}.ipynb", 4), {}, None
    for cell in (c for c in notebook.cells if c.cell_type == "code"):
        tree = ast.parse(cell.source)
        last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), scope)
        shown = eval(compile(last, name, "eval"), scope) if last else None
        if "parameters" in cell.metadata.get("tags", []):
            assert set(parameters) <= set(scope)
            scope |= parameters
    return {row["name"]: row for row in shown._repr_mimebundle_()[MIME]}


def test_the_overview_of_a_first_month_has_no_month_before():
    rows = run("01_overview", as_of="1997-01-31")
    assert rows["customers"]["value"] == 7846
    assert rows["retention_rate"]["value"] is None
    assert rows["revenue"]["previous"] is None


def test_the_overview_of_another_shop():
    rows = run("01_overview", orders="store", as_of="2025-03-31")
    assert rows["revenue"]["previous"] is not None
    assert rows["revenue"]["last_year"] is None


def test_cohorts_by_country_with_order_lines(capsys):
    rows = run("02_cohorts", **STORE, as_of="2026-09-30")
    assert rows["cohort_customers"]["value"] == 3000
    told = capsys.readouterr().out
    assert "Waterfall of the rate" in told
    assert "Not shown" not in told


def test_cohorts_of_a_first_month_say_what_is_not_known_yet(capsys):
    rows = run("02_cohorts", **STORE, as_of="2024-10-31", min_size=100)
    known = {name for name, row in rows.items() if row["value"] == row["value"] and row["value"] is not None}
    assert known == {"cohort_customers", "overdue_customers"}
    assert all(row["note"] for name, row in rows.items() if name not in known)
    assert capsys.readouterr().out.count("Not shown") >= 3


def test_cohorts_by_week_without_a_dimension(capsys):
    more = {"period": "week", "counting": "on_or_after", "dimension": None}
    rows = run("02_cohorts", orders="store", as_of="2024-12-15", **more)
    assert rows["cohort_retention_1"]["n"] > 0
    assert "Waterfall" not in capsys.readouterr().out


def test_subscriptions_of_a_first_month_without_a_dimension(capsys):
    rows = run("06_subscriptions", as_of="2024-10-31", dimension=None)
    assert rows["subscriptions_mrr_end"]["value"] == 68
    assert rows["subscriptions_nrr"]["value"] is None
    assert "Not shown" in capsys.readouterr().out


def test_a_model_that_could_not_be_graded_is_not_used_for_the_value(monkeypatch):
    fit = models.ParetoNBD.fit.__func__

    def fails_in_the_past(cls, customers, *, weights=None):
        if weights:  # the customers as they were at the split, counted
            raise FitError("no optimum was found")
        return fit(cls, customers)

    monkeypatch.setattr(models.ParetoNBD, "fit", classmethod(fails_in_the_past))
    rows = run("04_lifetime_value", draws=10)
    assert "parameter_a" in rows  # BG/NBD or MBG/NBD
    assert "parameter_s" not in rows  # Pareto/NBD
