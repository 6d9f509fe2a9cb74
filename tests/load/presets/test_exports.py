"""Every recognised export on its fixture: header as the vendor writes it, invented rows that hold every trap of it."""

# ruff: noqa: E501 (expected values of a file stand on one line)

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"

READ = {
    "paypal.en.csv": (
        "paypal", "1030.00", ["ann@shop.example", "ben@shop.example", "eva@shop.example"],
        {"line_item": 2, "hold": 3, "currency_conversion": 2, "withdrawal": 2, "money_out": 1, "memo": 1, "own_refund": 1, "fee": 1},
    ),
    "paypal.de.csv": (
        "paypal", "1252.50", ["ann@shop.example", "cid@shop.example", "eva@shop.example"],
        {"hold": 3, "memo": 2, "withdrawal": 3, "money_out": 1, "currency_conversion": 2},
    ),
    "paypal.pl.csv": (
        "paypal", "1217.05", ["ann@shop.example", "ben@shop.example", "dan@shop.example"],
        {"line_item": 1, "hold": 1, "currency_conversion": 1, "withdrawal": 2, "memo": 1, "money_out": 1},
    ),
    "paypal.fr.csv": (
        "paypal", "1217.05", ["ann@shop.example", "ben@shop.example", "dan@shop.example"],
        {"hold": 1, "currency_conversion": 1, "withdrawal": 1, "memo": 1, "money_out": 1},
    ),
    "paypal.es.csv": (
        "paypal", "1217.05", ["ann@shop.example", "ben@shop.example", "dan@shop.example"],
        {"hold": 2, "currency_conversion": 1, "withdrawal": 2, "not_paid": 1, "money_out": 1},
    ),
    "paypal.history.csv": (
        "paypal", "112.00", ["ann@shop.example", "ben@shop.example", "cid@shop.example", "dan@shop.example"],
        {"not_paid": 2, "withdrawal": 1, "hold": 1},
    ),
    "paypal_statement.en.csv": (
        "paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"],
        {"hold": 2, "withdrawal": 1, "money_out": 1},
    ),
    "paypal_statement.de.csv": ("paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"], {"hold": 2}),
    "paypal_statement.fr.csv": (
        "paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"], {"currency_conversion": 1},
    ),
    "paypal_statement.fr_2024.csv": (
        "paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"], {"withdrawal": 1, "money_out": 1},
    ),
    "paypal_statement.es.csv": (
        "paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"],
        {"hold": 2, "money_out": 1, "currency_conversion": 1, "own_refund": 1, "withdrawal": 1},
    ),
    "paypal_statement.pl.csv": (
        "paypal_statement", "30.00", ["ann@shop.example", "ben@shop.example"], {"currency_conversion": 1},
    ),
    "magento.csv": (
        "magento", "1340.50", ["ann@shop.example", "ben@shop.example", "cid@shop.example", "gus@shop.example"],
        {"not_paid": 3},
    ),
    "gumroad.csv": (
        "gumroad", "75.00",
        ["ann@shop.example", "ben@shop.example", "cid@shop.example", "dan@shop.example", "eva@shop.example"],
        {"free_trial": 1, "pre_order": 1, "totals": 1},
    ),
    "revenuecat.csv": (
        "revenuecat", "24.97", ["user-a", "user-b", "user-f"],
        {"older_version": 1, "test_purchase": 1, "family_shared": 1, "promotional": 1, "free_trial": 1},
    ),
    "square_items.csv": (
        "square_items", "1047.12", ["CUST1", "CUST2"], {"line_item": 1, "missing_customer_id": 1},
    ),
    "square_transactions.csv": (
        "square_transactions", "1010.80", ["CUST1", "CUST2"], {"not_paid": 1, "missing_customer_id": 1},
    ),
    "etsy.csv": (
        "etsy", "209.00", ["Cid Cedar", "annalder", "benbirch", "danwood"], {"canceled": 1},
    ),
    "etsy.uk.csv": (
        "etsy", "209.00", ["Cid Cedar", "annalder", "benbirch", "danwood"], {"canceled": 1},
    ),
    "etsy_payments.csv": ("etsy_payments", "85.00", ["annalder", "benbirch", "cidcedar"], {}),
    "squarespace.csv": (
        "squarespace", "40.00", ["ann@shop.example", "ben@shop.example", "dan@shop.example"],
        {"line_item": 1, "not_paid": 1},
    ),
    "bigcommerce.csv": (
        "bigcommerce", "1320.50", ["ann@shop.example", "ben@shop.example", "cid@shop.example", "fay@shop.example"],
        {"not_paid": 3},
    ),
    "paddle_classic.csv": (
        "paddle_classic", "1090.00", ["ann@shop.example", "ben@shop.example", "cid@shop.example", "dan@shop.example"], {},
    ),
    "app_store_subscribers.txt": ("app_store_subscribers", "19.98", ["100001", "100002"], {"free_trial": 1}),
}  # fmt: skip
"""File: preset, sum of what is kept, customers, rows refused by rule."""

REFUSED = {
    "amazon.txt": "no customer",
    "amazon_in.csv": "no customer",
    "prestashop.csv": "short name",
    "google_play.csv": "no customer",
    "app_store_events.txt": "no customer",
    "stripe_balance.csv": "no customer",
    "etsy_items.csv": "a row per item",
}
"""File: what the refusal says."""


@pytest.mark.parametrize("name", READ)
def test_an_export_is_recognised_and_counts_to_the_cent_and_to_the_customer(name):
    preset, amount, customers, rules = READ[name]
    data = load.orders(EXPORTS / name)
    frame = data.to_pandas()
    assert data.source.preset == preset
    assert f"{frame['amount'].sum():.2f}" == amount
    assert sorted(set(frame["customer_id"])) == customers
    assert Counter(data.refused["rule"]) == rules


@pytest.mark.parametrize("name", REFUSED)
def test_an_export_that_cannot_say_who_bought_is_refused_with_the_reason_and_the_way_out(name):
    with pytest.raises(DataError, match=REFUSED[name]):
        load.orders(EXPORTS / name)


def table(name, **cells):
    """A fixture as a frame of text, with other cells in some columns."""
    delimiter = ";" if name.startswith("prestashop") else "\t" if name.endswith(".txt") else ","
    frame = pd.read_csv(EXPORTS / name, sep=delimiter, dtype=str, keep_default_na=False)
    return frame.assign(**cells)


def moments(data):
    return data.to_pandas().set_index("order_id")["ordered_at"].astype("str").to_dict()


def amounts(data):
    return data.to_pandas().set_index("order_id")["amount"].to_dict()


def warned(data):
    return {note.name for note in data.source.warnings}


def test_times_of_paypal_are_those_of_the_zone_that_its_rows_name():
    data = load.orders(EXPORTS / "paypal.en.csv")
    assert (data.timezone, moments(data)["T02"]) == ("America/Los_Angeles", "2026-05-14 23:30:00")
    data = load.orders(EXPORTS / "paypal.en.csv", timezone="Europe/Warsaw")
    assert (data.timezone, moments(data)["T02"]) == ("Europe/Warsaw", "2026-05-15 08:30:00")


@pytest.mark.parametrize(
    ("zones", "home", "first"),
    [
        (["CET", "CEST", "CEST", "CEST", "CEST"], "Europe/Berlin", "2026-01-13 12:09:12"),
        (["Europe/Paris"] * 5, "Europe/Paris", "2026-01-13 12:09:12"),
        (["GMT+01:00", "CEST", "PDT", "CEST", "CEST"], "UTC", "2026-01-13 11:09:12"),
    ],
)
def test_zones_of_winter_and_summer_are_one_and_zones_of_several_places_are_brought_to_one(zones, home, first):
    frame = table("paypal_statement.fr.csv", **{"Fuseau horaire": zones})
    frame.loc[0, "Date"] = "13/01/2026"
    data = load.orders(frame)
    assert (data.timezone, moments(data)["T01"]) == (home, first)
    assert ("taken_in_utc" in warned(data)) == (home == "UTC")


def test_items_of_a_cart_with_numbers_of_their_own_are_not_counted_beside_their_payment():
    frame = table("paypal.en.csv")
    item = frame["Type"] == "Shopping Cart Item"
    frame.loc[item, "Transaction ID"] = ["C1", "C2"]
    assert amounts(load.orders(frame))["T01"] == 30.0
    assert amounts(load.orders(frame.assign(Type=frame["Type"].where(~item, "Website Payment"))))["T01"] == 30.0


@pytest.mark.parametrize("header", ["Z adresu e-mail", "z adresu e-mail"])
def test_refunds_stay_with_the_buyer_when_the_user_names_the_column_of_the_payer(header):
    frame = table("paypal.pl.csv").rename(columns={"Z adresu e-mail": header})
    data = load.orders(frame, columns={"customer_id": header})
    assert data.to_pandas().set_index("order_id")["customer_id"]["T03"] == "ben@shop.example"


def test_a_payee_is_no_customer_and_any_other_column_is_warned_about():
    with pytest.raises(DataError, match="which is the shop itself in payments"):
        load.orders(EXPORTS / "paypal.pl.csv", columns={"customer_id": "Na adres e-mail"})
    data = load.orders(EXPORTS / "paypal.pl.csv", columns={"customer_id": "Nazwa"})
    assert "refunds_as_named" in warned(data)
    with pytest.raises(DataError, match="would be booked on the shop itself"):
        load.orders(table("paypal.pl.csv").drop(columns="Na adres e-mail"), columns={"customer_id": "Z adresu e-mail"})


@pytest.mark.parametrize(
    "name", ["paypal.en.csv", "paypal.de.csv", "paypal.fr.csv", "paypal.pl.csv", "paypal.history.csv"]
)
def test_paypal_without_the_state_of_its_payments_is_refused(name):
    state = "État" if name == "paypal.fr.csv" else "Status"
    with pytest.raises(DataError, match="pending and denied payments count"):
        load.orders(table(name).drop(columns=state))


def test_paypal_without_the_impact_on_the_balance_says_what_may_count_too_much():
    data = load.orders(table("paypal.de.csv").drop(columns="Auswirkung auf Guthaben"))
    assert amounts(data)["T03"] == 99.0
    assert "rule_not_applied" in warned(data)


def test_magento_takes_refunds_off_in_the_base_currency():
    data = load.orders(EXPORTS / "magento.csv")
    assert amounts(data)["000000008"] == 20.0
    assert moments(data)["000000001"] == "2026-01-05 14:03:00"
    assert moments(data)["000000002"] == "2026-01-05 00:15:00"
    with pytest.raises(DataError, match="orders that were paid back count in full"):
        load.orders(table("magento.csv").drop(columns="Total Refunded"))


def test_gumroad_is_in_utc_and_a_lost_dispute_leaves_nothing():
    data = load.orders(EXPORTS / "gumroad.csv", timezone="Europe/Warsaw")
    assert moments(data)["p1=="] == "2026-05-02 00:30:00"
    assert [amounts(data)[f"p{i}=="] for i in (2, 3, 4, 5)] == [0.0, 15.0, 0.0, 40.0]


def test_revenuecat_keeps_the_newest_version_wherever_it_stands():
    frame = table("revenuecat.csv")
    for rows in (frame, frame.iloc[::-1]):
        assert amounts(load.orders(rows))["tx1"] == 4.99


@pytest.mark.parametrize("named", ["purchase_price_in_usd", "price_in_purchased_currency"])
def test_a_price_of_revenuecat_in_another_currency_needs_its_name(named):
    """Prices in the currency of the purchase were added up as dollars."""
    with pytest.raises(DataError, match="only price_in_usd is known to be in USD"):
        load.orders(EXPORTS / "revenuecat.csv", columns={"amount": named})


def test_a_gross_price_of_revenuecat_is_read_with_a_word_on_refunds():
    columns = {"amount": "purchase_price_in_usd", "currency": "=USD"}
    data = load.orders(EXPORTS / "revenuecat.csv", columns=columns)
    note = next(note for note in data.source.warnings if note.name == "other_amount")
    assert note.text.startswith("amount is read from purchase_price_in_usd, as columns says, not from price_in_usd")
    named = load.orders(EXPORTS / "revenuecat.csv", columns={"amount": "price_in_usd"})
    assert "other_amount" not in warned(named)


def test_another_amount_of_any_export_is_read_with_a_word():
    columns = {"amount": "Developer Proceeds", "currency": "Proceeds Currency"}
    assert "other_amount" in warned(load.orders(EXPORTS / "app_store_subscribers.txt", columns=columns))


@pytest.mark.parametrize(
    ("name", "header"),
    [("squarespace.csv", "Currency"), ("bigcommerce.csv", "Order Currency Code"), ("stripe_payments.csv", None)],
)
def test_an_export_without_its_currency_says_what_may_be_added_up(name, header):
    headers = [header] if header else ["Currency", "Converted Currency"]
    frame = table(name)
    texts = [note.text for note in load.orders(frame.drop(columns=headers, errors="ignore")).source.warnings]
    assert any("amounts in several currencies, if there are any, are added up" in text for text in texts)


@pytest.mark.parametrize("name", ["paypal.en.csv", "paypal_statement.es.csv", "stripe_itemised.csv"])
def test_an_export_without_its_references_says_what_counts(name):
    header = {"paypal.en.csv": "Reference Txn ID", "stripe_itemised.csv": "charge_id"}.get(
        name, "Id. de referencia de trans."
    )
    texts = [note.text for note in load.orders(table(name).drop(columns=header)).source.warnings]
    assert any("refunds of payments that are refused or missing count" in text for text in texts)


def test_items_of_square_are_added_up_to_orders_and_lose_nothing_in_silence():
    frame = table("square_items.csv")
    frame.loc[0, "Customer ID"] = ""
    assert load.orders(frame).to_pandas()["amount"].tolist() == [19.44, 1034.16, -10.8, 4.32]
    frame.loc[1, "Net Sales"] = "ten"
    data = load.orders(frame)
    assert data.refused["rule"].tolist()[:2] == ["missing_customer_id", "unreadable_amount"]
    lines = load.order_lines(EXPORTS / "square_items.csv")
    assert (lines.source.preset, lines.to_pandas()["quantity"].sum()) == ("square_items_lines", 6.0)


def test_a_refund_of_square_gives_the_tip_back_too():
    frame = table("square_transactions.csv")
    frame.loc[3, ["Tip", "Total Collected"]] = ["-$1.00", "-$11.80"]
    assert amounts(load.orders(frame))["tx4"] == -10.8


def test_etsy_warns_of_orders_that_were_adjusted():
    data = load.orders(EXPORTS / "etsy.csv")
    note = next(note for note in data.source.warnings if note.name == "adjusted_order")
    assert note.rows == 1
    assert load.order_lines(EXPORTS / "etsy_items.csv").source.preset == "etsy_items_lines"


def test_etsy_says_that_guests_are_lost_without_their_names():
    texts = [note.text for note in load.orders(table("etsy.csv").drop(columns="Full Name")).source.warnings]
    assert any("guests, who have no Buyer User ID, are lost" in text for text in texts)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("squarespace.csv", "Amount Refunded"),
        ("squarespace.csv", "Financial Status"),
        ("bigcommerce.csv", "Order Status"),
        ("bigcommerce.csv", "Refund Amount"),
        ("paddle_classic.csv", "Order Status"),
        ("revenuecat.csv", "is_sandbox"),
        ("gumroad.csv", "Fully Refunded?"),
        ("etsy_payments.csv", "Refund Amount"),
    ],
)
def test_an_export_without_a_column_that_its_sum_hangs_on_is_refused(name, column):
    with pytest.raises(DataError, match=re.escape(column)):
        load.orders(table(name).drop(columns=column))


def test_bigcommerce_refunded_in_full_is_nothing_and_reads_the_month_first_unless_told():
    frame = table("bigcommerce.csv")
    frame.loc[1, "Refund Amount"] = ""
    data = load.orders(frame)
    assert (amounts(data)["102"], moments(data)["106"][:10]) == (0.0, "2026-05-06")
    assert moments(load.orders(frame, day_first=True))["106"][:10] == "2026-06-05"


def test_paddle_says_which_orders_may_count_too_much():
    data = load.orders(EXPORTS / "paddle_classic.csv")
    assert {"partial_refund", "disputed"} <= warned(data)


def test_items_of_amazon_are_read_as_lines_without_the_cancelled_ones():
    data = load.order_lines(EXPORTS / "amazon.txt")
    assert (data.source.preset, data.to_pandas()["product"].tolist()) == ("amazon_lines", ["Tea", "Cup"])
