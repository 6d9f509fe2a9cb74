"""Exports as strangers bring them: states in other words, refunds without a customer, more refunded than was paid."""

from pathlib import Path

import pandas as pd
import pytest

from retention_kit import load

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"

SHOPIFY = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem name,Refunded Amount,Outstanding Balance,"
    "Payment Method\n"
)


def notes(data):
    return {note.name: note for note in data.source.warnings}


def shopify(folder, *rows):
    path = folder / "shopify.csv"
    path.write_text(SHOPIFY + "".join(f"{row}\n" for row in rows))
    return load.orders(path, timezone="UTC")


def in_rows(name, *rows):
    """A fixture's header with other rows, each given by a few of its cells."""
    header = pd.read_csv(EXPORTS / name, nrows=0).columns
    return pd.DataFrame([dict.fromkeys(header, "") | row for row in rows], columns=header)


@pytest.mark.parametrize("refunded", ["partially_refunded", "Partially refunded", "PARTIALLY-REFUNDED"])
def test_a_state_is_the_same_with_a_space_a_hyphen_or_an_underscore(tmp_path, refunded):
    data = shopify(
        tmp_path,
        f"#1,ann@shop.example,{refunded},EUR,100.00,2026-05-13 10:00:00 +0000,Tea,30.00,0.00,Card",
        "#2,ben@shop.example,Partially paid,EUR,100.00,2026-05-13 10:00:00 +0000,Tea,0.00,75.00,Card",
        "#3,cid@shop.example,authorized,EUR,50.00,2026-05-13 10:00:00 +0000,Tea,0.00,0.00,Card",
    )
    assert data.to_pandas()["amount"].tolist() == [70.0, 25.0]
    assert data.refused["rule"].tolist() == ["not_paid"]


def test_an_order_of_which_more_was_given_back_than_paid_is_named(tmp_path):
    rows = (
        "#1,ann@shop.example,refunded,EUR,100.00,2026-05-13 10:00:00 +0000,Tea,150.00,0.00,Card",
        "#2,ben@shop.example,refunded,EUR,100.00,2026-05-13 10:00:00 +0000,Tea,100.00,0.00,Card",
    )
    assert notes(shopify(tmp_path, *rows))["refund_above_amount"].rows == 1
    assert "refund_above_amount" not in notes(shopify(tmp_path, rows[1]))


@pytest.mark.parametrize(
    ("name", "amount"), [("square_transactions.csv", "Total Collected"), ("square_items.csv", "Net Sales")]
)
def test_a_refund_of_square_without_a_customer_is_named_with_its_sum(name, amount):
    row = {
        "Date": "2026-05-13",
        "Time": "10:00:00",
        "Time Zone": "UTC",
        "Transaction ID": "t1",
        "Event Type": "Payment",
    }
    row |= {"Transaction Status": "Complete"} if "transactions" in name else {"Item": "Tea", "Qty": "1"}
    paid = row | {amount: "$20.00", "Customer ID": "C1"}
    back = row | {amount: "-$12.50", "Transaction ID": "t2", "Event Type": "Refund"}
    data = load.orders(in_rows(name, paid, back))
    assert data.to_pandas()["amount"].tolist() == [20.0]
    note = notes(data)["refused_refund"]
    assert (note.rows, "-12.50 in all" in note.text) == (1, True)
    assert "refused_refund" not in notes(load.orders(in_rows(name, paid, back | {"Customer ID": "C1"})))


def test_refused_refunds_of_a_plain_log_are_named_and_refused_sales_are_not():
    log = pd.DataFrame({"customer_id": ["a", "", "b", ""], "ordered_at": "2026-05-13", "amount": [10, -10, 10, 5]})
    note = notes(load.orders(log))["refused_refund"]
    assert (note.rows, "-10.00 in all" in note.text) == (1, True)
    assert "refused_refund" not in notes(load.orders(log[log["amount"] > 0]))


@pytest.mark.parametrize("value", ["refund", "Chargeback", "Rückerstattung", "zwrot", "remboursement"])
def test_a_kind_of_row_that_is_a_refund_with_a_positive_amount_is_named(value):
    log = pd.DataFrame(
        {
            "customer_id": ["a", "b", "b"],
            "ordered_at": "2026-05-13",
            "amount": [10, 10, 10],
            "Type": ["sale", "sale", value],
        }
    )
    assert "unread_status" in notes(load.orders(log))
    assert "unread_status" not in notes(load.orders(log.assign(amount=[10, 10, -10])))


@pytest.mark.parametrize(
    "status", ["Survey Test", "2", "Survey Preview Spam", "Offline Survey Preview", "Synthetic", "Spam", "8"]
)
def test_answers_of_qualtrics_that_no_customer_gave_do_not_count(tmp_path, status):
    header = (EXPORTS / "qualtrics.csv").read_text().splitlines()[:3]
    day = {"StartDate": "2026-05-13 10:00:00", "EndDate": "2026-05-13 10:05:00", "Finished": "True"}
    answers = in_rows("qualtrics.csv", day | {"Status": "IP Address", "Q1": "9"}, day | {"Status": status, "Q1": "1"})
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(header) + "\n" + answers.to_csv(index=False, header=False))
    assert load.surveys(path).to_pandas()["score"].tolist() == [9]


def test_one_column_of_amounts_tells_the_decimal_sign_of_the_others(tmp_path):
    row = '#1,ann@shop.example,partially_refunded,EUR,{},2026-05-13 10:00:00 +0000,Tea,"{}",0.00,Card'
    assert shopify(tmp_path, row.format("2000.50", "1,234")).to_pandas()["amount"].tolist() == [766.5]
    comma = row.replace("0.00", "0").format('"2000,50"', "1.234")
    assert shopify(tmp_path, comma).to_pandas()["amount"].tolist() == [766.5]


def test_messages_name_the_header_of_a_refund_and_an_empty_cell_as_such(tmp_path):
    data = shopify(
        tmp_path,
        '#1,ann@shop.example,paid,EUR,"20,50",2026-05-13 10:00:00 +0000,Tea,"0,00","0,00",Card',
        '#2,ben@shop.example,,EUR,"20,50",2026-05-13 10:00:00 +0000,Tea,"0,00","0,00",Card',
    )
    assert "Refunded Amount: the comma is the decimal sign" in data.source.assumptions
    assert data.refused["reason"].tolist() == ["Financial Status is empty; only paid orders count"]
