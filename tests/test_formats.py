"""Numbers as text: figures, tables and the report write the same number with the same marks."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies

from retention_kit import formats, tables
from retention_kit.plots.drawing import labels
from retention_kit.report.html.customers.list_view import View
from retention_kit.report.html.summary.writer import Writer
from retention_kit.report.language import of
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.settings.config import Config

NUMBERS = [0.0, -0.0, 0.1234, -0.00049, 0.125, 1234.5, -1234.565, 1234567.891, -5.0, 0.005, 2.675, 1e15]


@pytest.mark.parametrize("unit", list(formats.DIGITS))
def test_a_table_and_the_report_write_a_number_alike(unit):
    shown = tables.table(pd.DataFrame({"x": NUMBERS}), id="x", formats={"x": unit}).gt.as_raw_html()
    for x in NUMBERS:
        text = notebook_numbers.written(x, unit, together=NUMBERS).removesuffix("\u00a0days")
        assert f">{text.replace(formats.SPACE, ' ')}</td>" in shown


@pytest.mark.parametrize("unit", ["rate", "count", "score"])
def test_a_figure_and_the_report_write_a_number_alike(unit):
    assert [labels.value(x, unit) for x in NUMBERS] == [notebook_numbers.written(x, unit) for x in NUMBERS]


def test_what_is_zero_as_written_has_no_sign_and_what_is_unknown_has_none():
    shown = [formats.signed(formats.number(x)) for x in (0.04, -0.04, 0.06, -0.06, math.nan)]
    assert shown == ["0.0", "0.0", "+0.1", "−0.1", "–"]


def test_three_digits_and_a_letter_never_become_four_digits():
    rng = np.random.default_rng(1)
    for x in 10 ** rng.uniform(0, 11.99, 2000):
        digits = formats.compact(x).rstrip("kMB").replace(".", "")
        assert len(digits) <= 3, x


@pytest.mark.parametrize(
    ("x", "text"), [(0, "0 rows"), (1, "1 row"), (1.0, "1 row"), (2, "2 rows"), (1001, "1,001 rows")]
)
def test_what_is_counted_is_singular_for_one_only(x, text):
    assert formats.counted(x, "row") == text
    assert formats.counted(np.int64(x), "row") == text


def test_a_verb_goes_with_its_count():
    assert [formats.counted(n, "row has", "rows have") for n in (1, 3)] == ["1 row has", "3 rows have"]


def test_signs_of_currencies_are_those_of_the_unicode_locale_data():
    odd = {"XAF", "XOF", "XPF", "XCD", "XCG", "XXX"}  # letters, which a code says better
    signs = {code: get_currency_symbol(code, "en") for code in list_currencies()}
    assert {code: sign for code, sign in signs.items() if sign != code and code not in odd} == formats.SYMBOLS
    for code in list_currencies():
        if formats.money_digits([1.5], code) == 0:
            assert get_currency_precision(code) == 0


@pytest.mark.parametrize(
    ("x", "currency", "text"),
    [
        (39210.75, "EUR", "€39,211"), (41.2, "EUR", "€41.20"), (-0.004, "USD", "$0"), (12, "USD", "$12"),
        (-1500, "USD", "−$1,500"),
        (999.99, "GBP", "£999.99"), (1000, "GBP", "£1,000"), (640.4, "JPY", "¥640"), (640.4, "TWD", "NT$640"),
        (6.4, "TWD", "NT$6.40"), (640.4, "KRW", "₩640"), (640.4, "HUF", "HUF\xa0640"), (41.2, "PLN", "PLN\xa041.20"),
        (41.2, "", "41.20"), (821100.0, "", "821,100"), (math.nan, "EUR", "–"),
    ],
)  # fmt: skip
def test_money_has_its_sign_and_cents_only_where_they_say_something(x, currency, text):
    assert formats.money(x, currency) == text


@pytest.mark.parametrize(
    ("given", "rounded"),
    [
        ((118357, 96123, 145990), (118000, 96000, 146000)), ((9.876, 9.123, 10.04), (9.88, 9.1, 10.0)),
        ((-55.55, -99.96, 3.21), (-55.5, -100, 3.2)), ((0, 0, 0), (0, 0, 0)),
        ((999.9, 999.4, 999.6), (1000, 999, 1000)),
    ],
)  # fmt: skip
def test_an_interval_ends_at_the_third_digit_of_its_larger_end(given, rounded):
    assert formats.three_digits(*given) == rounded


@pytest.mark.parametrize(
    ("days", "kind", "name"),
    [
        (["1998-06-01"], "month", "June 1998"), (["1998-04-01", "1998-07-01"], "quarter", "Q2 1998"),
        (["1998-01-01", "1999-01-01"], "year", "1998"), (["1998-06-01", "1998-06-08"], "week", "week of 1998-06-01"),
        (["1998-06-01", "1998-06-02"], "day", "1998-06-01"), (["1998-06-02"], "day", "1998-06-02"),
        (["1998-02-01", "1998-03-01"], "month", "February 1998"),
    ],
)  # fmt: skip
def test_periods_are_called_what_they_are(days, kind, name):
    starts = [date.fromisoformat(day) for day in days]
    assert formats.period_kind(starts) == kind
    assert formats.period_name(starts[0], kind) == name


def test_a_chance_is_never_nothing():
    assert [formats.p_value(p) for p in (0.0, 0.0049, 0.005, 0.04, 1)] == [
        "<\xa00.01",
        "<\xa00.01",
        "0.01",
        "0.04",
        "1.00",
    ]


def test_hashes_are_shown_by_the_digits_that_tell_them_apart():
    hashed, near = View(Config(customer_ids="hashed", salt="env:HOME"), ""), ["a" * 64, "a" * 13 + "b" * 51]
    assert hashed.names(["c" * 64]) == {"c" * 64: "c" * 12}
    assert list(hashed.names(near).values()) != near
    assert {len(name) for name in hashed.names(near).values()} == {14}
    assert View(Config(), "").names(near) == {id: id for id in near}


def test_languages_put_the_sign_where_they_put_it():
    item = {"name": "revenue", "unit": "money", "value": 39210.75, "low": 9.5, "high": 50000, "currency": "TWD"}
    rows = [notebook_numbers.row(item, of(code)) for code in ("en", "pl", "zh-Hant")]
    assert [row.value for row in rows] == ["NT$39,211", "39\xa0211\xa0NT$", "NT$39,211"]
    assert rows[0].interval == "NT$10 to NT$50,000"  # as whole as the value beside it
    assert of("pl").money(-41.2, "PLN", 2) == "−41,20\xa0zł"


@pytest.mark.parametrize(
    ("code", "currency", "texts"),
    [
        ("en", "PLN", ["PLN\xa05,372", "−PLN\xa0986", "PLN\xa0777–1,220"]),
        ("en", "EUR", ["€5,372", "−€986", "€777–1,220"]),
        ("en", "HKD", ["HK$5,372", "−HK$986", "HK$777–1,220"]),
        ("zh-Hant", "PLN", ["PLN\xa05,372", "−PLN\xa0986", "PLN\xa0777–1,220"]),
        ("pl", "PLN", ["5372\xa0zł", "−986\xa0zł", "777–1220\xa0zł"]),
    ],
)
def test_every_writer_of_money_keeps_letters_off_the_amount_and_names_a_currency_once(code, currency, texts):
    summary = Writer(of(code), currency)
    lists = View(Config(language=code), currency)
    assert [summary.money(5372), summary.money(-986), summary.money_range((777, 1220))] == texts
    assert [lists.money(5372), lists.money(-986), lists.between(777, 1220)] == texts
    assert lists.between(math.nan, 2) == ""
