"""Exports of several rows an order, with lines around their table: eBay, Shopline, 91APP; no column is lost in silence."""

# ruff: noqa: E501 (one case per line)

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"

ORDERS = {
    "ebay.csv": (
        "ebay",
        [("ann_b", "2026-09-30 23:45:00", 25.0), ("ben_c", "2026-10-05 08:00:00", 36.0), ("dan_e", "2026-10-07 08:00:00", 1034.0)],
        {"padding": 1, "repeated_order": 2, "not_paid": 1, "broken_line": 2},
    ),
    "ebay.au.csv": (
        "ebay",
        [("ann_b", "2026-05-26 00:00:00", 3013.0), ("ben_c", "2026-05-27 00:00:00", 211.6)],
        {"padding": 1, "repeated_order": 2, "broken_line": 2},
    ),
    "ebay.de.csv": (
        "ebay",
        [("anna_b", "2025-12-10 00:00:00", 116.99), ("ben_c", "2026-03-05 00:00:00", 1234.5)],
        {"padding": 1, "repeated_order": 2, "not_paid": 1, "broken_line": 1},
    ),
    "shopline.csv": (
        "shopline",
        [("ann@shop.example", "2026-05-01 10:00:00", 1250.0), ("ben@shop.example", "2026-05-31 23:30:00", 800.0), ("C4", "2026-06-02 09:00:00", 300.0)],
        {"repeated_order": 2, "not_paid": 1, "cancelled": 1},
    ),
    "shopline.basic.csv": (
        "shopline",
        [("ann@shop.example", "2026-05-01 10:00:00", 1250.0), ("ben@shop.example", "2026-05-31 23:30:00", 800.0)],
        {"repeated_order": 2, "not_paid": 1},
    ),
    "91app.csv": (
        "91app",
        [("M1", "2024-05-01 10:00:00", 1000.0), ("M2", "2024-05-31 23:30:00", 500.0), ("M1", "2024-06-13 09:00:00", 250.0)],
        {"line_item": 1, "cancelled": 2},
    ),
}  # fmt: skip
"""File: preset, customer, moment and amount of each order, rows refused by rule."""


def kept(data):
    frame = data.to_pandas()
    moments = frame["ordered_at"].astype("datetime64[s]").dt.strftime("%Y-%m-%d %H:%M:%S")
    return list(zip(frame["customer_id"], moments, frame["amount"], strict=True))


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_of_several_rows_counts_once(name):
    preset, orders, rules = ORDERS[name]
    data = load.orders(EXPORTS / name)
    assert data.source.preset == preset
    assert kept(data) == orders
    assert Counter(data.refused["rule"]) == rules
    assert data.source.rows_read == data.source.rows_kept + data.source.rows_refused


def test_an_ebay_report_in_french_says_which_column_it_does_not_know(tmp_path):
    path = tmp_path / "ebay.csv"
    header = "Numéro de vente;Numéro de commande;Pseudo de l'acheteur;Total;Vendu pour;Livraison et manutention;Date de vente"
    path.write_text(f"\n{header}\n1;05-1;ann_b;12,50 €;10,50 €;2,00 €;05-oct.-26\n", encoding="utf-8")
    with pytest.raises(DataError, match="preset ebay reads amount from"):
        load.orders(path)
    assert kept(load.orders(path, preset=None, columns={
        "customer_id": "Pseudo de l'acheteur", "ordered_at": "Date de vente", "amount": "Total",
    })) == [("ann_b", "2026-10-05 00:00:00", 12.5)]  # fmt: skip


def products():
    return pd.read_csv(EXPORTS / "91app.csv", dtype=str)


def test_product_rows_of_two_exports_that_overlap_are_not_added_up_twice(tmp_path):
    products().to_csv(tmp_path / "may.csv", index=False)
    products().iloc[:3].to_csv(tmp_path / "june.csv", index=False)
    data = load.orders(tmp_path)
    assert sorted(kept(data)) == sorted(ORDERS["91app.csv"][1])
    assert Counter(data.refused["rule"]) == {"cancelled": 2, "duplicate": 3, "line_item": 1}


def test_product_rows_without_a_number_of_their_order_stand_alone():
    rows = products()
    rows.loc[[0, 5], "主單編號"] = ["", "  "]
    assert sorted(amount for _, _, amount in kept(load.orders(rows))) == [250.0, 300.0, 500.0, 700.0]


def test_a_product_row_that_is_refused_is_not_in_the_sum_and_keeps_its_reason():
    rows = products()
    rows.loc[0, "訂單狀態"] = "已取消"
    rows.loc[5, "銷售金額(折扣後)"] = "?"
    data = load.orders(rows)
    assert [(who, amount) for who, _, amount in kept(data)] == [("M1", 700.0), ("M2", 500.0)]
    assert Counter(data.refused["rule"]) == {"cancelled": 3, "unreadable_amount": 1}


@pytest.mark.parametrize(
    ("name", "header", "means"),
    [
        ("ebay.csv", "eBay Collected Tax", "is counted as revenue"),
        ("ebay.csv", "eBay Collected Tax and Fees Included in Total", "is counted as revenue"),
        ("ebay.csv", "Paid On Date", "never paid count"),
        ("shopline.csv", "已退款金額", "cannot be taken off"),
        ("shopline.csv", "訂單狀態", "cancelled orders that were paid count"),
        ("91app.csv", "訂單狀態", "cannot be distinguished from others"),
        ("qualtrics.csv", "Status", "cannot be distinguished from those of customers"),
        ("qualtrics.csv", "Finished", "count like finished ones"),
        ("qualtrics.csv", "RecipientEmail", "are nobody's"),
        ("tally.csv", "Email", "cannot be joined with orders"),
    ],
)
def test_a_column_that_is_missing_is_named_with_what_follows(tmp_path, name, header, means):
    lines = [line.split(",") for line in (EXPORTS / name).read_text(encoding="utf-8").replace('"', "").split("\n")]
    lines = [line for line in lines if len(line) >= 6]
    at = next(line for line in lines if header in line).index(header)
    path = tmp_path / "export.csv"
    path.write_text("\n".join(",".join(line[:at] + line[at + 1 :]) for line in lines), encoding="utf-8")
    read = load.orders if name in ORDERS else load.surveys
    try:
        messages = [note.text for note in read(path).source.warnings]
    except DataError as fault:
        messages = [str(fault)]
    assert any(means in message for message in messages)
