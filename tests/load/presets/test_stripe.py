"""Stripe's exports: what real shops met, each case with its right value and its neighbours."""

from pathlib import Path

import pandas as pd
import pytest

from retention_kit import load, summarise
from retention_kit.errors import DataError
from retention_kit.summarise import SubscriptionRules

SUBSCRIPTION = ["id", "Customer ID", "Customer Email", "Plan", "Quantity", "Currency", "Interval", "Amount", "Status"]
MOMENTS = ["Created", "Start Date", "Trial Start", "Trial End", "Canceled At", "Ended At"]


def subscriptions(*rows):
    """One subscription of 10.00 a month per row, given by its moments."""
    fixed = [["ann@shop.example", "Basic", "1", "eur", "month", "10.00", "active"]] * len(rows)
    columns = [*SUBSCRIPTION, *(f"{name} (UTC)" for name in MOMENTS)]
    table = [[f"sub_{i}", f"cus_{i}", *a, *row] for i, (a, row) in enumerate(zip(fixed, rows, strict=True))]
    return pd.DataFrame(table, columns=columns)


START = "2025-01-01 10:00"


def mrr(data, as_of="2026-03-31", **rules):
    periods = summarise.periods(data, as_of=as_of, **rules)
    table = periods.to_pandas() if hasattr(periods, "to_pandas") else periods
    return dict(zip(table["period"].astype("str").str[:7], table["mrr_end"].astype("float"), strict=True))


def test_a_free_month_on_a_running_subscription_leaves_its_history():
    """Free months are trials of a subscription that runs (public report of a publishing system about its MRR)."""
    rows = subscriptions(
        [START, START, "", "", "", ""],
        [START, START, "2026-02-02 10:00", "2026-03-02 10:00", "", ""],
    )
    by_month = mrr(load.subscriptions(rows))
    assert [by_month[month] for month in ("2025-01", "2025-12", "2026-01", "2026-02", "2026-03")] == [
        20,
        20,
        20,
        10,
        20,
    ]


def test_a_trial_at_the_start_is_not_paid_time():
    rows = subscriptions([START, START, START, "2025-02-10 10:00", "", ""])
    by_month = mrr(load.subscriptions(rows), as_of="2025-03-31")
    assert [by_month.get(month, 0) for month in ("2025-01", "2025-02", "2025-03")] == [0, 10, 10]


def test_a_subscription_that_ends_within_a_later_free_month_was_paid_until_that_began():
    rows = subscriptions([START, START, "2025-03-01 10:00", "2025-04-01 10:00", "", "2025-03-15 10:00"])
    by_month = mrr(load.subscriptions(rows), as_of="2025-04-30")
    assert [by_month.get(month, 0) for month in ("2025-01", "2025-02", "2025-03", "2025-04")] == [10, 10, 0, 0]


def test_a_renewal_before_a_later_free_month_is_due_on_the_day_of_the_start():
    rows = subscriptions([START, START, "2025-03-20 10:00", "2025-04-20 10:00", "", ""])
    data = load.subscriptions(rows)
    before = summarise.renewals(data, as_of="2025-01-31").to_pandas()
    after = summarise.renewals(data, as_of="2025-04-30").to_pandas()
    assert before["due"].astype("str").tolist() == ["2025-02-01"]
    assert after["due"].astype("str").tolist() == ["2025-05-20"]


def test_a_hand_made_table_with_a_trial_that_ends_late_is_warned_about():
    row = {"customer_id": "a", "subscription_id": "s", "started_at": "2025-01-01", "ended_at": "", "mrr": "10"}
    late = load.subscriptions(pd.DataFrame([row | {"trial_ended_at": "2026-03-02"}]))
    assert [note.name for note in late.source.warnings] == ["late_trial_end"]
    told = load.subscriptions(pd.DataFrame([row | {"trial_start": "2026-02-02", "trial_ended_at": "2026-03-02"}]))
    assert told.source.warnings == ()
    early = load.subscriptions(pd.DataFrame([row | {"trial_ended_at": "2025-01-15"}]))
    assert early.source.warnings == ()


def test_cancelling_counts_on_the_day_of_the_business_time_zone():
    """Half past ten in the evening of 31 May in UTC is June in Warsaw."""
    rows = subscriptions([START, START, "", "", "2025-05-31 22:30", "2025-07-01 10:00"])
    data = load.subscriptions(rows, timezone="Europe/Warsaw")
    assert data.to_pandas()["canceled_at"].astype("str").tolist() == ["2025-06-01 00:30:00"]
    by_month = mrr(data, as_of="2025-07-31", rules=SubscriptionRules.of("stripe"))
    assert [by_month[month] for month in ("2025-04", "2025-05", "2025-06")] == [10, 10, 0]


@pytest.mark.parametrize("start", ["Start (UTC)", "Created (UTC)"])
def test_subscriptions_without_a_start_date_begin_when_they_were_entered(start):
    """Users pick the columns; Start is the start of the present plan."""
    rows = subscriptions([START, START, "", "", "", ""]).drop(columns="Start Date (UTC)")
    rows = rows if start == "Created (UTC)" else rows.assign(**{start: "2025-06-01 10:00"})
    data = load.subscriptions(rows)
    assert data.source.preset == "stripe_subscriptions"
    assert data.to_pandas()["started_at"].astype("str").tolist() == ["2025-01-01 10:00:00"]
    assert any("Start Date (UTC) is not in this" in note.text for note in data.source.warnings)


PAYMENT = ["Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Status", "Customer ID", "Customer Email"]


def payments(*rows, **more):
    """Payments of a file whose columns were picked, without an id."""
    table = pd.DataFrame([list(row) for row in rows], columns=PAYMENT)
    return table.assign(**{name.replace("_", " "): value for name, value in more.items()})


def paid(amount, refunded="0.00", status="Paid", who="1", currency="eur"):
    return ["2026-04-10 10:00", amount, refunded, currency, status, f"cus_{who}", f"{who}@shop.example"]


def months(data):
    table = data.to_pandas()
    return table.groupby(table["ordered_at"].astype("str").str[:7])["amount"].sum().to_dict()


def test_a_refund_is_a_row_of_its_own_on_its_date():
    rows = payments(paid("100.00", "40.00"), paid("10.00")).assign(**{"Refunded date (UTC)": ["2026-05-20 10:00", ""]})
    data = load.orders(rows)
    assert months(data) == {"2026-04": 110.0, "2026-05": -40.0}
    assert data.source.preset == "stripe"
    assert "1 refund is a row of its own, with the moment in Refunded date (UTC)" in data.source.assumptions
    assert not {"same_order_id", "same_row"} & {note.name for note in data.source.warnings}


def test_a_buyer_who_got_everything_back_is_a_buyer():
    rows = payments(paid("100.00", "100.00", "Refunded"), paid("10.00", who="2"))
    data = load.orders(rows)
    assert data.to_pandas()[["customer_id", "amount"]].to_numpy().tolist() == [["cus_1", 0.0], ["cus_2", 10.0]]
    dated = load.orders(rows.assign(**{"Refunded date (UTC)": ["2026-05-20 10:00", ""]}))
    assert months(dated) == {"2026-04": 110.0, "2026-05": -100.0}


def test_the_refund_of_a_payment_that_failed_does_not_count():
    rows = payments(paid("100.00", "100.00", "Failed"), paid("10.00", who="2"))
    data = load.orders(rows.assign(**{"Refunded date (UTC)": ["2026-05-20 10:00", ""]}))
    assert months(data) == {"2026-04": 10.0}


def test_test_payments_and_money_that_was_only_reserved_do_not_count():
    rows = payments(paid("1.00"), paid("2.00"), paid("4.00"), Mode=["Live", "Test", "Live"], Captured="TRUE")
    assert load.orders(rows).to_pandas()["amount"].tolist() == [1.0, 4.0]
    reserved = rows.assign(Mode="Live", Captured=["TRUE", "FALSE", "true"])
    data = load.orders(reserved)
    assert data.to_pandas()["amount"].tolist() == [1.0, 4.0]
    assert data.refused["rule"].tolist() == ["not_captured"]
    without = load.orders(rows.drop(columns="Mode"))
    assert any("payments in test mode, if there are any, count" in note.text for note in without.source.warnings)


def disputed(*status):
    rows = payments(*(paid("100.00", who=str(i)) for i in range(len(status))))
    about = {"Disputed Amount": "100.00", "Dispute Date (UTC)": "2026-06-01 10:00", "Dispute Status": list(status)}
    return rows.assign(**about)


def test_a_dispute_that_was_lost_takes_its_money_back_on_its_date():
    assert months(load.orders(disputed("lost", "won", ""))) == {"2026-04": 300.0, "2026-06": -100.0}
    undated = disputed("lost", "won", "").drop(columns="Dispute Date (UTC)")
    assert load.orders(undated).to_pandas()["amount"].tolist() == [0.0, 100.0, 100.0]
    unknown = load.orders(disputed("lost", "won", "").drop(columns="Dispute Status"))
    assert any("lost in a dispute count in full" in note.text for note in unknown.source.warnings)


def converted(rows, *amounts):
    about = {"Converted Amount": amounts, "Converted Amount Refunded": "0.00", "Converted Currency": "thb"}
    return rows.assign(**about)


def test_a_dispute_is_brought_into_the_currency_of_the_account():
    rows = converted(disputed("lost", ""), "3500.00", "3500.00").drop(columns="Dispute Date (UTC)")
    data = load.orders(rows)
    assert (data.to_pandas()["amount"].tolist(), data.currency) == ([0.0, 3500.0], "THB")


@pytest.mark.parametrize("amount", ["Amount", "Converted Amount"])
def test_an_amount_that_is_named_brings_its_refund_and_its_currency(amount):
    """Named alone, 63 USD were read for 60."""
    rows = payments(paid("70.00", "10.00", currency="usd"))
    rows = rows.assign(
        **{"Converted Amount": "64.00", "Converted Amount Refunded": "7.00", "Converted Currency": "eur"}
    )
    data = load.orders(rows, columns={"amount": amount})
    assert (data.to_pandas()["amount"].tolist(), data.currency) == {
        "Amount": ([60.0], "USD"),
        "Converted Amount": ([57.0], "EUR"),
    }[amount]
    with pytest.raises(DataError, match="do not belong together"):
        load.orders(rows, columns={"amount": "Amount", "currency": "Converted Currency"})


def test_a_failed_payment_in_another_currency_does_not_block_the_load():
    data = load.orders(payments(paid("10.00"), paid("12.00", status="Failed", currency="usd")))
    assert (data.to_pandas()["amount"].tolist(), data.currency) == ([10.0], "EUR")


def test_a_real_file_of_picked_columns_with_semicolons_is_read(tmp_path):
    """Charged in three currencies, all converted to one, without an id and partly without a Customer ID."""
    rows = payments(paid("10.00"), paid("20.00", currency="usd"), paid("30.00", currency="mxn"))
    rows = converted(rows, "390.50", "700.00", "60.25").assign(**{"Customer ID": ["cus_1", "", "cus_3"]})
    path = tmp_path / "unified_payments.csv"
    rows.to_csv(path, sep=";", index=False)
    data = load.orders(path)
    assert (data.source.preset, data.currency) == ("stripe", "THB")
    assert data.to_pandas()["amount"].sum() == 1150.75
    assert data.to_pandas()["customer_id"].tolist() == ["cus_1", "1@shop.example", "cus_3"]


def test_without_the_refunds_the_load_says_what_is_missing():
    with pytest.raises(DataError, match="needs Converted Amount Refunded or Amount Refunded: without it refunds"):
        load.orders(payments(paid("10.00")).drop(columns="Amount Refunded").assign(Captured="TRUE"))


@pytest.mark.parametrize("dated", [("refund", "dispute"), ("refund",), ("dispute",), ()])
def test_a_payment_that_is_refunded_in_part_and_then_lost_in_full_is_named(dated):
    """More is taken off than was paid: 100 less 40 less 100. With moments of their own that was silent."""
    rows = disputed("lost", "lost").assign(**{"Amount Refunded": ["40.00", "0.00"]})
    if "refund" in dated:
        rows = rows.assign(**{"Refunded date (UTC)": ["2026-05-20 10:00", ""]})
    if "dispute" not in dated:
        rows = rows.drop(columns="Dispute Date (UTC)")
    data = load.orders(rows)
    (note,) = (note for note in data.source.warnings if note.name == "refund_above_amount")
    assert (note.rows, round(data.to_pandas()["amount"].sum(), 2)) == (1, -40.0)


def test_a_payment_of_which_exactly_nothing_is_left_is_not_named():
    rows = disputed("lost").assign(**{"Amount Refunded": "40.00", "Disputed Amount": "60.00"})
    rows = rows.assign(**{"Refunded date (UTC)": "2026-05-20 10:00"})
    data = load.orders(rows)
    assert round(data.to_pandas()["amount"].sum(), 2) == 0
    assert "refund_above_amount" not in {note.name for note in data.source.warnings}


ITEMISED = Path(__file__).parents[2] / "fixtures" / "exports" / "stripe_itemised.csv"


def test_the_itemised_report_has_dated_refunds_and_disputes():
    data = load.orders(ITEMISED, timezone="Europe/Warsaw")
    assert (data.source.preset, data.currency) == ("stripe_itemised", "EUR")
    assert data.to_pandas()[["customer_id", "amount"]].to_numpy().tolist() == [
        ["cus_1", 100.0], ["cus_2", 45.5], ["cus_1", -40.0], ["cus_3", 30.0], ["cus_3", -30.0], ["cus_3", 30.0],
    ]  # fmt: skip
    assert str(data.to_pandas()["ordered_at"][1]) == "2026-05-03 00:30:00"
    assert data.refused["rule"].tolist() == ["not_a_sale", "not_a_sale"]
    notes = {note.name: note.rows for note in data.source.warnings}
    assert notes == {"preset": 0, "taken_back": 1}


def test_a_refund_of_a_payment_before_the_itemised_report_is_named():
    rows = pd.read_csv(ITEMISED, dtype="str").iloc[1:]
    note = next(note for note in load.orders(rows).source.warnings if note.name == "orphan_refund")
    assert (note.rows, "-40.00" in note.text) == (1, True)
