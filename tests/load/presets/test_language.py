"""What the files of presets can say, on small presets of their own: each key with its right value and its gaps."""

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError
from retention_kit.load.presets import choosing as presets
from retention_kit.load.presets.choosing import Preset, all_presets

ABOUT = {"source": "invented", "grade": "F", "seen": 2026, "trap": "none", "table": "orders"}
COLUMNS = {"customer_id": ["Who"], "ordered_at": ["When"], "amount": ["Sum"], "order_id": ["No"]}


@pytest.fixture
def preset(monkeypatch):
    """Make a preset known under the name "invented" for one test."""

    def make(**keys):
        made = Preset("invented", **{**ABOUT, "signature": ["No", "Who", "Sum"], "columns": COLUMNS, **keys})
        monkeypatch.setattr(presets, "all_presets", lambda: {"invented": made})

    return make


def frame(**columns):
    rows = len(next(iter(columns.values())))
    usual = {"No": [str(i) for i in range(rows)], "Who": ["ann"] * rows, "When": ["2026-05-01"] * rows}
    return pd.DataFrame(usual | columns)


def amounts(data):
    return data.to_pandas()["amount"].tolist()


def texts(data):
    return [note.text for note in data.source.warnings]


def test_what_is_taken_off_and_added_depends_on_the_row(preset):
    preset(
        less=[
            {"header": ["Back"], "means": "refunds count"},
            {"header": ["Lost"], "when": {"header": ["Dispute"], "values": ["LOST"]}, "means": "disputes count"},
        ],
        plus=[{"header": ["Fee"], "means": "fees are missing"}],
        zero=[{"header": ["Full?"], "values": ["1", "True"], "means": "full refunds count"}],
    )
    rows = frame(
        Sum=["10", "10", "10", "10", "10"],
        Back=["1", "-2", "", "", ""],
        Lost=["5", "", "5", "5", ""],
        Dispute=["won", "", " lost ", "", ""],
        Fee=["0.5", "", "-0.5", "", ""],
        **{"Full?": ["0", "", "", "", "1"]},
    )
    data = load.orders(rows)
    assert amounts(data) == [9.5, 8.0, 4.5, 10.0, 0.0]
    assert [t for t in texts(data) if "invented" in t] == []
    assert amounts(load.orders(rows.drop(columns="Dispute"))) == [9.5, 8.0, 9.5, 10.0, 0.0]
    for header, means in {"Dispute": "disputes", "Back": "refunds", "Fee": "fees", "Full?": "full refunds"}.items():
        warned = [t for t in texts(load.orders(rows.drop(columns=header))) if f"{header} is not in this" in t]
        assert len(warned) == 1
        assert means in warned[0]


def test_a_rule_whose_column_is_missing_refuses_or_warns(preset):
    keep = {"header": ["State", "Stan"], "values": ["Done", "zakończono"], "rule": "not_paid", "reason": "{value}"}
    preset(keep=[keep | {"missing": "refuse", "means": "unpaid orders count"}])
    rows = frame(Sum=["10", "20", "40"], State=["done", "open", " DONE "])
    assert amounts(load.orders(rows)) == [10.0, 40.0]
    with pytest.raises(DataError, match="preset invented needs State or Stan: without it unpaid orders count"):
        load.orders(rows.drop(columns="State"))
    preset(keep=[keep | {"means": "unpaid orders count"}])
    data = load.orders(rows.drop(columns="State"))
    assert amounts(data) == [10.0, 20.0, 40.0]
    assert "State or Stan is not in this invented export: unpaid orders count" in texts(data)


def test_an_exception_whose_column_is_missing_is_a_gap_too(preset):
    unless = {"header": ["Kind"], "values": ["refund"]}
    drop = {"header": ["Sum"], "pattern": "^-", "unless": unless, "rule": "money_out", "reason": "{value}"}
    preset(drop=[drop | {"missing": "refuse", "means": "refunds cannot be told from bills"}])
    rows = frame(Sum=["10", "-4", "-3"], Kind=["sale", "Refund", "bill"])
    assert amounts(load.orders(rows)) == [10.0, -4.0]
    with pytest.raises(DataError, match="needs Kind: without it refunds cannot be told from bills"):
        load.orders(rows.drop(columns="Kind"))


def test_a_refund_with_a_moment_of_its_own_is_a_row_of_its_own(preset):
    preset(less=[{"header": ["Back"], "at": ["Back on"], "means": "refunds count"}])
    rows = frame(Sum=["100", "50", "10"], Back=["40", "5", "0"], **{"Back on": ["2026-06-20", "", "2026-06-21"]})
    data = load.orders(rows)
    table = data.to_pandas()
    assert table[["order_id", "amount"]].to_numpy().tolist() == [["0", 100.0], ["0", -40.0], ["1", 45.0], ["2", 10.0]]
    assert table["ordered_at"].astype("str").tolist() == ["2026-05-01", "2026-06-20", "2026-05-01", "2026-05-01"]
    assert "1 refund is a row of its own, with the moment in Back on" in data.source.assumptions
    without = load.orders(rows.drop(columns="Back on"))
    assert amounts(without) == [60.0, 45.0, 10.0]
    assert "Back: without a date in this file, taken off the payment" in without.source.assumptions


def test_the_total_of_an_order_counts_once_wherever_it_stands(preset):
    preset(once_per="order_id")
    rows = frame(
        No=["1", "1", "2", "2", "3", "3", "", ""],
        Who=["ann", "ann", "ben", "ben", "cid", "cid", "dan", "dan"],
        Sum=["10", "10", "20", "", "", "30", "5", "5"],
    )
    data = load.orders(rows)
    assert amounts(data) == [10.0, 20.0, 30.0, 5.0, 5.0]
    assert data.refused["rule"].tolist() == ["repeated_order"] * 3
    other = load.orders(frame(No=["1", "1"], Sum=["10", "12"]))
    assert (amounts(other), other.refused["rule"].tolist()) == ([10.0], ["other_total"])


SETS = [["Sum", "Back", "Unit"], ["Raw", "Raw back", "Raw unit"]]


def in_sets():
    return {
        "columns": COLUMNS | {"amount": ["Sum", "Raw"]},
        "optional": {"currency": ["Unit", "Raw unit"]},
        "less": [{"header": ["Back", "Raw back"], "missing": "refuse", "means": "refunds count"}],
        "sets": SETS,
        "signature": ["No", "Who"],
    }


def in_two_currencies():
    usual = frame(Sum=["9"], Back=["1"], Unit=["EUR"])
    return usual.assign(**{"Raw": ["10"], "Raw back": ["2"], "Raw unit": ["USD"]})


@pytest.mark.parametrize(
    ("columns", "amount", "currency"),
    [
        (None, 8.0, "EUR"),
        ({"amount": "Sum"}, 8.0, "EUR"),
        ({"amount": "Raw"}, 8.0, "USD"),
        ({"currency": "Raw unit"}, 8.0, "USD"),
        ({"customer_id": "Who"}, 8.0, "EUR"),
    ],
)
def test_columns_that_belong_together_are_chosen_together(preset, columns, amount, currency):
    preset(**in_sets())
    data = load.orders(in_two_currencies(), columns=columns)
    assert (amounts(data), data.currency) == ([amount], currency)


def test_columns_that_do_not_belong_together_are_refused(preset):
    preset(**in_sets())
    rows = in_two_currencies().assign(Net=["7"], Other=["GBP"])
    with pytest.raises(DataError, match="columns names Raw unit, Sum, which do not belong together"):
        load.orders(rows, columns={"amount": "Sum", "currency": "Raw unit"})
    with pytest.raises(DataError, match="columns names Net as amount, and preset invented only knows"):
        load.orders(rows, columns={"amount": "Net"})
    with pytest.raises(DataError, match="columns names Other as currency, but the amounts of preset invented are in"):
        load.orders(rows, columns={"currency": "Other"})
    with pytest.raises(DataError, match="columns names Sum, and Back, which belongs to it, is missing"):
        load.orders(rows.drop(columns="Back"), columns={"amount": "Sum"})


def test_a_set_that_is_not_complete_is_left_for_the_next_and_that_is_said(preset):
    preset(**in_sets())
    data = load.orders(in_two_currencies().drop(columns="Back"))
    assert (amounts(data), data.currency) == ([8.0], "USD")
    assert "money is read from Raw, not from Sum, since Back is not in this file" in texts(data)


def test_an_export_that_cannot_be_used_is_refused_with_the_way_out(preset):
    preset(refused="it does not say who bought; take the report of customers", columns={})
    with pytest.raises(DataError, match="this is the export invented, which cannot be used as orders: it does not say"):
        load.orders(frame(Sum=["1"]))
    plain = {"customer_id": "Who", "ordered_at": "When", "amount": "Sum"}
    assert amounts(load.orders(frame(Sum=["1"]), preset=None, columns=plain)) == [1.0]


def test_a_file_that_nearly_fits_says_which_header_is_missing(preset):
    preset(signature=["No", "Who", "Sum", "Till"], drop=[{"header": ["Till"], "values": ["x"], "rule": "till"}])
    plain = {"customer_id": "Who", "ordered_at": "When", "amount": "Sum"}
    data = load.orders(frame(Sum=["1"]), columns=plain)
    (text,) = texts(data)
    assert "looks like the export invented, but Till is missing" in text
    assert "its rules (till) are not applied" in text
    assert texts(load.orders(frame(Sum=["1"]), columns=plain, preset=None)) == []


def test_rows_that_are_kept_and_doubtful_are_counted(preset):
    preset(
        warn=[{"header": ["Pay"], "pattern": "gift", "rule": "gift_card", "text": "paid by gift card", "means": "-"}]
    )
    data = load.orders(frame(Sum=["1", "2", "x"], Pay=["Gift card", "card", "gift"]))
    assert [(n.name, n.rows, n.text) for n in data.source.warnings] == [("gift_card", 1, "paid by gift card")]


def test_moments_whose_header_does_not_say_utc_are_moved_where_the_preset_says_it(preset):
    preset(utc=["ordered_at"])
    data = load.orders(frame(Sum=["1"], When=["2026-05-01 23:30:00"]), timezone="Europe/Warsaw")
    assert data.to_pandas()["ordered_at"].astype("str").tolist() == ["2026-05-02 01:30:00"]


def test_rows_that_are_refused_do_not_count_as_a_currency(preset):
    keep = {"header": ["State"], "values": ["paid"], "rule": "not_paid", "reason": "{value}", "means": "-"}
    preset(keep=[keep], optional={"currency": ["Unit"]})
    rows = frame(Sum=["10", "12"], Unit=["EUR", "USD"], State=["paid", "failed"])
    data = load.orders(rows, currency="EUR")
    assert (amounts(data), data.currency) == ([10.0], "EUR")
    with pytest.raises(DataError, match="amounts are in EUR 1, USD 1"):
        load.orders(rows.assign(State="paid"))


def test_refunds_of_rows_that_are_refused_for_another_reason_do_not_block_either():
    rows = frame(Sum=["10", "12"], Who=["ann", ""], Unit=["EUR", "USD"])
    columns = {"customer_id": "Who", "ordered_at": "When", "amount": "Sum", "currency": "Unit"}
    assert load.orders(rows, columns=columns).currency == "EUR"


@pytest.mark.parametrize("preset", all_presets().values(), ids=lambda p: p.name)
def test_every_rule_of_a_preset_says_what_follows_without_its_column(preset):
    for rule in (*preset.keep, *preset.drop, *preset.less, *preset.plus, *preset.zero, *preset.warn, *preset.needs):
        assert rule.get("missing", "warn") in ("warn", "refuse", "ignore")
        assert rule.get("means") or "empty" in rule, rule
        assert rule.get("pattern", "").lower() == rule.get("pattern", "")
