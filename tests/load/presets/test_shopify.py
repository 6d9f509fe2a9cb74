"""Shopify's order export: what real shops met, each case with its right value and its neighbours."""

from pathlib import Path

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError
from retention_kit.report.settings.config import Config, Source
from retention_kit.report.settings.report_toml import read_config

EXPORT = Path(__file__).parents[2] / "fixtures" / "exports" / "shopify_orders.csv"


def orders(*rows):
    """One order per row, by its status, total, refund, money outstanding and way of payment."""
    table = [
        [f"#{i}", f"{i}@shop.example", *row, "EUR", "2026-05-01 09:58:12 +0000", "Tea"]
        for i, row in enumerate(rows, start=1)
    ]
    names = ["Financial Status", "Total", "Refunded Amount", "Outstanding Balance", "Payment Method"]
    return pd.DataFrame(table, columns=["Name", "Email", *names, "Currency", "Created at", "Lineitem name"])


def amounts(table, **how):
    return load.orders(table, **how).to_pandas()["amount"].tolist()


def names(data):
    return {note.name: note.rows for note in data.source.warnings}


def test_an_export_that_nobody_names_counts_what_was_paid_and_kept():
    """Read as a plain log, refunded, voided and pending orders counted: 335 for 40 (the README's own command)."""
    data = load.orders(EXPORT)
    table = data.to_pandas().set_index("order_id")["amount"]
    assert table.to_dict() == {
        "#1001": 25.0, "#1002": 0.0, "#1004": 15.0, "#1006": 25.0, "#1007": 50.0, "#1008": 0.0, "#1009": 30.0,
    }  # fmt: skip
    assert table[["#1001", "#1002", "#1004"]].sum() == 40.0
    assert data.refused["rule"].tolist() == ["line_item", "not_paid", "not_paid", "test_payment"]


def test_orders_paid_in_part_count_with_the_money_that_came():
    part = ["partially_paid", "100.00", "0.00", "75.00", "Bank Deposit"]
    whole = ["paid", "100.00", "0.00", "0.00", "Bank Deposit"]
    back = ["partially_paid", "100.00", "5.00", "75.00", "Bank Deposit"]
    assert amounts(orders(part, whole, back)) == [25.0, 100.0, 20.0]
    without = load.orders(orders(part).drop(columns="Outstanding Balance"))
    assert any("orders that are paid in part count in full" in note.text for note in without.source.warnings)


def test_a_gift_card_is_money_once():
    """Its sale and the order that was paid with it made 100 of 50."""
    sold = ["paid", "50.00", "0.00", "0.00", "Shopify Payments"]
    redeemed = ["paid", "50.00", "0.00", "0.00", "Gift Card"]
    refunded = ["refunded", "50.00", "50.00", "0.00", "gift_card"]
    in_part = ["paid", "60.00", "0.00", "0.00", "Shopify Payments + Gift Card"]
    data = load.orders(orders(sold, redeemed, refunded, in_part))
    assert data.to_pandas()["amount"].tolist() == [50.0, 0.0, 0.0, 60.0]
    assert names(data)["gift_card_in_part"] == 1


@pytest.mark.parametrize("gateway", ["(for testing) Bogus Gateway", "bogus", "BOGUS GATEWAY"])
def test_orders_of_the_gateway_for_tests_do_not_count(gateway):
    paid = ["paid", "10.00", "0.00", "0.00", "Shopify Payments"]
    assert amounts(orders(paid, ["paid", "9.00", "0.00", "0.00", gateway])) == [10.0]


def test_an_amount_that_refunds_do_not_belong_to_is_refused():
    table = orders(["paid", "25.00", "0.00", "0.00", "Shopify Payments"]).assign(Subtotal="20.00")
    with pytest.raises(DataError, match="columns names Subtotal as amount, and preset shopify only knows"):
        load.orders(table, columns={"amount": "Subtotal"})
    plain = {"amount": "Subtotal", "customer_id": "Email"}
    assert amounts(table, columns=plain, preset=None) == [20.0]


def test_reports_look_for_a_preset_unless_that_is_switched_off(tmp_path):
    assert Config(orders=str(EXPORT)).sources["orders"].preset == "auto"
    assert Source("orders.csv").preset == "auto"
    file = tmp_path / "report.toml"
    file.write_text('[sources.orders]\nfrom = "orders.csv"\n', encoding="utf-8")
    assert read_config(file).sources["orders"].preset == "auto"
    file.write_text('[sources.orders]\nfrom = "orders.csv"\npreset = "none"\n', encoding="utf-8")
    assert read_config(file).sources["orders"].preset == "none"


def test_tips_and_duties_are_part_of_the_total_and_that_is_said():
    data = load.orders(orders(["paid", "35.00", "0.00", "", "Card"]).assign(Duties="5.00"))
    assert data.to_pandas()["amount"].tolist() == [35.0]
    assert "Total is what the buyer paid: shipping, taxes, tips and duties are in it" in data.source.assumptions
    assert names(data)["duties"] == 1
    assert "duties" not in names(load.orders(orders(["paid", "35.00", "0.00", "", "Card"]).assign(Duties="0.00")))


@pytest.mark.parametrize(("total", "refunded", "said"), [("35.00", "35.00", {}), ("0.00004", "0", {"below_money": 1})])
def test_an_order_of_which_nothing_is_left_after_refunds_is_not_too_small_for_money(total, refunded, said):
    warned = names(load.orders(orders(["refunded", total, refunded, "", "Card"])))
    assert {name: rows for name, rows in warned.items() if name == "below_money"} == said
