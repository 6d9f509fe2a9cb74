"""Several currencies: movements at the rates of a period's start, and what exchange rates did."""

import pandas as pd
import pytest
import subscription_cases as cases

from retention_kit import load, summarise
from retention_kit.errors import DataError

ROWS = pd.DataFrame(
    [
        ("eur", "1", "2024-01-05", None, 100, "EUR"),
        ("usd", "2", "2024-01-05", None, 100, "USD"),
        ("gone", "3", "2024-01-05", "2024-02-20", 50, "USD"),
        ("up", "4", "2024-01-05", "2024-02-10", 10, "USD"),
        ("up", "4", "2024-02-10", None, 30, "USD"),
        ("moved", "5", "2024-01-05", "2024-03-10", 10, "EUR"),  # to a dollar price that is worth less
        ("moved", "5", "2024-03-10", None, 10, "USD"),
        ("late", "6", "2024-03-15", None, 40, "USD"),
    ],
    columns=[*cases.COLUMNS, "currency"],
).assign(started_at=lambda t: pd.to_datetime(t["started_at"]), ended_at=lambda t: pd.to_datetime(t["ended_at"]))
RATES = pd.DataFrame(
    [("2023-12-01", "USD", 0.8), ("2024-01-31", "USD", 0.9), ("2024-02-29", "USD", 0.85), ("2024-01-01", "EUR", 1)],
    columns=["day", "currency", "rate"],
)


def test_exchange_by_hand():
    """January 160 USD at .8, .9 at its end; February loses 50 and gains 20 at .9, ends with 130 at .85."""
    found = summarise.periods(ROWS, as_of="2024-03-31", rates=RATES)
    assert found[cases.MRR].round(10).to_numpy().tolist() == [
        # start, new, expansion, reactivation, contraction, churn, exchange, end
        [0, 110 + 128, 0, 0, 0, 0, 16, 254],
        [254, 0, 18, 0, 0, 45, -6.5, 220.5],
        [220.5, 34, 0, 0, 1.5, 0, 0, 253],
    ]  # fmt: skip
    assert found["end"].tolist() == [5, 4, 5]


def test_money_exchanged_while_loading_has_no_exchange_effect_but_can_be_taken_back():
    data = load.subscriptions(ROWS, currency="EUR", rates=_daily())
    assert set(summarise.periods(data, as_of="2024-03-31")["mrr_exchange"]) == {0}
    again = summarise.periods(data, as_of="2024-03-31", rates=RATES[RATES["currency"] == "USD"])
    pd.testing.assert_frame_equal(again, summarise.periods(ROWS, as_of="2024-03-31", rates=RATES))


def test_movements_of_customers_are_valued_at_the_rates_of_the_start():
    moved = summarise.movements(ROWS, as_of="2024-03-31", rates=RATES).set_index(["customer_id", "movement"])["mrr"]
    assert moved["gone", "churn"] == pytest.approx(-45)
    assert moved["moved", "contraction"] == pytest.approx(-1.5)


def _daily():
    days = pd.date_range("2024-01-01", "2024-03-31", freq="3D")
    return pd.DataFrame({"day": days, "currency": "USD", "rate": 0.8})


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (RATES[["day", "rate"]], "missing: currency"),
        (RATES[RATES["currency"] == "USD"], "no rate for EUR; the currency of the result itself has the rate 1"),
        (RATES.assign(rate=-1), "4 rates have no day or no value above 0"),
        (pd.concat([RATES, RATES]), "4 rates are given twice"),
    ],
)
def test_rates_that_cannot_be_used_are_refused(rates, message):
    with pytest.raises(DataError, match=message):
        summarise.periods(ROWS, as_of="2024-03-31", rates=rates)


def test_several_currencies_need_rates_and_each_row_a_currency():
    table = load.subscriptions(ROWS.drop(columns="currency").assign(unit=ROWS["currency"])).table
    table = table.rename(currency="unit")
    with pytest.raises(DataError, match="in EUR, USD; pass rates="):
        summarise.periods(table, as_of="2024-03-31")
    blank = table.mutate(currency=table.currency.nullif("EUR"))
    pounds = blank.mutate(currency=(table.customer_id == "late").ifelse("GBP", blank.currency))
    with pytest.raises(DataError, match="in GBP, USD, and 2 rows do not say in which"):
        summarise.periods(pounds, as_of="2024-03-31")
    with pytest.raises(DataError, match="rates need the column currency"):
        summarise.periods(ROWS.drop(columns="currency"), as_of="2024-03-31", rates=RATES)
