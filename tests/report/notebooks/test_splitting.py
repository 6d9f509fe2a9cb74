"""A report split by a dimension: segments add up to the whole, and their names are safe."""

import json
import re

import nbformat
import pandas as pd
import pytest
from report_cases import notebook, orders_csv

from retention_kit import report
from retention_kit.errors import ConfigError
from retention_kit.report.notebooks.splitting import folders

COUNT = "from retention_kit import load\nload.orders(orders).to_pandas()['amount'].sum().round(2)"
HOSTILE = ["PL", "pl", "../../etc", "<script>alert(1)</script>", "\u202etxt", "x" * 10_000]


def totals(month, name="01_first"):
    """What the notebook printed, for the whole and each segment, by folder."""
    found = {}
    for path in sorted(month.index.parent.rglob(f"{name}.ipynb")):
        node = nbformat.read(path, as_version=4)
        found[path.parent.name] = float(
            re.search(r"[\d.]+", node.cells[-1].outputs[0].data["text/plain"].split("(")[-1])[0]
        )
    return found


def config(case, **options):
    given = {"orders": case / "orders.csv", "notebooks": case / "own", "output": case / "reports"}
    return report.Config(**given, **options)


def test_segments_are_by_the_first_order_and_add_up_to_the_whole(tmp_path):
    notebook(tmp_path / "own", "01_first", COUNT)
    orders_csv(tmp_path, country=["PL", "TW", "TW", None, "TW", "PL"])
    (month,) = report.run(config(tmp_path, split_by="country"), months="2026-04")
    assert month.failures == {}
    whole, nobody, poland = totals(month).values()
    assert (whole, nobody, poland) == (96.5, 61.0, 27.5)
    assert whole == nobody + poland + 8.0, "TW has no order in April and is left out of the month"
    told = json.loads((month.index.parent / "manifest.json").read_text())
    assert [segment["value"] for segment in told["segments"]] == ["(none)", "PL"]
    assert {made["segment"] for made in told["notebooks"]} == {"", *(s["folder"] for s in told["segments"])}


def test_segment_names_from_hostile_data_become_safe_and_different_folders(tmp_path):
    notebook(tmp_path / "own", "01_first", COUNT)
    made = {"customer_id": list("abcdef"), "ordered_at": ["2026-04-05"] * 6, "amount": [1.0] * 6, "country": HOSTILE}
    orders_csv(tmp_path, **made)
    (month,) = report.run(config(tmp_path, split_by="country"), months="2026-04")
    found = totals(month)
    assert found.pop("2026-04") == 6.0
    assert list(found.values()) == [1.0] * 6
    assert all(re.fullmatch(r"country=[a-z0-9_-]{1,60}", name) for name in found)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders.csv", "own", "reports"]


def test_folders_are_the_same_whatever_else_is_there():
    assert folders("Land/Kraj", ["PL"]) == {"PL": "land-kraj=pl"}
    both = folders("c", ["a b", "a-b", "A B", "ą"])
    assert len(set(both.values())) == 4
    assert folders("c", ["a b"])["a b"] == both["a b"]


def test_a_failure_in_a_segment_is_named_with_it(tmp_path):
    notebook(tmp_path / "own", "01_first", COUNT)
    notebook(
        tmp_path / "own", "02_needs", "from retention_kit import load\nassert len(load.orders(orders).to_pandas()) > 4"
    )
    orders_csv(tmp_path, country=["PL", "PL", "TW", "TW", "TW", "TW"])
    (month,) = report.run(config(tmp_path, split_by="country"), months="2026-04")
    assert sorted(month.failures) == ["country=pl/02_needs", "country=tw/02_needs"]


def test_other_tables_follow_their_customer_or_their_own_value(tmp_path):
    shown = "from retention_kit import load\nlen(load.surveys(surveys).to_pandas())"
    notebook(tmp_path / "own", "01_first", shown, parameters="surveys = 'x'\nas_of = ''")
    orders_csv(tmp_path, country=["PL", "PL", "TW", "PL", "PL", "PL"])
    surveys = pd.DataFrame(
        {"answered_at": "2026-03-10", "kind": "nps", "score": 9, "customer_id": ["a", "b", None, "zz"], "country": "TW"}
    )
    surveys.to_csv(tmp_path / "surveys.csv", index=False)
    (month,) = report.run(config(tmp_path, split_by="country", surveys=tmp_path / "surveys.csv"), months="2026-03")
    assert totals(month) == {"2026-03": 4.0, "country=pl": 1.0, "country=tw": 3.0}


def test_a_column_that_is_none_or_has_too_many_values_is_refused(tmp_path):
    notebook(tmp_path / "own", "01_first", COUNT)
    orders_csv(tmp_path, country=["PL"] * 6)
    with pytest.raises(ConfigError, match="cannot be split by land, known: country"):
        report.run(config(tmp_path, split_by="land"), months="2026-04")
    names = [str(number) for number in range(80)]
    made = {"customer_id": names, "ordered_at": ["2026-04-05"] * 80, "amount": [1.0] * 80, "country": names}
    orders_csv(tmp_path, **made)
    with pytest.raises(ConfigError, match="country has 80 values; a report is split into at most 60"):
        report.run(config(tmp_path, split_by="country"), months="2026-04")
