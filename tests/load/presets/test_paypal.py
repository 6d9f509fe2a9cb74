"""PayPal's rows that look like payments and are none: what PayPal gives, what others give back, what moved nothing."""

import pandas as pd
import pytest

from retention_kit import load

HEADERS = [
    "Date", "Time", "TimeZone", "Type", "Status", "Currency", "Gross", "From Email Address", "To Email Address",
    "Transaction ID", "Reference Txn ID", "Balance Impact",
]  # fmt: skip


def activity(*rows):
    """Rows of (type, gross, impact) after a payment of 30 by ann; money that comes in is somebody else's."""
    table = [["Express Checkout Payment", "30.00", "Credit"], *map(list, rows)]
    cells = [
        [
            "05/13/2026", f"09:{i:02}:00", "PDT", kind, "Completed", "USD", gross,
            *(["me@shop.example", "ann@shop.example"] if gross.startswith("-") else
              ["ann@shop.example" if i == 0 else "tools@web.example", "me@shop.example"]),
            f"T{i}", "" if i == 0 else "T0", impact,
        ]
        for i, (kind, gross, impact) in enumerate(table)
    ]  # fmt: skip
    return pd.DataFrame(cells, columns=HEADERS)


def read(*rows, **changes):
    data = load.orders(activity(*rows).assign(**changes))
    assert data.source.preset == "paypal"
    return data.to_pandas()["amount"].tolist(), data.refused["rule"].tolist()


@pytest.mark.parametrize(
    "kind", ["General Incentive/Certificate Redemption", "Debit Card Cash Back Bonus", "General Adjustment", "Prämie"]
)
def test_what_paypal_gives_is_not_an_order(kind):
    assert read((kind, "5.00", "Credit")) == ([30.0], ["bonus"])


@pytest.mark.parametrize("kind", ["Payment Reversal", "Reversal of ACH Deposit", "Rückbuchung", "Chargeback"])
def test_money_that_somebody_else_gives_back_to_the_shop_is_not_an_order(kind):
    amounts, rules = read((kind, "12.00", "Credit"))
    assert amounts == [30.0]
    assert rules in (["own_refund"], ["withdrawal"])


@pytest.mark.parametrize("kind", ["Canceled Reversal", "Chargeback Reversal", "Cancellation of Payment Reversal"])
def test_a_reversal_that_is_taken_back_leaves_the_payment_and_is_named(kind):
    data = load.orders(activity(("Payment Reversal", "-30.00", "Debit"), (kind, "30.00", "Credit")))
    assert data.to_pandas()["amount"].tolist() == [30.0, -30.0, 30.0]
    (note,) = (note for note in data.source.warnings if note.name == "taken_back")
    assert note.rows == 1


@pytest.mark.parametrize("impact", ["", "Memo", "memo ", "Mémo", "Nota", "–"])
def test_only_credit_and_debit_moved_money(impact):
    assert read(("Website Payment", "99.00", impact)) == ([30.0], ["memo"])


@pytest.mark.parametrize(("credit", "debit"), [("Haben", "Soll"), ("Crédit", "Débit"), ("Uznanie", "Obciążenie")])
def test_credit_and_debit_are_known_in_the_languages_of_the_files(credit, debit):
    header = {"Haben": "Auswirkung auf Guthaben", "Crédit": "Impact sur le solde", "Uznanie": "Wpływ na saldo"}[credit]
    rows = activity(("Payment Refund", "-4.00", debit)).rename(columns={"Balance Impact": header})
    rows.loc[0, header] = credit
    assert load.orders(rows).to_pandas()["amount"].tolist() == [30.0, -4.0]


def test_the_statement_knows_them_too():
    names = {"Type": "Description", "TimeZone": "Time Zone"}
    rows = activity(("Incentive payment", "5.00", ""), ("Payment Reversal", "7.00", "")).rename(columns=names)
    data = load.orders(rows.drop(columns=["Status", "To Email Address", "Balance Impact"]))
    assert (data.source.preset, data.to_pandas()["amount"].tolist()) == ("paypal_statement", [30.0])
    assert data.refused["rule"].tolist() == ["bonus", "own_refund"]
