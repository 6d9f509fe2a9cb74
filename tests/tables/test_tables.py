"""Tables for people: written by unit, the same bytes at every run, text from data escaped."""

import json
import re

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import load, metrics, summarise, tables
from retention_kit.errors import ConfigError, DataError
from retention_kit.tables.numbers import MIME, UNNAMED

ROWS = pd.DataFrame(
    {
        "name": ["revenue", "churn_rate"], "label": ["Revenue", "Churn <rate>"], "value": [76109.3, 0.123456789012],
        "unit": ["money", "rate"], "low": [np.nan, 0.1], "high": [np.nan, 0.15], "previous": [70000.0, 0.2],
        "last_year": [np.nan, np.nan],
    }
)  # fmt: skip


def html(sheet):
    return sheet._repr_mimebundle_()["text/html"]


def cells(sheet):
    """Text of each body cell, row by row."""
    body = html(sheet).split("<tbody", 1)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [
        [re.sub(r"<[^>]+>", "", c).replace("\u00a0", " ") for c in re.findall(r"<td[^>]*>(.*?)</td>", r, re.S)]
        for r in rows
    ]


def test_numbers_carry_their_rows_for_the_report_without_nan():
    bundle = tables.numbers(ROWS)._repr_mimebundle_()
    rows = json.loads(json.dumps(bundle[MIME], allow_nan=False))
    assert rows[0] == {"name": "revenue", "label": "Revenue", "value": 76109.3, "unit": "money", "low": None,
                       "high": None, "previous": 70000.0, "last_year": None}  # fmt: skip
    assert rows[1]["value"] == 0.123456789


def test_numbers_are_written_by_their_unit():
    assert [row[:2] for row in cells(tables.numbers(ROWS))] == [
        ["Revenue", "76,109"],
        ["Churn &lt;rate&gt;", "12.3 %"],
    ]


def test_the_scorecard_shows_changes_relative_or_in_points():
    rows = cells(tables.scorecard(ROWS))
    assert rows[0] == ["Revenue", "76,109", "", "70,000", "+8.7 %", "–", "–"]
    assert rows[1] == ["Churn &lt;rate&gt;", "12.3 %", "10.0 % to 15.0 %", "20.0 %", "−7.7 points", "–", "–"]


def test_a_change_from_nothing_is_unknown():
    row = {"label": "New", "value": 5.0, "unit": "count", "low": None, "high": None, "previous": 0.0, "last_year": 0.0}
    assert cells(tables.scorecard(pd.DataFrame([row])))[0] == ["New", "5", "", "0", "–", "0", "–"]


def test_a_table_reads_units_from_names_and_types():
    frame = pd.DataFrame(
        {
            "period": pd.to_datetime(["2024-01-01"]), "segment": ["a & b"], "customers": [1234],
            "customer_share": [0.5], "revenue": [10.5], "orders_per_customer": [1.234],
        }
    )  # fmt: skip
    assert cells(tables.table(frame, id="t")) == [["January 2024", "a &amp; b", "1,234", "50.0 %", "10.50", "1.23"]]


def test_text_from_data_is_escaped_everywhere():
    evil = "<script>alert(1)</script>"
    page = html(tables.table(pd.DataFrame({"customer_id": [evil]}), id="t", caption=evil))
    assert "<script" not in page


@pytest.mark.parametrize(
    "sheet", [lambda: tables.numbers(ROWS), lambda: tables.scorecard(ROWS), lambda: tables.table(ROWS, id="t")]
)
def test_two_renders_are_the_same_bytes_and_headers_have_scope(sheet):
    assert html(sheet()) == html(sheet())
    heads = re.findall(r"<th [^>]*>", html(sheet()))
    assert heads
    assert all('scope="col"' in head for head in heads)


KINDS = {
    "whole": [3, -2], "share": [0.5, np.nan], "day": pd.to_datetime(["2024-01-31", None]), "kept": [True, False],
    "group": pd.Categorical(["a", "b"]), "maybe": pd.array([1, None], dtype="Int64"), "text": ["a & b", None],
    "like_numbers": ["2024-01", "1/2"], "mixed": [1, "x"], "nothing": [None, None], "small": np.float32([0.1, -0.0]),
}  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rows", [2, 1, 0])
def test_columns_of_every_type_are_written_without_a_warning(rows):
    frame = pd.DataFrame(KINDS).head(rows)
    formats = {"whole": "count", "share": "rate", "small": "text", "maybe": "score"}
    shown = cells(tables.table(frame, id="t", caption="A <title>", note="A note.", formats=formats))
    first = ["3", "50.0 %", "2024-01-31", "yes", "a", "1.0", "a &amp; b", "2024-01", "1", "–", "0.1"]
    second = ["−2", "–", "–", "no", "b", "–", "–", "1/2", "x", "–", "-0.0"]
    assert shown == [first, second][:rows]


def test_more_of_great_tables_can_be_applied_to_the_numbers_of_a_sheet():
    gt = tables.table(pd.DataFrame({"share": [0.5, 0.25]}), id="t").gt
    assert ">0.500</td>" in gt.fmt_number("share", decimals=3).as_raw_html()
    assert "background-color" in gt.data_color("share").as_raw_html()
    assert ">More</th>" in gt.cols_label(share="More").as_raw_html()


def test_the_input_is_unchanged_and_its_index_does_not_matter():
    copy = ROWS.copy()
    odd = ROWS.set_index(pd.Index([7, 3]))
    assert html(tables.numbers(odd)) == html(tables.numbers(ROWS))
    assert html(tables.scorecard(odd)) == html(tables.scorecard(ROWS))
    pdt.assert_frame_equal(ROWS, copy)


def test_wrong_requests_are_clear():
    with pytest.raises(DataError, match="needs the columns unit"):
        tables.numbers(ROWS.drop(columns="unit"))
    with pytest.raises(DataError, match="needs a DataFrame"):
        tables.scorecard([1])
    for twice in (pd.DataFrame([[1, 2]], columns=["x", "x"]), pd.DataFrame([[1]], columns=[["x"], ["y"]])):
        with pytest.raises(DataError, match="each one once"):
            tables.table(twice, id="t")
    with pytest.raises(ConfigError, match="A unit is one of"):
        tables.table(ROWS, id="t", formats={"value": "pounds"})


@pytest.mark.parametrize("missing", [None, {}, [], pd.DataFrame()])
def test_a_block_whose_ground_is_missing_says_so_and_does_nothing(missing, capsys):
    reached = []
    with tables.notes(DataError):
        tables.needs({"a": 1}, pd.DataFrame({"x": [0]}), 0, missing)
        reached.append(True)
    assert not reached
    assert "rests on a result that could not be given further up" in capsys.readouterr().out
    tables.needs({"a": 1}, pd.DataFrame({"x": [0]}), 0.0)


def test_notes_show_our_warnings_as_sentences_and_pass_others_on(capsys):
    import warnings

    from retention_kit.errors import RetentionKitWarning

    def work():
        with tables.notes():
            warnings.warn("few answers", RetentionKitWarning, stacklevel=1)
            warnings.warn("old", DeprecationWarning, stacklevel=1)

    with pytest.warns(DeprecationWarning, match="old"):
        work()
    assert capsys.readouterr().out.strip() == "Note: few answers"


def test_an_error_that_a_page_can_do_without_ends_the_block_with_a_note(capsys):
    from retention_kit.errors import ConfigError, DataError

    with tables.notes(DataError, ConfigError):
        raise DataError("no cohort is complete")
    assert capsys.readouterr().out.strip() == "Note: Not shown: no cohort is complete"
    with pytest.raises(ConfigError), tables.notes(DataError):
        raise ConfigError("a wrong request")


def test_what_went_into_a_number_travels_with_it_unseen():
    rows = pd.DataFrame(
        {"name": ["churn_rate", "orders"], "label": ["Churn", "Orders"], "value": [0.1, 3.0], "unit": ["rate", "count"],
         "inputs": [{"start": 100, "lost": 10}, {}]}
    )  # fmt: skip
    sheet = tables.numbers(rows)
    records = sheet._repr_mimebundle_()["application/vnd.retention-kit.numbers+json"]
    assert records[0]["inputs"] == {"start": 100.0, "lost": 10.0}
    assert "inputs" not in records[1]
    assert "inputs" not in sheet._repr_mimebundle_()["text/html"]


def test_why_a_number_is_missing_travels_with_it_and_stands_below_the_table(capsys):
    from retention_kit.errors import DataError

    with tables.notes(DataError) as no_fit:
        raise DataError("only 2 customers <so far>")
    with tables.notes(DataError) as no_value:
        tables.needs(None)
    assert "Not shown: only 2 customers" in capsys.readouterr().out
    rows = pd.DataFrame({"name": ["a", "b", "c", "d"], "value": [None, 2.0, None, None], "unit": "count"})
    rows = rows.assign(label=["A", "B", "C", "D"], note=["", "", "Own note.", ""])
    sheet = tables.numbers(rows, missing={"a": [no_fit, no_value], "b": no_fit, "c": "", "x": "Nothing."})
    records = sheet._repr_mimebundle_()["application/vnd.retention-kit.numbers+json"]
    assert [row.get("note") for row in records] == ["Only 2 customers <so far>.", None, "Own note.", None]
    assert "A: Only 2 customers &lt;so far&gt;." in html(sheet)
    assert "C: Own note." in html(sheet)
    assert "Nothing." not in html(sheet)


def test_a_note_on_a_number_that_is_known_stays_off_the_page():
    rows = pd.DataFrame({"name": ["a"], "label": ["A"], "value": [1.0], "unit": ["count"], "note": ["Not compared."]})
    assert "Not compared." not in html(tables.numbers(rows))


PAID = pd.DataFrame({"customer_id": ["a", "b"], "ordered_at": ["2024-05-03", "2024-06-05"], "amount": [1250.5, 12.25]})


def test_money_has_the_currency_of_its_data_without_a_word_of_the_author():
    log = load.orders(PAID, currency="EUR")
    months = summarise.periods(log, as_of="2024-06-30")
    shown = cells(tables.table(months[["period", "customers", "revenue"]], id="t"))
    assert shown == [["May 2024", "1", "€1,250"], ["June 2024", "1", "€12"]]
    numbers = tables.numbers(metrics.scorecard(log, as_of="2024-06-30"))
    records = {row["name"]: row for row in numbers.extra[MIME]}
    assert records["revenue"]["currency"] == "EUR"
    assert "currency" not in records["orders"]
    assert cells(numbers)[0][1] == "€12"  # beside €1,250 of the month before
    assert "not named" not in html(numbers)


def test_money_without_a_known_currency_has_no_sign_and_one_sentence_says_so():
    card = metrics.scorecard(load.orders(PAID), as_of="2024-06-30")
    sheet = tables.numbers(card)
    assert html(sheet).count(UNNAMED) == 1
    assert cells(sheet)[0][1] == "12"
    assert UNNAMED not in html(tables.numbers(card, currency="USD"))


def test_rows_may_have_units_of_their_own():
    frame = pd.DataFrame({"what": ["rows", "total", "mean", "odd"], "value": [69659, 2500315.63, 35.89, np.nan]})
    units = ["count", "money", "money", "rate"]
    shown = cells(tables.table(frame, id="t", formats={"value": units}, currency="USD"))
    assert [row[1] for row in shown] == ["69,659", "$2,500,316", "$35.89", "–"]
    with pytest.raises(ConfigError, match="one for each row"):
        tables.table(frame, id="t", formats={"value": units[:2]})


def test_rounded_values_look_rounded_and_tests_are_words():
    frame = pd.DataFrame({"expected": [1740.4, 348.2], "low": [1699.6, 337.0], "high": [1770.2, 359.0]})
    frame = tables.three_digits(frame, ("expected", "low", "high")).assign(p_value=[0.0001, 0.3], moved=[0.051, -0.02])
    look = {**dict.fromkeys(["expected", "low", "high"], "expected"), "moved": "points"}
    shown = cells(tables.table(frame.assign(stands_out=[True, False]), id="t", formats=look, currency="USD"))
    assert shown == [
        ["$1,740", "$1,700", "$1,770", "&lt; 0.01", "+5.1 points", "yes"],
        ["$348", "$337", "$359", "0.30", "−2.0 points", "no"],
    ]


def test_pages_sort_months_by_time_and_truth_by_value():
    frame = pd.DataFrame({"period": pd.to_datetime(["1998-05-01", "1998-06-01"]), "complete": [True, False]})
    page = tables.table(frame, id="t").for_a_page()["text/html"]
    assert '<data value="1998-06-01">June 1998</data>' in page
    assert '<data value="1">yes</data>' in page
