"""Amounts as people write them, exactly; currencies and rates."""

from decimal import Decimal

import pandas as pd
import pytest
from engines import frame_of

from retention_kit import load
from retention_kit.errors import ConfigError, DataError


def orders(amounts, **columns):
    rows = {"customer_id": [f"c{i}" for i in range(len(amounts))], "ordered_at": "2024-05-04", "amount": amounts}
    return pd.DataFrame(rows | columns)


def read(amounts, **how):
    return load.orders(orders(amounts), **how).table.amount.to_pandas().tolist()


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("10.05", "10.05"), ("$10.05", "10.05"), ("US$ 1,234.50", "1234.50"), ("1,234,567.89", "1234567.89"),
        ("EUR 12.5", "12.5"), ("12.50 EUR", "12.50"), ("AU $3,013.00", "3013.00"), ("12.50zł", "12.50"),
        ("NT$1,200.00", "1200"),
        ("-3.10", "-3.10"), ("(3.10)", "-3.10"), ("-$3.10", "-3.10"), ("$-3.10", "-3.10"),
        ("3.10-", "-3.10"), ("−3.10", "-3.10"), ("0.1", "0.1"), (".5", "0.5"),
        ("1 234.5", "1234.5"), ("1’234.50", "1234.50"), ("1\u00a0234.5", "1234.5"), ("+7.5", "7.5"),
        ("1e3", "1000"), ("1.005E+1", "10.05"), ("1e14", None), ("1e300", None),
        ("12.3.4", None), ("abc", None), ("inf", None),
        ("100000000000000.0", None), ("99999999999999.9999", "99999999999999.9999"),
    ],
)  # fmt: skip
def test_amounts_are_read_exactly_or_refused(written, amount):
    data = load.orders(orders([written, "0.01"]))
    got = data.table.amount.to_pandas().tolist()
    assert got == ([Decimal(amount)] if amount else []) + [Decimal("0.01")]
    assert data.refused["rule"].tolist() == ([] if amount else ["unreadable_amount"])


@pytest.mark.parametrize(
    ("written", "amounts"),
    [
        (["10,05", "1.234"], [10.05, 1234]),
        (["1.234,50", "7", "(2,00)"], [1234.5, 7, -2]),
        (["1 234,5 zł", "10,05 zł"], [1234.5, 10.05]),
        (["1,234", "10.05"], [1234, 10.05]),
        (["0,125", "1.000"], [0.125, 1000]),
    ],
)
def test_the_column_decides_what_a_comma_means(written, amounts):
    assert [float(a) for a in read(written)] == amounts


def test_where_nobody_can_know_the_user_is_asked():
    with pytest.raises(DataError, match=r"pass decimal='.' or decimal=','"):
        read(["1,234", "2,500", "7"])
    assert [float(a) for a in read(["1,234", "7"], decimal=",")] == [1.234, 7]
    assert [float(a) for a in read(["1,234", "7"], decimal=".")] == [1234, 7]


def test_in_a_mixed_column_only_the_ambiguous_are_refused():
    data = load.orders(orders(["10,05", "10.07", "1,234"]))
    assert data.to_pandas()["amount"].tolist() == [10.05, 10.07]
    assert data.refused["rule"].tolist() == ["ambiguous_amount"]
    assert "amount: decimal points and decimal commas are mixed, each read as written" in data.source.assumptions


def test_two_currency_signs_in_one_column_are_an_error():
    with pytest.raises(DataError, match="2 different currency signs"):
        read(["€10.05", "$3.00"])


@pytest.mark.parametrize("amount", [float("inf"), -float("inf"), 1e300])
def test_floats_that_are_no_amounts_are_refused(amount):
    data = load.orders(orders([amount, 10.05, 1e-9]))
    assert data.table.amount.to_pandas().tolist() == [Decimal("10.05"), Decimal("0")]
    assert data.refused["rule"].tolist() == ["unreadable_amount"]


def test_a_missing_number_is_missing_not_unreadable():
    assert load.orders(orders([float("nan"), 1.0])).refused["rule"].tolist() == ["missing_amount"]
    assert load.orders(orders(["", "1.0"])).refused["rule"].tolist() == ["missing_amount"]


def test_one_currency_in_the_table_is_the_currency():
    data = load.orders(orders([1.0, 2.0], currency=["eur", "EUR"]))
    assert data.currency == "EUR"
    assert load.orders(orders([1.0]), currency="pln").currency == "PLN"


def test_several_currencies_without_rates_are_an_error():
    with pytest.raises(DataError, match="amounts are in EUR 2, PLN 1; pass currency="):
        load.orders(orders([1.0, 2.0, 3.0], currency=["EUR", "PLN", "EUR"]))
    with pytest.raises(DataError, match="amounts are in USD 1 and EUR is wanted"):
        load.orders(orders([1.0], currency=["USD"]), currency="EUR")


RATES = pd.DataFrame(
    {
        "day": ["2024-05-03", "2024-05-06", "2024-05-03"],
        "currency": ["PLN", "PLN", "TWD"],
        "rate": [0.2315, 0.2400, 0.0286],
    }
)


def test_rates_lead_to_one_currency_on_every_engine(engine):
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "e", "f"],
            "ordered_at": pd.to_datetime(
                [
                    "2024-05-04 12:00",
                    "2024-05-06 00:00",
                    "2024-05-03 23:59",
                    "2024-05-02 10:00",
                    "2024-05-05",
                    "2024-05-20",
                ],
                format="mixed",
            ),
            "amount": [100.0, 100.0, 1000.0, 10.0, 7.77, 5.0],
            "currency": ["PLN", "PLN", "TWD", "PLN", "EUR", "PLN"],
        }
    )
    data = load.orders(engine.table(rows), currency="EUR", rates=RATES)
    kept = frame_of(data.table, sort=["customer_id"])
    assert kept["customer_id"].tolist() == ["a", "b", "c", "e"]
    assert kept["amount"].tolist() == [23.15, 24.0, 28.6, 7.77]
    assert kept["currency"].unique().tolist() == ["EUR"]
    assert kept["amount_as_read"].tolist() == [100.0, 100.0, 1000.0, 7.77]
    assert kept["currency_as_read"].tolist() == ["PLN", "PLN", "TWD", "EUR"]
    assert data.refused["rule"].tolist() == ["no_rate", "no_rate"]
    assert data.currency == "EUR"


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (RATES.drop(columns="rate"), "missing: rate"),
        (RATES.assign(rate=0.0), "3 rows without a positive rate"),
        (RATES.assign(day="soon"), "without a readable day"),
        (pd.concat([RATES, RATES]), "that has one already"),
        (RATES.iloc[:0], "rates are empty"),
    ],
)
def test_faulty_rates_are_named(rates, message):
    with pytest.raises(DataError, match=message):
        load.orders(orders([1.0], currency=["PLN"]), currency="EUR", rates=rates)
    with pytest.raises(DataError, match="pass currency="):
        load.orders(orders([1.0], currency=["PLN"]), rates=RATES)
    with pytest.raises(DataError, match="rates need a column currency"):
        load.orders(orders([1.0]), currency="EUR", rates=RATES)


def test_the_source_says_which_currency_rows_without_one_are_taken_to_be_in():
    log = pd.DataFrame(
        {"customer_id": ["a", "b"], "ordered_at": "2024-05-01", "amount": "1.5", "currency": ["USD", ""]}
    )
    assert "1 row without a currency is taken to be in USD" in load.orders(log).source.assumptions


def test_decimals_that_are_no_amount_are_refused_like_any_other():
    amounts = [Decimal("10.05"), Decimal("Infinity"), Decimal("1E+40"), Decimal("NaN")]
    data = load.orders(pd.DataFrame({"customer_id": "ann", "ordered_at": "2024-05-01", "amount": amounts}))
    assert data.to_pandas()["amount"].tolist() == [10.05]
    assert data.refused["rule"].tolist() == ["unreadable_amount", "unreadable_amount", "missing_amount"]


def test_a_day_of_a_rate_is_never_guessed():
    log = orders(["1"], currency="USD")
    rates = pd.DataFrame({"day": ["4.5.2024"], "currency": ["USD"], "rate": [0.5]})
    with pytest.raises(DataError, match="without a readable day"):
        load.orders(log, currency="EUR", rates=rates)


WRITTEN = {
    "₹1,23,456.00": "123456", "₹12,34,567.50": "1234567.5", "Rs. 1,234.00": "1234", "Rs.5.50": "5.5", "₱12.00": "12",
    "₦12.00": "12", "৳2,999.50": "2999.5", "RM12.00": "12", "￥1200.00": "1200", "+12.00": "12", "１２．００": "12",
    "12.00 лв.": "12", "1.5E+3": "1500", "AU $3,013.00": "3013", "-AU $3.00": "-3", "$.5": "0.5", "12.50 eur": "12.5",
    "$10.00 USD": "10", "KSh 1,234.00": "1234", "12.50 din.": "12.5", "S/. 12.50": "12.5", "R 1,234.50": "1234.5",
    "GH₵12.50": "12.5", "１，２３４．５０ 円": "1234.5", "12.50 euros": "12.5",
}  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
def test_amounts_with_the_signs_of_the_world_are_read(written):
    assert read([written]) == [Decimal(WRITTEN[written])]


def test_amounts_are_written_alike_on_every_engine(engine):
    rows = orders(["+12.00", "１２．００", "1.5E+3", "1,23,456.00", "(3.10)", "−7.5", "12 pcs", ""])
    data = load.orders(engine.table(rows))
    assert frame_of(data.table, sort=["customer_id"])["amount"].tolist() == [12, 12, 1500, 123456, -3.1, -7.5]
    assert sorted(data.refused["rule"]) == ["missing_amount", "unreadable_amount"]


def test_what_is_no_currency_refuses_the_row():
    data = load.orders(orders(["12 pcs", "10%", "approx 5", "7 of 9", "3"]))
    assert data.to_pandas()["amount"].tolist() == [3]
    assert set(data.refused["rule"]) == {"unreadable_amount"}


def test_spellings_of_one_currency_are_no_different_signs():
    assert read(["€10.05", "EUR 3.00", "2.00 eur"]) == [Decimal("10.05"), 3, 2]
    assert read(["10,05 zł", "PLN 3,00"]) == [Decimal("10.05"), 3]


def test_a_sign_that_contradicts_the_currency_is_an_error():
    with pytest.raises(DataError, match="carry the sign of EUR, and the currency is said to be USD"):
        load.orders(orders(["€10.05"]), currency="USD")
    with pytest.raises(DataError, match="said to be GBP"):
        load.orders(orders(["€10.05"], currency="GBP"))
    assert load.orders(orders(["$10.05"]), currency="CAD").currency == "CAD"


@pytest.mark.parametrize(
    ("written", "currency", "amounts"),
    [
        (["1,200", "980"], "JPY", [1200, 980]),
        (["1.200"], "KRW", [1200]),
        (["1,200"], "TWD", [1200]),
        (["12.500", "1.250"], "KWD", [12.5, 1.25]),
        (["12,500"], "TND", [12.5]),
        (["12.500", "1,200.000", "1,200"], "KWD", [12.5, 1200, 1200]),
    ],
)
def test_a_currency_without_decimals_or_with_three_tells_what_a_separator_means(written, currency, amounts):
    assert [float(a) for a in read(written, currency=currency)] == amounts
    in_rows = load.orders(orders(written, currency=currency.lower())).to_pandas()
    assert in_rows["amount"].tolist() == amounts


@pytest.mark.parametrize("written", ["NT$1,200", "¥1,200", "1,200円", "₩1,200", "1.200 Ft", "Rp1.200", "1,200元"])
def test_the_sign_of_a_currency_without_decimals_tells_it_too(written):
    assert read([written]) == [1200]


def test_where_rows_are_in_several_currencies_each_is_read_by_its_own():
    rates = pd.DataFrame({"day": ["2024-05-04"], "currency": ["JPY"], "rate": [1.0]})
    rows = orders(["1,200", "10,50", "1,234"], currency=["JPY", "EUR", "EUR"])
    assert load.orders(rows, currency="EUR", rates=rates).to_pandas()["amount"].tolist() == [1200, 10.5, 1.234]


@pytest.mark.parametrize("currency", [None, "EUR", "USD"])
def test_a_currency_of_two_decimals_does_not_tell_and_the_message_names_the_way(currency):
    with pytest.raises(DataError, match="or the currency where it has no decimals or three, as currency='JPY'"):
        read(["1,234"], currency=currency)


@pytest.mark.parametrize("typed", [str, int, float, Decimal])
@pytest.mark.parametrize(("currency", "amount"), [("EUR", "10.05"), ("JPY", "1005"), ("KWD", "1.005"), (None, "10.05")])
def test_cents_are_minor_units_by_the_decimals_of_the_currency(typed, currency, amount):
    named = load.orders(orders([typed(1005)]), unit="cents", currency=currency)
    assert named.table.amount.to_pandas().tolist() == [Decimal(amount)]
    assert any("minor units" in note for note in named.source.assumptions)
    if currency:
        in_rows = load.orders(orders([typed(1005)], currency=currency.lower()), unit="cents")
        assert in_rows.table.amount.to_pandas().tolist() == [Decimal(amount)]


def test_cents_of_several_currencies_are_exchanged():
    rates = pd.DataFrame({"day": ["2024-05-04"] * 2, "currency": ["JPY", "KWD"], "rate": [1.0, 1.0]})
    rows = orders([1005, 1005, 1005], currency=["JPY", "KWD", "EUR"])
    kept = load.orders(rows, unit="cents", currency="EUR", rates=rates).to_pandas()
    assert kept["amount"].tolist() == [1005, 1.005, 10.05]


def test_cents_on_every_engine(engine):
    rows = orders([1005, -20], currency=["eur", "EUR"])
    assert sorted(frame_of(load.orders(engine.table(rows), unit="cents").table)["amount"]) == [-0.2, 10.05]


def test_cents_that_are_not_whole_are_refused():
    data = load.orders(orders(["10.05", "1005"]), unit="cents")
    assert data.to_pandas()["amount"].tolist() == [10.05]
    assert "a whole number of cents" in data.refused["reason"][0]


def test_a_unit_that_is_none_is_named():
    with pytest.raises(ConfigError, match="unit must be 'cents'"):
        load.orders(orders(["1"]), unit="euros")
    with pytest.raises(ConfigError, match="surveys have none"):
        load.surveys(pd.DataFrame({"date": ["2024-05-01"], "score": ["9"]}), columns={"kind": "=nps"}, unit="cents")


def of_an_api(amounts, header="amount", **more):
    rows = {"customer": "a", "created": 1714557600, header: amounts} | more
    return load.orders(pd.DataFrame(rows), columns={"ordered_at": "created", "amount": header})


def test_whole_amounts_of_a_program_are_warned_about():
    assert [note.name for note in of_an_api([1005, 2000]).source.warnings if note.name == "minor_units"]
    cents = load.orders(
        pd.DataFrame({"customer": "a", "date": "2024-05-01", "total_cents": ["1005"]}),
        columns={"amount": "total_cents"},
    )
    assert "pass unit='cents'" in next(n.text for n in cents.source.warnings if n.name == "minor_units")


@pytest.mark.parametrize("quiet", [of_an_api([10.05, 20.0]), of_an_api([1005], currency="JPY")], ids=["broken", "yen"])
def test_amounts_that_cannot_be_cents_are_not_warned_about(quiet):
    assert not [note for note in quiet.source.warnings if note.name == "minor_units"]


@pytest.mark.parametrize(
    ("amounts", "rows"),
    [
        ([1e-6] * 4, 4), (["0.000001", "1", "0", "2"], 1), ([0.0, 1.0, 2.0, 3.0], 0), ([0, 1, 2, 3], 0),
        (["0.00004", "0.00006", "-0.00001", "0.0001"], 2), (["0,00000", "1,50", "0", ""], 0),
        (["1E-6", "0E+3", "2E+0", "0"], 1),
    ],
)  # fmt: skip
def test_amounts_of_which_no_decimal_is_left_are_named_and_zeros_are_not(amounts, rows):
    days = pd.date_range("2026-01-01", periods=4)
    data = load.orders(pd.DataFrame({"customer_id": list("abcd"), "ordered_at": days, "amount": amounts}))
    notes = {note.name: note for note in data.source.warnings}
    assert ("below_money" in notes) == (rows > 0)
    if rows:
        assert notes["below_money"].rows == rows
        assert "amount is not 0, but nothing is left of it in the 4 decimals" in notes["below_money"].text


CURRENCIES = pd.DataFrame(
    {"customer_id": ["a", "b", "c"], "ordered_at": "2024-05-01", "amount": "10", "Currency": ["EUR", "usd", ""]}
)


def test_a_currency_for_every_row_does_not_hide_that_the_file_says_another():
    with pytest.raises(DataError, match="currency is EUR in every row, but Currency says something else in 1 row "):
        load.orders(CURRENCIES, columns={"currency": "=EUR"})
    data = load.orders(CURRENCIES.assign(Currency=["EUR", "eur ", "€"]), columns={"currency": "=EUR"})
    assert (data.currency, len(data.to_pandas())) == ("EUR", 3)


def test_a_row_that_is_refused_does_not_contradict():
    refused = CURRENCIES.assign(amount=["10", "ten", "10"])
    assert load.orders(refused, columns={"currency": "=EUR"}).to_pandas()["amount"].tolist() == [10.0, 10.0]


def test_a_currency_for_every_row_is_compared_with_the_column_of_a_preset():
    rows = pd.DataFrame(
        [["2026-04-10 10:00", "10.00", "0.00", "usd", "Paid", "cus_1", "TRUE"]],
        columns=["Created (UTC)", "Amount", "Amount Refunded", "Currency", "Status", "Customer ID", "Captured"],
    )
    with pytest.raises(DataError, match="currency is EUR in every row, but Currency says something else"):
        load.orders(rows, columns={"currency": "=EUR"})


def test_a_currency_for_every_row_is_compared_on_every_engine(engine):
    with pytest.raises(DataError, match="currency is EUR in every row, but Currency says something else in 1 row "):
        load.orders(engine.table(CURRENCIES), columns={"currency": "=EUR"})


def test_a_kind_for_every_answer_does_not_hide_that_the_file_has_several():
    answers = pd.DataFrame({"answered_at": "2024-05-01", "kind": ["nps", "csat"], "score": ["9", "4"]})
    with pytest.raises(DataError, match="kind is nps in every row, but kind says something else"):
        load.surveys(answers, columns={"kind": "=nps"})
    assert len(load.surveys(answers.assign(kind="NPS"), columns={"kind": "=nps"}).to_pandas()) == 2
