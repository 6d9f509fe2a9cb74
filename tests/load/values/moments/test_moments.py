"""Moments as vendors, forms and programs write them: zones by any name, months in five languages, 12 and 24 hours.

The spellings are those of real exports (Google Forms, Magento, eBay, PayPal, Square, JavaScript, Go, Java).
"""

import pandas as pd
import pytest
from engines import frame_of

from retention_kit import load
from retention_kit.load.values.moments.month_names import LANGUAGES, months_of


def log(moments):
    rows = {"customer_id": [f"c{i}" for i in range(len(moments))], "ordered_at": moments, "amount": "1"}
    return pd.DataFrame(rows)


def read(*moments, **how):
    """The moments as text, without seconds of zero."""
    return [str(moment) for moment in load.orders(log(moments), **how).to_pandas()["ordered_at"]]


IN_UTC = {
    "2026/05/28 7:01:33 PM GMT+2": "2026-05-28 17:01:33",
    "2026/05/28 11:14:09 PM GMT+5:30": "2026-05-28 17:44:09",
    "2022/02/13 10:26:52 p. m. GMT-3": "2022-02-14 01:26:52",
    "2026/01/28 7:01:33 PM CET": "2026-01-28 18:01:33",
    "2026/05/28 7:01:33 PM CEST": "2026-05-28 17:01:33",
    "2026/01/28 7:01:33 PM EET": "2026-01-28 17:01:33",
    "2026/05/28 7:01:33 PM EEST": "2026-05-28 16:01:33",
    "2026/05/28 7:01:33 PM GMT": "2026-05-28 19:01:33",
    "May 1, 2026 10:00 AM PDT": "2026-05-01 17:00:00",
    "Jan 1, 2026 10:00 AM PST": "2026-01-01 18:00:00",
    "Jan 1, 2026 10:00 AM AEST": "2026-01-01 00:00:00",
    "May 28, 2026 at 7:01:33 PM GMT+2": "2026-05-28 17:01:33",
    "Fri May 01 2026 10:00:00 GMT+0200 (CEST)": "2026-05-01 08:00:00",
    "Fri May 01 2026 10:00:00 GMT+0200 (Central European Summer Time)": "2026-05-01 08:00:00",
    "Fri May 01 2026 10:00:00 GMT+0200 (heure d’été d’Europe centrale)": "2026-05-01 08:00:00",
    "Fri, 01 May 2026 10:00:00 +0200": "2026-05-01 08:00:00",
    "2026-05-01 10:00:00 +0530 IST": "2026-05-01 04:30:00",
    "2026-05-01T10:00:00.5+02:00[Europe/Warsaw]": "2026-05-01 08:00:00.500000",
    "2026-05-01 10:00 Europe/Berlin": "2026-05-01 08:00:00",
    "2026-01-01 10:00 Europe/Berlin": "2026-01-01 09:00:00",
    "2026-05-01 10:00 Eastern Time (US & Canada)": "2026-05-01 14:00:00",
    "2026-01-01 10:00 Pacific Time (US & Canada)": "2026-01-01 18:00:00",
    "2026-05-01 10:00 (GMT-03:30) Newfoundland": "2026-05-01 13:30:00",
    "2026-05-01 10:00 −03:00": "2026-05-01 13:00:00",
}


def test_every_spelling_of_a_zone_is_the_same_instant_on_every_engine(engine):
    rows = engine.table(log(list(IN_UTC)))
    data = load.orders(rows, timezone="UTC")
    assert data.refused.empty
    kept = frame_of(data.table).set_index("customer_id")["ordered_at"]
    assert [str(kept[f"c{i}"]) for i in range(len(IN_UTC))] == list(IN_UTC.values())


@pytest.mark.parametrize("written", IN_UTC)
def test_a_zone_is_read_where_it_is_the_only_one_of_its_column(written):
    assert read(written) == [IN_UTC[written]]


@pytest.mark.parametrize(
    ("short", "zone", "moment"),
    [
        ("IST", "Asia/Kolkata", "2026-07-01 10:00:00"),
        ("IST", "Europe/Dublin", "2026-07-01 10:00:00"),
        ("CST", "America/Chicago", "2026-07-01 11:00:00"),
        ("CST", "Asia/Shanghai", "2026-07-01 10:00:00"),
        ("BST", "Europe/London", "2026-07-01 10:00:00"),
        ("PST", "Asia/Manila", "2026-07-01 10:00:00"),
    ],
)
def test_an_abbreviation_of_several_zones_is_that_of_the_business(short, zone, moment):
    assert read(f"2026-07-01 10:00 {short}", timezone=zone) == [moment]


@pytest.mark.parametrize("short", ["IST", "CST", "CDT", "BST", "AST"])
def test_an_abbreviation_of_several_zones_is_never_guessed(short):
    data = load.orders(log([f"2026-07-01 10:00 {short}", "2026-07-01 10:00 CEST"]), timezone="Europe/Warsaw")
    assert data.refused["rule"].tolist() == ["unclear_zone_ordered_at"]
    assert "pass timezone= of the business" in data.refused["reason"][0]
    assert len(data.to_pandas()) == 1


def test_a_zone_that_nobody_knows_is_refused_and_not_dropped():
    data = load.orders(log(["2026-05-01 10:00 XYZ", "2026-05-01 10:00 by Ann", "2026-05-01 10:00", "2026-05-01 Q"]))
    assert data.refused["rule"].tolist() == ["unreadable_ordered_at"] * 3
    assert data.to_pandas()["customer_id"].tolist() == ["c2"]


def test_moments_with_and_without_a_zone_in_one_column_are_each_read_as_written():
    written = ("2026-05-01 00:30", "2026-05-01 00:30 GMT", "2026-05-01 00:30 +02:00", "2026-05-01")
    assert read(*written, timezone="Europe/Warsaw") == [
        "2026-05-01 00:30:00", "2026-05-01 02:30:00", "2026-05-01 00:30:00", "2026-05-01 00:00:00",
    ]  # fmt: skip


MAGENTO = {
    "Jan 5, 2026 14:03:00 PM": "2026-01-05 14:03:00",
    "Jan 5, 2026 00:15:00 AM": "2026-01-05 00:15:00",
    "Jan 5, 2026 12:15:00 PM": "2026-01-05 12:15:00",
    "Jan 5, 2026 09:15:00 AM": "2026-01-05 09:15:00",
}
AS_WRITTEN = {
    "Sep-30-26 23:45:00": "2026-09-30 23:45:00",  # eBay in America
    "Oct-05-26": "2026-10-05 00:00:00",
    "26-May-26": "2026-05-26 00:00:00",  # eBay in Australia
    "10-Dez-25": "2025-12-10 00:00:00",  # eBay in Germany
    "02-Mrz-26": "2026-03-02 00:00:00",
    "05-oct.-26": "2026-10-05 00:00:00",  # eBay in France
    "05-févr.-26": "2026-02-05 00:00:00",
    "05-juil.-26": "2026-07-05 00:00:00",
    "05-août-26": "2026-08-05 00:00:00",
    "1er mai 2026": "2026-05-01 00:00:00",
    "Freitag, 1. Mai 2026 10:00": "2026-05-01 10:00:00",
    "vendredi 5 juin 2026 à 14:03": "2026-06-05 14:03:00",
    "5 juin 2026 à 14h03": "2026-06-05 14:03:00",
    "25/06/2026 14 h 03": "2026-06-25 14:03:00",
    "05.06.26 14:03 Uhr": "2026-06-05 14:03:00",
    "5. Juni 2026 um 14:03:09 Uhr": "2026-06-05 14:03:09",
    "5 de enero de 2026": "2026-01-05 00:00:00",
    "5 października 2026": "2026-10-05 00:00:00",
    "5 paź 2026": "2026-10-05 00:00:00",
    "5 maja 2026 10:00": "2026-05-05 10:00:00",
    "2026/05/28 7:01:33 a.m.": "2026-05-28 07:01:33",
    "2026/05/28 12:01:33 a. m.": "2026-05-28 00:01:33",
    "2026-05-28 7:01 p": "2026-05-28 19:01:00",
    "2026-05-28, 7:01:33\u202fPM": "2026-05-28 19:01:33",
    "2026年5月28日(木) 19時01分33秒": "2026-05-28 19:01:33",
    "2026年5月28日 19時01分": "2026-05-28 19:01:00",
    "2026/5/28 下午 7:01:33": "2026-05-28 19:01:33",
    "2026/5/28 午前7:01:33": "2026-05-28 07:01:33",
    "2026. 5. 28. 오후 7:01:33": "2026-05-28 19:01:33",
    "２０２６／０５／２８　１９：０１：３３": "2026-05-28 19:01:33",
}


def test_moments_without_a_zone_are_read_as_written_on_every_engine(engine):
    data = load.orders(engine.table(log(list(AS_WRITTEN))))
    assert data.refused.empty
    kept = frame_of(data.table).set_index("customer_id")["ordered_at"]
    assert [str(kept[f"c{i}"]) for i in range(len(AS_WRITTEN))] == list(AS_WRITTEN.values())


def test_magento_writes_24_hours_with_am_and_pm():
    assert read(*MAGENTO) == list(MAGENTO.values())


@pytest.mark.parametrize("written", AS_WRITTEN)
def test_a_spelling_is_read_where_it_is_the_only_one_of_its_column(written):
    assert read(written) == [AS_WRITTEN[written]]


@pytest.mark.parametrize("written", ["Jan 5, 2026 14:03 AM", "Jan 5, 2026 0:15 PM", "Jan 5, 2026 25:15 PM"])
def test_an_hour_that_no_clock_shows_is_refused(written):
    assert load.orders(log([written, "2026-01-01"])).refused["rule"].tolist() == ["unreadable_ordered_at"]


def test_in_a_column_of_twelve_hours_an_hour_of_24_with_pm_is_refused():
    """Only where no afternoon is written as 1 to 11 PM does PM go with 24 hours, as in Magento."""
    data = load.orders(log(["Jan 5, 2026 14:03 PM", "Jan 5, 2026 2:03 PM", "Jan 5, 2026 0:15 AM"]))
    assert data.refused["rule"].tolist() == ["unreadable_ordered_at"] * 2


def test_a_month_of_another_language_is_refused_and_not_read_by_its_first_letters():
    """The Finnish marraskuu is November, not March; the Croatian lipanj June, not the Polish lipiec."""
    data = load.orders(log(["5 marraskuuta 2026", "5 lipanj 2026", "5 März 2026"]))
    assert data.refused["rule"].tolist() == ["unreadable_ordered_at"] * 2
    assert "ordered_at: names of months are German" in data.source.assumptions


def test_no_name_of_a_month_is_that_of_another_month_in_another_language():
    from retention_kit.load.values.moments.month_names import _names

    numbers = {}
    for language in LANGUAGES:
        for name, number in _names(language).items():
            numbers.setdefault(name, set()).add(number)
    assert all(len(months) == 1 for months in numbers.values())
    assert set(months_of(["juin", "Juni", "czerwca", "junio", "June"]).values()) == {6}


def test_an_end_of_infinity_in_text_is_an_empty_one_and_a_start_is_refused():
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "subscription_id": ["1", "2"],
            "started_at": ["2026-01-01", "infinity"],
            "ended_at": ["infinity", ""],
            "mrr": "10",
        }
    )
    data = load.subscriptions(rows)
    assert data.to_pandas()["ended_at"].isna().tolist() == [True]
    assert data.refused["rule"].tolist() == ["unreadable_started_at"]
