"""Every recognised export on its fixture: header as the vendor writes it, invented rows that hold every trap of it."""

from collections import Counter
from pathlib import Path

import pytest

from retention_kit import load

EXPORTS = Path(__file__).parent / "fixtures" / "exports"

READ = {
    "paypal_activity_pl.csv": (
        "paypal", "1217.05", ["ann@shop.example", "ben@shop.example", "dan@shop.example"],
        {"line_item": 1, "hold": 1, "currency_conversion": 1, "withdrawal": 2, "memo": 1, "money_out": 1},
    ),
    "paypal_activity_fr.csv": (
        "paypal", "1217.05", ["ann@shop.example", "ben@shop.example", "dan@shop.example"],
        {"hold": 1, "currency_conversion": 1, "withdrawal": 1, "memo": 1, "money_out": 1},
    ),
    "paypal_history_en.csv": (
        "paypal", "112.00", ["ann@shop.example", "ben@shop.example", "cid@shop.example", "dan@shop.example"],
        {"not_paid": 2, "withdrawal": 1, "hold": 1},
    ),
    "paypal_statement_de.csv": ("paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"], {"hold": 2}),
    "paypal_statement_fr.csv": (
        "paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"], {"currency_conversion": 1},
    ),
    "paypal_statement_fr_2024.csv": (
        "paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"], {"withdrawal": 1, "money_out": 1},
    ),
    "paypal_statement_pl.csv": (
        "paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"], {"currency_conversion": 1},
    ),
}  # fmt: skip
"""File: preset, sum of what is kept, customers, rows refused by rule."""


@pytest.mark.parametrize("name", READ)
def test_an_export_is_recognised_and_counts_to_the_cent_and_to_the_customer(name):
    preset, amount, customers, rules = READ[name]
    data = load.orders(EXPORTS / name)
    frame = data.to_pandas()
    assert data.source.preset == preset
    assert f"{frame['amount'].sum():.2f}" == amount
    assert sorted(set(frame["customer_id"])) == customers
    assert Counter(data.refused["rule"]) == rules
