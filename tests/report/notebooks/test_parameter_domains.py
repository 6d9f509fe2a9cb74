"""Values of the standard notebooks' parameters: what is outside their domain is refused before anything runs."""

import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from report_cases import orders_csv

from retention_kit import report
from retention_kit.errors import ConfigError
from retention_kit.report.notebooks import discovery, parameter_domains, plan
from retention_kit.report.notebooks.parameter_domains import DOMAINS
from retention_kit.report.settings.config import Config, Source

MONTHS = ("2026-04",)

OUTSIDE = {
    "lapse_after": [0, -1, 36_501, 0.5, 1e300],
    "period": ["fortnight", "Month", ""],
    "counting": ["off", ""],
    "min_size": [-1, 0.5],
    "compare_to": ["yesterday", "2026-02-30", "30.04.2026", "2026-04-30", "2026-05-01"],
    "groups": [1, 0, 11, 4.5, 3],
    "segment_map": ["score", "SegmentMap", "nowhere.csv", "", "."],
    "best_segments": [[], ["champion"], ["champions", "champions"], [5], [""]],
    "model": ["BGBB", "bgnbd", "", "GammaGamma", "__class__"],
    "candidates": [[], ["BGBB"], ["BGNBD", "BGNBD"], [["BGNBD"]], [None]],
    "months": [0, -1, 1200.5, 1e300],
    "months_ahead": [0, -12, 1201],
    "annual_discount_rate": [-0.01, 1e7],
    "margin": [0, -1, 1.01, 25],
    "quiet_below": [0, 1.01, 80],
    "cac": [-0.01, 1e13],
    "unit": ["weeks", "quarter", ""],
    "grain": ["hour", ""],
    "holdout_months": [0, -6, 2.5],
    "draws": [0, 9, 10_001, 99.5],
    "kind": ["NPS", "csats", ""],
    "scale": [5, 0, 11, "10", 10.5, True],
    "minimum_n": [-1, 1.5],
    "follow": [0, -1, 1.5, 1201],
    "billing_months": [{"Pro": 0}, {"Pro": 1.5}, {"Pro": "12"}, {"Pro": None}, {"Pro": -1}],
}

INSIDE = {
    "lapse_after": [1, 36_500, 90.0],
    "period": ["day", "week", "month", "quarter", "year"],
    "counting": ["on", "on_or_after"],
    "min_size": [0, 50],
    "compare_to": ["", "2026-04-29", "1900-01-01"],
    "segment_map": ["ten_segments", "eleven_segments"],
    "best_segments": [["champions"], ["at risk", "loyal"]],
    "model": ["auto", "BGNBD", "MBGNBD", "ParetoNBD"],
    "candidates": [["BGNBD"], ["ParetoNBD", "MBGNBD"]],
    "months": [0.01, 1200],
    "months_ahead": [0.5, 1200],
    "annual_discount_rate": [0, 0.15, 1e6],
    "margin": [1e-6, 1],
    "quiet_below": [1e-6, 1],
    "cac": [0, 25.5],
    "unit": ["day", "week", "month", "year"],
    "grain": ["day", "week", "month", "quarter", "year"],
    "holdout_months": [1, 24],
    "draws": [10, 10_000],
    "kind": ["nps", "csat", "ces"],
    "scale": [10, None],
    "minimum_n": [0, 30],
    "follow": [1, 24],
    "billing_months": [{}, {"Pro": 1, "Pro yearly": 12}],
}

WRONG_TYPE = [float("nan"), float("inf"), {"a": {1, 2}}, b"12"]


def make(**values):
    return plan.make(Config(orders="store", parameters=values), MONTHS)


def pairs(table):
    return [pytest.param(name, value, id=f"{name}-{value}") for name, values in table.items() for value in values]


def standard():
    return discovery.find(None)


@pytest.mark.parametrize(("name", "value"), pairs(OUTSIDE))
def test_a_value_outside_its_domain_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=rf"\b{name}\b"):
        make(**{name: value})


@pytest.mark.parametrize(("name", "value"), pairs(INSIDE))
def test_a_value_at_the_edge_of_its_domain_is_taken(name, value):
    given = make(**{name: value}).given.values()
    assert any(name in values for values in given)


@pytest.mark.parametrize("name", sorted(DOMAINS))
@pytest.mark.parametrize("value", WRONG_TYPE, ids=str)
def test_a_value_of_the_wrong_type_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=name):
        make(**{name: value})


def test_every_parameter_of_every_standard_notebook_has_a_domain():
    free = {"dimension", "scale"}  # a column of the data, and what the kind of the answers allows
    asked = {name for notebook in standard() for name in notebook.defaults}
    assert asked - plan.SET_BY_RUN.keys() == DOMAINS.keys() | free
    assert all(notebook.has_standard_parameters for notebook in standard())
    assert OUTSIDE.keys() == DOMAINS.keys() | {"scale"}


def test_the_defaults_lie_in_their_domains():
    for notebook in standard():
        own = {name: value for name, value in notebook.defaults.items() if name in DOMAINS}
        assert parameter_domains.faults(own, notebook.defaults, MONTHS) == []


def test_one_error_names_all_values_and_the_notebooks_that_have_them():
    with pytest.raises(ConfigError) as raised:
        make(lapse_after=0, months=-1, kind="ces", scale=6, monts=3, margin="all")
    assert re.sub(r"\(\d\) ", "", str(raised.value)) == (
        "5 faults: no notebook has a parameter monts, did you mean months?; "
        "01_overview: lapse_after must be a whole number, 1 or more and at most 36500; got 0; "
        "03_rfm, 04_lifetime_value, 05_nps: Parameter margin must be a number like 1.0; got 'all'; "
        "03_rfm, 04_lifetime_value: months must be a number above 0 and at most 1200; got -1; "
        "05_nps: scale must be 5 or 7 for ces; got 6"
    )


@pytest.mark.parametrize(("kind", "scale", "good"), [("csat", 3, True), ("csat", 2, False), ("ces", 7, True)])
def test_a_scale_is_judged_by_the_kind_that_is_given_with_it(kind, scale, good):
    if good:
        assert make(kind=kind, scale=scale).given["05_nps"] == {"kind": kind, "scale": scale}
    else:
        with pytest.raises(ConfigError, match="scale must be 3, 4, 5, 6, 7, 8, 9 or 10 for csat; got 2"):
            make(kind=kind, scale=scale)


def test_segments_of_ones_own_are_read_before_the_run_and_handed_on_from_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text("segment,R\nrecent,3\nlate,1-2\n")
    made = make(groups=3, segment_map="mine.csv", best_segments=["recent"])
    assert made.given["03_rfm"]["segment_map"] == "mine.csv", "published as it was written"
    assert parameter_domains.located(made.given["03_rfm"])["segment_map"] == str(tmp_path / "mine.csv")
    with pytest.raises(ConfigError, match="best_segments has 'champions', known: late, recent"):
        make(groups=3, segment_map="mine.csv", best_segments=["champions"])
    with pytest.raises(ConfigError, match="cannot be used"):
        make(groups=5, segment_map="mine.csv")


@pytest.mark.parametrize("text", ["", "\x00\x01", "segment\nrecent\n", "a;b\n1;2\n", 'segment,R\nx,"5'])
def test_a_file_that_is_no_map_of_segments_is_refused(tmp_path, text):
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(ConfigError, match="segment_map"):
        make(segment_map=str(tmp_path / "mine.csv"))


def test_report_toml_names_a_file_of_segments_from_its_own_folder(tmp_path):
    (tmp_path / "mine.csv").write_text("segment,R\nrecent,3-5\nlate,1-2\n")
    (tmp_path / "report.toml").write_text('[parameters]\nsegment_map = "mine.csv"\n')
    assert plan.make(report.read_config(tmp_path / "report.toml"), MONTHS)


def test_another_content_of_the_file_of_segments_is_another_fingerprint(tmp_path):
    from retention_kit.report.output.fingerprint import _given

    file = tmp_path / "mine.csv"
    file.write_text("segment,R\nrecent,3-5\nlate,1-2\n")
    before = _given({"segment_map": str(file)})
    file.write_text("segment,R\nrecent,4-5\nlate,1-3\n")
    assert _given({"segment_map": str(file)}) != before


def test_a_copy_of_a_standard_notebook_is_checked_and_a_notebook_of_ones_own_is_not(tmp_path):
    path = tmp_path / "overview_of_mine.ipynb"
    shutil.copy(discovery.own_folder() / "01_overview.ipynb", path)
    with pytest.raises(ConfigError, match="overview_of_mine: lapse_after"):
        plan.make(Config(notebooks=path, parameters={"lapse_after": 0}))
    node = nbformat.read(path, as_version=4)
    del node.metadata["retention_kit"]
    nbformat.write(node, path)
    assert plan.make(Config(notebooks=path, parameters={"lapse_after": 0}))


def test_a_dimension_that_no_table_has_is_refused_with_those_that_there_are(tmp_path):
    orders = orders_csv(tmp_path, channel=["web", "app", "web", "web", "app", "web"])
    for wrong in ("chanel", "customer_id", "amount", "ordered_at"):
        config = Config(orders=orders, only=("cohorts",), parameters={"dimension": wrong}, output=tmp_path / "out")
        with pytest.raises(
            ConfigError, match=f"compare by dimension '{wrong}'; columns to compare by: orders: channel"
        ):
            report.run(config, months="2026-04")
    assert not list((tmp_path / "out").glob("2*"))


def test_a_shop_that_asks_no_question_of_that_kind_has_no_page_of_it_and_ends_well(tmp_path):
    answers = pd.DataFrame({"answered_at": ["2026-04-02", "2026-04-03", "2026-05-04"], "kind": ["csat", "csat", "nps"]})
    answers = answers.assign(score=[4, 5, 9], customer_id=["a", "b", "c"])
    answers.to_csv(tmp_path / "answers.csv", index=False)
    config = Config(
        orders=orders_csv(tmp_path), surveys=Source(tmp_path / "answers.csv"), only=("data_quality", "nps"),
        output=tmp_path / "out",
    )  # fmt: skip
    april, may = report.run(config, months=["2026-04", "2026-05"])
    assert [april.failures, may.failures] == [{}, {}]
    assert "needs nps surveys, of which there are none up to April 2026" in april.index.with_name(
        "analyst.html"
    ).read_text(encoding="utf-8")
    assert not (april.index.parent / "05_nps.html").exists()
    assert (may.index.parent / "05_nps.html").exists()


def test_a_report_of_the_store_with_its_visits_is_made(tmp_path):
    (month,) = report.run(Config(orders="store", only=("data_quality",), output=tmp_path), months="2026-04")
    assert month.index.exists()
