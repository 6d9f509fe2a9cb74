"""Sixty malformed inputs: named in one line, or refused with a reason; none gives a wrong number."""

# ruff: noqa: E501 (one case per line)

import numpy as np
import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import ConfigError, DataError

HEAD = "customer_id,ordered_at,amount\n"
GOOD = "ok,2024-05-01,1.00\n"

ERRORS = {
    "nothing at all": (b"", "is empty"),
    "only white space": (b"  \n \n", "is empty"),
    "only headers": (HEAD, "holds headers but no rows"),
    "no headers": ("1,2024-05-01,10\n2,2024-05-02,11\n", "missing: customer_id, ordered_at, amount"),
    "no customer column": ("when,ordered_at,amount\na,2024-05-01,1\n", "missing: customer_id"),
    "no date column": ("customer_id,moment,amount\na,2024-05-01,1\n", "missing: ordered_at"),
    "no amount column": ("customer_id,ordered_at,paid\na,2024-05-01,1\n", "missing: amount"),
    "one column of everything": ("customer_id ordered_at amount\na 2024-05-01 1\n", "missing: customer_id"),
    "no row can be used": (HEAD + ",2024-05-01,1\n,2024-05-02,2\n", "none of 2 rows can be used"),
    "every row is broken": (HEAD + "a,2024-05-01\nb\n", "none of 2 rows can be used"),
    "open quotation mark": (HEAD + GOOD + '"a,2024-05-01,1\n', "never closed"),
    "open quotation mark in the headers": ('customer_id,"ordered_at,amount\na,2024-05-01,1\n', "missing: ordered_at, amount"),
    "zip file": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "is not a text file of rows: it holds a damaged ZIP file"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", "holds a picture"),
    "web page": ("<!doctype html>\n<html><body>Log in</body></html>\n", "holds a web page"),
    "latin bytes": (HEAD.encode() + "Zażółć,2024-05-01,1\n".encode("cp1250"), "pass encoding="),
    "half of a gzip file": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03abc", "is not a complete gzip file"),
    "all dates ambiguous": (HEAD + "a,03/04/2024,1\nb,05/06/2024,2\n", "pass day_first=True"),
    "all amounts ambiguous": (HEAD + 'a,2024-05-01,"1,234"\nb,2024-05-02,"2,500"\n', "pass decimal="),
    "two currency signs": (HEAD + "a,2024-05-01,$1.00\nb,2024-05-02,€2.00\n", "different currency signs"),
    "two currencies": ("customer_id,ordered_at,amount,currency\na,2024-05-01,1,EUR\nb,2024-05-02,1,USD\n", "pass currency="),
    "dates and amounts ambiguous": (HEAD + 'a,03/04/2024,"1,234"\n', "2 faults"),
}  # fmt: skip

REFUSALS = {
    "empty customer": (",2024-05-01,1", "missing_customer_id"),
    "blank customer": ("   ,2024-05-01,1", "missing_customer_id"),
    "customer NaN": ("nan,2024-05-01,1", "missing_customer_id"),
    "customer NULL": ("NULL,2024-05-01,1", "missing_customer_id"),
    "row of delimiters": (",,", "missing_customer_id"),
    "empty date": ("a,,1", "missing_ordered_at"),
    "word for a date": ("a,soon,1", "unreadable_ordered_at"),
    "30 February": ("a,2024-02-30,1", "unreadable_ordered_at"),
    "29 February of a common year": ("a,2023-02-29,1", "unreadable_ordered_at"),
    "29 February 1900": ("a,1900-02-29,1", "unreadable_ordered_at"),
    "31 April": ("a,2024-04-31,1", "unreadable_ordered_at"),
    "month 13": ("a,2024-13-01,1", "unreadable_ordered_at"),
    "month 0": ("a,2024-00-10,1", "unreadable_ordered_at"),
    "day 0": ("a,2024-05-00,1", "unreadable_ordered_at"),
    "hour 24": ("a,2024-05-01 24:00:00,1", "unreadable_ordered_at"),
    "minute 60": ("a,2024-05-01 10:60:00,1", "unreadable_ordered_at"),
    "13 o'clock am": ("a,2024-05-01 13:00 AM,1", "unreadable_ordered_at"),
    "0 o'clock pm": ("a,2024-05-01 00:10 PM,1", "unreadable_ordered_at"),
    "year of five digits": ("a,20245-05-01,1", "unreadable_ordered_at"),
    "only a time": ("a,10:00:00,1", "unreadable_ordered_at"),
    "year and month": ("a,2024-05,1", "unreadable_ordered_at"),
    "two dates": ("a,2024-05-01 2024-05-02,1", "unreadable_ordered_at"),
    "date of zeros": ("a,0000-00-00,1", "unreadable_ordered_at"),
    "date in 1899": ("a,1899-12-30,1", "before_1970"),
    "date after as_of": ("a,2031-01-01,1", "after_as_of"),
    "amount missing": ("a,2024-05-01,", "missing_amount"),
    "amount in words": ("a,2024-05-01,ten", "unreadable_amount"),
    "amount with two points": ("a,2024-05-01,1.2.3", "unreadable_amount"),
    "amount infinite": ("a,2024-05-01,inf", "unreadable_amount"),
    "amount like a date": ("a,2024-05-01,2024-05-01", "unreadable_amount"),
    "amount of sixteen digits": ("a,2024-05-01,1234567890123456", "unreadable_amount"),
    "amount as a formula": ("a,2024-05-01,=1+1", "unreadable_amount"),
    "amount in hexadecimal": ("a,2024-05-01,0x1F", "unreadable_amount"),
    "error of a spreadsheet": ("a,2024-05-01,#REF!", "unreadable_amount"),
    "too few cells": ("a,2024-05-01", "broken_line"),
    "too many cells": ("a,2024-05-01,1,2", "broken_line"),
    "text after a quotation mark": ('"a"b,2024-05-01,1', "broken_line"),
}

FRAMES = {
    "no columns": (pd.DataFrame(), "missing: customer_id"),
    "no rows": (pd.DataFrame({"customer_id": [], "ordered_at": [], "amount": []}), "holds headers but no rows"),
    "levels of headers": (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])), "levels of headers"),
    "amount of truth": (pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2024-05-01"], "amount": [True]}), "must be numbers"),
    "date of truth": (pd.DataFrame({"customer_id": ["a"], "ordered_at": [True], "amount": [1.0]}), "must be dates or times"),
    "dates as lengths of time": (
        pd.DataFrame({"customer_id": ["a"], "ordered_at": pd.to_timedelta(["1D"]), "amount": [1.0]}),
        "must be dates or times",
    ),
    "nothing but NaN": (pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2024-05-01"], "amount": [np.nan]}), "none of 1 row"),
}  # fmt: skip


def test_there_are_sixty():
    assert len(ERRORS) + len(REFUSALS) + len(FRAMES) >= 60


@pytest.mark.parametrize("name", ERRORS)
def test_a_source_that_cannot_be_read_is_one_line(name, tmp_path):
    content, message = ERRORS[name]
    path = tmp_path / "orders.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        load.orders(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_row_that_cannot_be_read_is_refused_and_the_others_are_right(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + GOOD + "".join(f"{line}\n" for line, _ in REFUSALS.values()) + GOOD)
    data = load.orders(path, as_of="2030-12-31")
    assert data.refused["rule"].tolist() == [rule for _, rule in REFUSALS.values()]
    assert data.refused["row"].tolist() == list(range(3, 3 + len(REFUSALS)))
    assert data.refused["reason"].str.len().between(5, 200).all()
    assert data.to_pandas().astype(str).values.tolist() == [["ok", "2024-05-01", "1.0"]] * 2


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_that_is_no_table_of_orders_is_one_line(name):
    frame, message = FRAMES[name]
    with pytest.raises(DataError, match=message):
        load.orders(frame)


@pytest.mark.parametrize(
    ("source", "how", "message"),
    [
        (42, {}, "a source is a path"),
        (None, {}, "a source is a path"),
        ("", {}, "a source is a path"),
        ("cdnow", {"as_of": "someday"}, "as_of must be a day"),
        ("cdnow", {"timezone": "Mars/Olympus"}, "timezone must be a name"),
    ],
)
def test_a_request_that_makes_no_sense_is_a_config_error(source, how, message):
    source = pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2024-05-01"], "amount": [1.0]}) if how else source
    with pytest.raises(ConfigError, match=message):
        load.orders(source, **how)


def test_all_faults_come_at_once(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("Who,Created at,Total\na,2024-05-01,1\n")
    with pytest.raises(DataError) as caught:
        load.orders(path, columns={"amount": "Sum", "country": "Land"})
    assert "3 faults" in str(caught.value)
    assert "which is not one of the headers" in str(caught.value)
    assert "Found: Who, Created at, Total" in str(caught.value)


def test_a_header_that_is_nearly_right_is_suggested():
    frame = pd.DataFrame({"E-Mail": ["a"], "date": ["2024-05-01"], "total": ["1"]})
    with pytest.raises(DataError, match="did you mean 'E-Mail'"):
        load.orders(frame, columns={"customer_id": "e mail"})


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"kind": "nps", "score": "11"}, "score_out_of_range"),
        ({"kind": "nps", "score": "-1"}, "score_out_of_range"),
        ({"kind": "nps", "score": "8.5"}, "score_out_of_range"),
        ({"kind": "csat", "score": "0"}, "score_out_of_range"),
        ({"kind": "ces", "score": "8"}, "score_out_of_range"),
        ({"kind": "love", "score": "5"}, "unknown_kind"),
        ({"kind": "", "score": "5"}, "missing_kind"),
        ({"kind": "nps", "score": "high"}, "unreadable_score"),
        ({"kind": "nps", "score": "5", "weight": "-1"}, "negative_weight"),
    ],
)
def test_answers_that_are_none_are_refused(row, rule):
    rows = pd.DataFrame([{"answered_at": "2024-05-01", "weight": "1"} | r for r in ({"kind": "nps", "score": ""}, row)])
    data = load.surveys(rows)
    assert data.refused["rule"].tolist() == [rule]
    assert data.source.rows_kept == 1


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"ended_at": "2024-04-30"}, "ends_before_start"),
        ({"ended_at": "later"}, "unreadable_ended_at"),
        ({"mrr": "-1"}, "negative_mrr"),
        ({"subscription_id": ""}, "missing_subscription_id"),
        ({"started_at": "1960-01-01"}, "before_1970"),
    ],
)
def test_subscriptions_that_contradict_themselves_are_refused(change, rule):
    good = {"customer_id": "a", "subscription_id": "s", "started_at": "2024-05-01", "ended_at": "", "mrr": "9.90"}
    data = load.subscriptions(pd.DataFrame([good, good | change]))
    assert data.refused["rule"].tolist() == [rule]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"visitors": "-5"}, "negative_visitors"),
        ({"visitors": "1.5"}, "unreadable_visitors"),
        ({"visitors": ""}, "missing_visitors"),
        ({"conversions": "some"}, "unreadable_conversions"),
        ({"day": "2024-02-30"}, "unreadable_day"),
    ],
)
def test_days_of_traffic_that_cannot_be_are_refused(change, rule):
    good = {"day": "2024-05-01", "visitors": "100", "conversions": "3"}
    assert load.visits(pd.DataFrame([good, good | change])).refused["rule"].tolist() == [rule]


@pytest.mark.parametrize("cell", ["2024-05-01 23:30", pd.Timestamp("2024-05-01 23:30")])
def test_the_source_says_that_times_without_an_offset_are_local(cell):
    log = pd.DataFrame({"customer_id": ["ann"], "ordered_at": [cell], "amount": [1.5]})
    data = load.orders(log, timezone="Europe/Warsaw")
    assert data.source.assumptions == ("ordered_at: times without an offset are taken as local, Europe/Warsaw",)
    with_offset = log.assign(ordered_at="2024-05-01 23:30 +0200")
    assert "local" not in " ".join(load.orders(with_offset, timezone="Europe/Warsaw").source.assumptions)
