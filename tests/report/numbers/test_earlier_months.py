"""What earlier reports said of earlier months, and what the data say now: restated, removed, merged, or nothing."""

from datetime import date

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from report_cases import NUMBERS, notebook

from retention_kit import load, report
from retention_kit.report.numbers import earlier_months

ROWS = [
    ("a", "2026-01-05", 100.10), ("b", "2026-01-20", 20.25), ("a", "2026-02-03", 30.20), ("c", "2026-02-14", 40.30),
    ("c", "2026-02-20", -5.00), ("b", "2026-03-02", 60.00), ("d", "2026-03-30", 70.05), ("a", "2026-04-04", 80.00),
]  # fmt: skip


def frame(rows):
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"]).assign(
        ordered_at=lambda t: pd.to_datetime(t["ordered_at"])
    )


def reports(tmp_path, *runs, **options):
    """Run the report for each (month, rows) in one folder; the folder."""
    notebook(tmp_path / "own", "01_own", NUMBERS)
    output = tmp_path / "reports"
    for month, rows in runs:
        orders = tmp_path / "orders.csv"
        frame(rows).to_csv(orders, index=False)
        report.run(report.Config(orders=orders, notebooks=tmp_path / "own", output=output, **options), months=month)
    return output


def differences(folder):
    path = folder / "data" / "earlier_months.parquet"
    table = pd.read_parquet(path) if path.is_file() else pd.DataFrame(columns=["month", "figure", "before", "after"])
    return {(r.month, r.figure): (r.before, r.after) for r in table.itertuples()}


def text(path):
    return " ".join(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").get_text().split())


def test_the_next_month_says_what_was_restated_in_an_earlier_one(tmp_path):
    late = [*ROWS, *[(f"late{i}", "2026-02-15", 100.0) for i in range(5)]]
    output = reports(tmp_path, ("2026-03", ROWS), ("2026-04", late))
    found = differences(output / "2026-04")
    assert found[("2026-02", "revenue")] == (65.5, 565.5)
    assert found[("2026-02", "orders")] == (2, 7)
    assert {month for month, _ in found} == {"2026-02"}
    index = text(output / "2026-04" / "analyst.html")
    assert "February 2026, Revenue, refunds taken off: 65.50 in the report of March 2026, 565.50 now." in index
    page = BeautifulSoup((output / "2026-04" / "restated.html").read_text(encoding="utf-8"), "html.parser")
    first = [cell.get_text() for cell in page.find(id="earlier").find_next("tbody").find("tr").find_all(["th", "td"])]
    label = "Revenue, refunds taken off"
    assert first == ["February 2026", label, "changed", "65.50", "565.50", "+500", "+763\u00a0%"]


def test_where_nothing_changed_nothing_is_said(tmp_path):
    output = reports(tmp_path, ("2026-03", ROWS), ("2026-04", [*ROWS[::-1], ("e", "2026-04-20", 0.1)]))
    assert (output / "2026-04" / "data" / "months.csv").is_file()
    assert differences(output / "2026-04") == {}
    assert not (output / "2026-04" / "restated.html").exists()
    assert "Earlier months" not in text(output / "2026-04" / "analyst.html")


def test_a_month_that_was_removed_and_customers_that_were_merged_are_named(tmp_path):
    merged = [("a" if who == "c" else who, day, amount) for who, day, amount in ROWS if not day.startswith("2026-01")]
    output = reports(tmp_path, ("2026-03", ROWS), ("2026-04", merged))
    found = differences(output / "2026-04")
    assert found[("2026-02", "customers")] == (2, 1)
    before, after = found[("2026-01", "revenue")]
    assert before == pytest.approx(120.35)
    assert after != after
    assert "not in the data now" in text(output / "2026-04" / "analyst.html")


def test_a_report_that_was_made_again_is_compared_as_it_stands_and_a_gap_of_months_is_no_obstacle(tmp_path):
    late = [*ROWS, ("late", "2026-01-15", 1.0)]
    output = reports(tmp_path, ("2026-02", ROWS), ("2026-04", late))
    assert differences(output / "2026-04")[("2026-01", "orders")] == (2, 3)
    again = reports(tmp_path, ("2026-02", late), ("2026-04", late[::-1]))
    assert differences(again / "2026-04") == {}


def test_each_segment_is_compared_with_its_own_past(tmp_path):
    notebook(tmp_path / "own", "01_own", NUMBERS)
    output, path = tmp_path / "reports", tmp_path / "orders.csv"
    config = report.Config(orders=path, notebooks=tmp_path / "own", output=output, split_by="country")
    rows = frame([*ROWS, ("d", "2026-04-30", 9.0), ("a", "2026-03-15", 7.0)])
    rows = rows.assign(country=rows["customer_id"].map({"a": "PL", "b": "TW", "c": "PL", "d": "TW"}))
    rows.to_csv(path, index=False)
    report.run(config, months="2026-03")
    late = pd.DataFrame([("a", pd.Timestamp("2026-02-10"), 5.0, "PL")], columns=rows.columns)
    pd.concat([rows, late]).to_csv(path, index=False)
    report.run(config, months="2026-04")
    assert differences(output / "2026-04" / "country=pl")[("2026-02", "orders")] == (2, 3)
    assert (output / "2026-04" / "country=tw").is_dir()
    assert differences(output / "2026-04" / "country=tw") == {}


def test_numbers_that_are_counted_differently_are_not_called_restated(tmp_path, monkeypatch):
    output = reports(tmp_path, ("2026-03", ROWS))
    monkeypatch.setattr(earlier_months, "_DEFINITION", 2)
    reports(tmp_path, ("2026-04", [*ROWS, ("late", "2026-01-15", 1.0)]))
    assert differences(output / "2026-04") == {}
    assert "definition changed" in text(output / "2026-04" / "analyst.html")


def test_subscriptions_answers_and_visits_are_kept_too(tmp_path):
    for name in ("orders", "subscriptions", "surveys", "visits"):
        getattr(load, name)("store").save(tmp_path)
    table = earlier_months.monthly_figures(date(2026, 3, 31), tmp_path)
    assert table["month"].max() == "2026-03"
    assert {"mrr_end", "subscribers", "nps_answers", "nps_mean", "visitors"} <= set(table["figure"])
    assert not table.duplicated(["month", "figure"]).any()
