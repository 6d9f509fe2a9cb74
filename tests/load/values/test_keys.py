"""Ids: one customer is one id, however it was typed, on every engine and in every format."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines import frame_of

from retention_kit import load, summarise

DAYS = ["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-04", "2024-05-05", "2024-05-06", "2024-05-07"]


def log(ids, **more):
    """One order of 10 for each id, on days that follow each other."""
    days = pd.date_range("2024-01-01", periods=len(ids)).strftime("%Y-%m-%d")
    return pd.DataFrame({"customer_id": ids, "ordered_at": days, "amount": 10} | more)


def ids_of(data):
    return data.to_pandas()["customer_id"].tolist()


def notes_of(data):
    return " | ".join(data.source.assumptions)


SPACES = [*"\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000", *map(chr, range(0x2000, 0x200B))]
MARKS = [*"\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\u2066\u2069\ufeff"]


@pytest.mark.parametrize("mark", SPACES + MARKS, ids=lambda mark: f"U+{ord(mark):04X}")
def test_every_space_and_mark_of_no_width_is_taken_off_the_ends_of_ids(mark):
    data = load.orders(
        log([f"王小明{mark}", "王小明", f"{mark}王小明", f" {mark} 王小明\t{mark}", mark, f"{mark} {mark}"])
    )
    assert ids_of(data) == ["王小明"] * 4
    assert data.refused["rule"].tolist() == ["missing_customer_id"] * 2
    assert "taken off in 5 rows" in notes_of(data)


def test_an_ideographic_space_makes_no_second_customer(tmp_path):
    path = tmp_path / "orders.csv"
    rows = ["王小明　,2024-05-01,10", "王小明,2024-05-02,10", "　王小明,2024-05-03,10", "　,2024-05-03,1"]
    path.write_text("\n".join(["customer_id,ordered_at,amount", *rows]))
    data = load.orders(path)
    customers = summarise.customers(data, as_of="2024-05-31", unit="day").to_pandas()
    assert customers[["customer_id", "frequency"]].values.tolist() == [["王小明", 2]]
    assert data.refused["rule"].tolist() == ["missing_customer_id"]


def test_spaces_inside_an_id_stay_as_plain_ones_and_marks_without_meaning_go():
    data = load.orders(log(["王\u3000小明", "王 小明", "ann\u200b@shop.example", "ann@shop.example", "م\u200cی"]))
    assert ids_of(data) == ["王 小明", "王 小明", "ann@shop.example", "ann@shop.example", "م\u200cی"]


def test_plans_orders_and_products_are_trimmed_alike():
    lines = pd.DataFrame({"order_id": ["1\u3000", "1", "\u200b2"], "product": ["tea\u2009", "tea", "\ufeff"]})
    data = load.order_lines(lines)
    assert data.to_pandas()[["order_id", "product"]].values.tolist() == [["1", "tea"], ["1", "tea"]]
    assert data.refused["rule"].tolist() == ["missing_product"]
    stretch = {"customer_id": "a", "subscription_id": "s\u202f", "started_at": "2024-05-01\u3000", "ended_at": "\u3000"}
    data = load.subscriptions(pd.DataFrame([stretch | {"mrr": "\u200b9.90\u2003", "plan": "Pro\u3000"}]))
    kept = data.to_pandas()
    assert kept[["subscription_id", "plan", "mrr"]].values.tolist() == [["s", "Pro", 9.9]]
    assert kept["ended_at"].isna().tolist() == [True]


def test_addresses_are_one_customer_whatever_their_capitals():
    days = {f"user{i}@shop.example": f"User{i}@Shop.example" for i in range(10)}
    january = pd.DataFrame({"customer_id": list(days.values()), "ordered_at": "2026-01-05", "amount": 10})
    february = pd.DataFrame({"customer_id": list(days), "ordered_at": "2026-02-05", "amount": 10})
    data = load.orders(pd.concat([january, february]))
    periods = summarise.periods(data, as_of="2026-02-28").set_index("period")
    assert periods["lost"].tolist() == [0, 0]
    cohorts = summarise.cohorts(data, as_of="2026-02-28")
    assert cohorts.loc[cohorts["age"] == 1, "rate"].iloc[0] == 1.0
    assert (
        "customer_id: e-mail addresses are compared in small letters; 10 rows have capitals, "
        "and 10 of their ids also occur in another spelling" in data.source.assumptions
    )


def test_answers_meet_orders_in_small_letters():
    answers = pd.DataFrame({"answered_at": ["2024-05-01"], "kind": "nps", "score": 9, "Email": ["ANN@SHOP.EXAMPLE "]})
    assert ids_of(load.surveys(answers)) == ["ann@shop.example"]


def test_codes_that_are_no_addresses_keep_their_capitals_with_a_warning():
    data = load.orders(log(["aB1", "Ab1", "ab2", "AB3", "x@Y@z", "x@y@z", "Q", "Q"]))
    assert ids_of(data) == ["aB1", "Ab1", "ab2", "AB3", "x@Y@z", "x@y@z", "Q", "Q"]
    note = next(note for note in data.source.warnings if note.name == "ids_differ_in_capitals")
    assert (note.rows, note.text.split(";")[0]) == (
        2,
        "rows of 2 customer ids that differ from another only in capitals",
    )


@pytest.mark.parametrize("ids", [["AB1", "AB2"], ["ab1", "ab2"], ["Ann", "Ben"], ["aB", "cD", "1"]])
def test_codes_that_differ_otherwise_give_no_warning(ids):
    assert [note.name for note in load.orders(log(ids)).source.warnings] == []


GAPS = [1234567890123456.0, 7.0, None, 9007199254740992.0]
WHOLE = ["1234567890123456", "7", "9007199254740992"]


def in_a_file(path, kind):
    """Ids that pandas holds as floats, because one is missing, in a file of some kind."""
    frame = log(GAPS)
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True, double_precision=10)
    else:
        frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("kind", ["parquet", "xlsx", "jsonl", "csv"])
def test_whole_numbers_are_written_without_a_point_in_every_format(tmp_path, kind):
    data = load.orders(in_a_file(tmp_path / f"orders.{kind}", kind))
    assert ids_of(data) == WHOLE
    assert data.refused["rule"].tolist() == ["missing_customer_id"]


def test_whole_numbers_of_frames_are_written_without_a_point():
    assert ids_of(load.orders(log(GAPS))) == WHOLE
    assert ids_of(load.orders(log([7.0, "ann", 8, 1.5]))) == ["7", "ann", "8", "1.5"]


def test_numbers_of_json_are_numbers_and_texts_are_texts(tmp_path):
    path = tmp_path / "orders.jsonl"
    cells = [7.0, "7.0", 1e3, 7.25, "ann"]
    lines = [f'{{"customer_id": {json.dumps(cell)}, "ordered_at": "2024-05-01", "amount": 1.50}}' for cell in cells]
    path.write_text("\n".join([*lines, lines[0].replace("7.0", "2E1")]))
    data = load.orders(path)
    assert ids_of(data) == ["7", "7.0", "1000", "7.25", "ann", "20"]
    assert data.to_pandas()["amount"].tolist() == [1.5] * 6


def test_a_text_of_numbers_with_a_point_is_one_of_whole_numbers_only_where_all_are():
    data = load.orders(log(["7.0", "7", "8.0", "-3.0"]))
    assert ids_of(data) == ["7", "7", "8", "-3"]
    assert "customer_id: every id is a number, 3 of them written as 7.0, which is read as 7" in data.source.assumptions
    assert ids_of(load.orders(log(["1.0", "1.1", "2.0"]))) == ["1.0", "1.1", "2.0"]
    assert ids_of(load.orders(log(["v1.0", "1.0"]))) == ["v1.0", "1.0"]


def test_decimals_that_are_whole_are_whole_numbers(engine):
    ids = pa.array([None, 7, 8], pa.decimal128(10, 0)).cast(pa.decimal128(20, 2))
    rows = pa.table({"customer_id": ids, "ordered_at": pd.to_datetime(DAYS[:3]), "amount": [1.0, 2.0, 3.0]})
    assert sorted(ids_of(load.orders(engine.table(rows)))) == ["7", "8"]


HARD = [
    "Fay@Vif.example",
    "fay@vif.example\u3000",
    "\u200bfay@vif.example",
    " vif\t",
    "vif",
    "\u2009\u00a0",
    "ÄRGER@X.pl",
]
KEPT = ["fay@vif.example"] * 3 + ["vif"] * 2 + ["ärger@x.pl"]


@pytest.mark.parametrize("amounts", ["numbers", "text"])
def test_ids_are_cleaned_alike_on_every_engine(engine, amounts):
    moments = DAYS if amounts == "text" else pd.to_datetime(DAYS)
    money = [str(i) for i in range(1, 8)] if amounts == "text" else [float(i) for i in range(1, 8)]
    rows = pa.table(
        {"customer_id": HARD, "ordered_at": moments, "amount": money, "order_id": [f"v{i}f\u3000" for i in range(7)]}
    )
    data = load.orders(engine.table(rows))
    kept = frame_of(data.table, sort=["amount"])
    assert kept["customer_id"].tolist() == KEPT
    assert kept["order_id"].tolist() == [f"v{i}f" for i in (0, 1, 2, 3, 4, 6)]
    assert data.refused["rule"].tolist() == ["missing_customer_id"]
    assert "2 rows have capitals, and 1 of their ids also occurs in another spelling" in notes_of(data)


def test_whole_floats_are_whole_numbers_on_every_engine(engine):
    rows = pa.table(
        {"customer_id": pa.array(GAPS, pa.float64()), "ordered_at": pd.to_datetime(DAYS[:4]), "amount": [1.0] * 4}
    )
    assert sorted(ids_of(load.orders(engine.table(rows)))) == sorted(WHOLE)


def test_not_a_number_is_no_customer_in_parquet(tmp_path):
    rows = pa.table({"customer_id": [float("nan"), 7.0], "ordered_at": pd.to_datetime(DAYS[:2]), "amount": [1.0, 1.0]})
    pq.write_table(rows, tmp_path / "orders.parquet")
    assert ids_of(load.orders(tmp_path / "orders.parquet")) == ["7"]
