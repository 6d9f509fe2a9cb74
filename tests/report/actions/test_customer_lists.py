"""Lists of customers behind numbers: who is on them, in which order, what they say, and what they never show."""

import os
import stat

import openpyxl
import pandas as pd
import pytest

from retention_kit import load
from retention_kit.models import rfm
from retention_kit.report import Config
from retention_kit.report.actions import customer_lists, month_customers
from retention_kit.report.actions.action_lists import HandedOut
from retention_kit.report.html.customers import list_view, table_links
from retention_kit.report.output.data_files import list_files

AS_OF = pd.Timestamp("2026-03-31")
SECRET = b"a secret for tests"


def days(*moments):
    return pd.to_datetime(list(moments))


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """Ada buys every ten days and has stopped; Bo bought once; =Cy, whose id looks like a formula, bought twice."""
    bought = [("ada", "2026-01-01"), ("ada", "2026-01-11"), ("ada", "2026-01-21"), ("ada", "2026-01-31")]
    bought += [("bo", "2026-03-01"), ("=cy", "2026-02-01"), ("=cy", "2026-03-30")]
    table = pd.DataFrame(bought, columns=["customer_id", "ordered_at"]).assign(amount=10.0)
    table["country"] = ["PL", "PL", "PL", "DE", "TW", "TW", "TW"]
    folder = tmp_path_factory.mktemp("workspace")
    load.orders(table).save(folder)
    return load.orders(str(folder))


@pytest.fixture(scope="module")
def customers(orders):
    """What the pages know: two segments, values by hand, ada overdue."""
    segments = pd.DataFrame(
        {
            "customer_id": ["bo", "=cy", "ada"],
            "segment": ["new", "can't lose", "can't lose"],
            "orders": [1, 2, 4],
            "revenue": [10.0, 20.0, 40.0],
            "first_order": days("2026-03-01", "2026-02-01", "2026-01-01"),
            "last_order": days("2026-03-01", "2026-03-30", "2026-01-31"),
            "days_since_last": [30, 1, 59],
            "R": [3, 5, 1], "F": [1, 4, 5], "M": [1, 3, 5],
        }
    )  # fmt: skip
    stake = pd.DataFrame({"customer_id": ["ada", "bo", "=cy"], "probability_alive": [0.25, 0.5, 0.98765]})
    stake = stake.assign(
        lifetime_value=[40.004, 5.0, 60.0], lifetime_value_low=[30.0, 4.0, 50.0], lifetime_value_high=[50.0, 6.0, 70.0]
    )
    overdue = pd.DataFrame({"customer_id": ["ada"], "revenue": [40.0]})
    pages = month_customers.OfPages({"segments": segments, "stake": stake, "overdue": overdue})
    return month_customers.Customers(orders, AS_OF, month_customers.Settings(), pages, "country")


@pytest.fixture(scope="module")
def lists(customers):
    return {listing.name: listing for listing in customer_lists.make(customers, (), Config())}


def test_every_number_has_the_list_of_its_customers(lists):
    counts = {name: listing.customers for name, listing in lists.items()}
    cohorts = {"cohort-2026-03": 1, "cohort-2026-02": 1, "cohort-2026-01": 1}
    assert counts == {"win_back": 1, "overdue": 1, "segment-can-t-lose": 2, "segment-new": 1, **cohorts}
    assert sum(n for name, n in counts.items() if name.startswith("segment")) == 3


def test_the_customer_with_the_largest_expected_value_comes_first(lists):
    best = lists["segment-can-t-lose"]
    assert best.table["customer_id"].tolist() == ["=cy", "ada"]
    assert best.money == pytest.approx(100.0)  # 60 + 40.00, in cents
    ada = best.table.loc["ada"]
    assert (ada["usual_gap"], ada["probability_alive"], ada["country"]) == (10.0, 0.25, "DE")  # of the last order
    assert pd.isna(best.table.loc["=cy", "usual_gap"]), "one gap shows no rhythm"


def test_an_action_list_has_both_groups_and_the_files_of_the_actions(customers):
    acted = pd.DataFrame({"customer_id": ["ada"], "group": ["act"]})
    left = pd.DataFrame({"customer_id": ["=cy"], "group": ["hold_out"]})
    made = customer_lists.make(customers, [HandedOut("at_risk", "", acted, left)], Config())
    assert made[0].table["group"].to_dict() == {"=cy": "hold_out", "ada": "act"}
    assert (made[0].act, made[0].held_out) == (1, 1)
    assert made[0].files == (
        "actions/at_risk.csv", "actions/at_risk.xlsx", "actions/at_risk_hold_out.csv", "actions/at_risk_hold_out.xlsx",
    )  # fmt: skip


def test_lists_use_the_values_of_the_pages_only_if_the_settings_are_the_same(customers, orders):
    assert customers.table["expected_value"].tolist() == [60.0, 40.0, 5.0]
    own = month_customers.Customers(orders, AS_OF, month_customers.Settings(groups=3), customers.pages)
    assert set(own.table["expected_value"]).isdisjoint({60.0, 40.0, 5.0})


def test_files_hold_all_rows_with_text_as_text_and_are_for_the_owner_only(lists, tmp_path):
    before = os.umask(0o022)
    try:
        target = list_files.write(tmp_path, list(lists.values()))
        list_files.table_files.only_for_the_owner(target)
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in target.iterdir()} == {0o600}
    rows = pd.read_csv(target / "segment-can-t-lose.csv")
    assert rows["customer_id"].tolist() == ["'=cy", "ada"]
    assert rows["first_order"].tolist() == ["2026-02-01", "2026-01-01"]
    sheet = openpyxl.load_workbook(target / "segment-can-t-lose.xlsx").active
    header, first, _ = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert header == rows.columns.tolist()
    assert (first[0], sheet["A2"].data_type, first[header.index("expected_value")]) == ("=cy", "s", 60)
    text = (target / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{column}` | " in text for column in rows.columns)


def test_a_page_says_how_a_silence_compares_with_the_rhythm(lists):
    view = list_view.View(Config(list_rows=1), "EUR")
    (row,) = view.rows(lists["overdue"], {"ada": "customers/x.html"})
    assert row.why == "Usually buys every 10 days, silent for 59 days"
    assert (row.href, row.about, row.percent) == ("customers/x.html", "DE, can't lose", 25)
    (cy,) = view.rows(lists["segment-can-t-lose"], {})  # one row is the limit of this page
    assert cy.why == "2 orders, silent for 1 day"
    heading = view.heading(lists["segment-can-t-lose"])
    assert heading.startswith("2 customers are in the segment “can't lose”. In the next 12 months ")
    assert "100" in heading


def test_tables_of_a_page_lead_to_the_lists(lists):
    view = list_view.View(Config(), "EUR")
    cell = "<tr><td class='x'>can't lose</td><td>2</td></tr>"
    tables = f'<table id="segments">{cell}</table>', '<table id="overdue"></table>'
    html = "".join(f'<div class="table">{table}</div>' for table in tables)
    linked = table_links.linked(f"{html}<p>can't lose</p>", list(lists.values()), view)
    assert "<td class='x'><a href=\"lists/segment-can-t-lose.html\">can't lose</a></td>" in linked
    assert linked.count("segment-can-t-lose") == 1
    assert '</table></div><p class="behind"><a href="lists/overdue.html">' in linked


@pytest.mark.parametrize("mode", ["hash_ids", "none"])
def test_no_id_leaks_where_it_is_not_to_be_shown(customers, mode, monkeypatch, tmp_path):
    monkeypatch.setenv("LIST_SECRET", SECRET.decode())
    actions = {"salt": "env:LIST_SECRET"}
    config = Config(hash_ids=True, actions=actions) if mode == "hash_ids" else Config(customer_ids="none")
    made = customer_lists.make(customers, (), config)
    assert len(made) == (6 if mode == "hash_ids" else 7)  # with action lists there are none of quiet customers
    list_files.write(tmp_path, made)
    text = "".join(file.read_text(errors="replace") for file in tmp_path.rglob("*.csv"))
    view = list_view.View(config, "")
    text += repr([view.shown(listing, {}, rows=True) for listing in made])
    assert "'ada'" not in text
    assert "ada," not in text
    assert (len(list(tmp_path.rglob("*.csv"))) == 6) == (mode == "hash_ids")
    assert {listing.customers for listing in made} == {1, 2}


def test_the_page_of_a_cut_off_is_that_of_the_month_before(orders):
    """Cut points are those of the end of the month before, as on the page of segments."""
    own = month_customers.Customers(orders, AS_OF, month_customers.Settings())
    from retention_kit import summarise

    cuts = rfm.cut_points(summarise.customers(orders, as_of="2026-02-28").to_pandas())
    expected = rfm.score(summarise.customers(orders, as_of=AS_OF).to_pandas().sort_values("customer_id"), cuts=cuts)
    assert own.table["R"].tolist() == expected["R"].tolist()
