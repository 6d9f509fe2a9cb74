"""Columns of the user's own that are called what the package calls something: kept, shown and saved."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_kit import load, report
from retention_kit.errors import DataError

OWN = ["reason", "rule", "row", "file", "line", "__row", "__file", "__rule", "_0", "self", "name", "Reason_as_read"]


def table(names):
    rows = {
        "customer_id": ["a", None, "c"],
        "ordered_at": ["2026-06-01", "2026-06-03", "2026-06-04"],
        "amount": [5, 7, -3],
    }
    return pd.DataFrame(rows | {name: [f"{name} {i}" for i in range(3)] for name in names})


def written(frame, path):
    writers = {
        ".csv": lambda: frame.to_csv(path, index=False),
        ".jsonl": lambda: frame.to_json(path, orient="records", lines=True),
        ".parquet": lambda: pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path),
        ".xlsx": lambda: frame.to_excel(path, index=False),
    }
    writers[path.suffix]()
    return path


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet", ".xlsx", "frame"])
@pytest.mark.parametrize("names", [["reason"], ["rule"], ["row"], ["__row"], OWN], ids=", ".join)
def test_no_column_is_lost_whatever_it_is_called(tmp_path, ending, names):
    frame = table(names)
    source = frame if ending == "frame" else written(frame, tmp_path / f"orders{ending}")
    data = load.orders(source)
    assert data.refused["rule"].tolist() == ["missing_customer_id"]
    assert "is empty" in data.refused["reason"].tolist()[0]
    kept, refused = data.to_pandas(), data.refused
    for name in names:
        assert (kept == f"{name} 0").sum().sum() == 1
        assert (refused == f"{name} 1").sum().sum() == 1
    again = load.orders(data.save(tmp_path / "saved"))
    pd.testing.assert_frame_equal(again.refused, data.refused)
    pd.testing.assert_frame_equal(again.to_pandas(), kept)


def test_lines_that_are_broken_keep_their_text_apart_from_a_column_called_line(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,ordered_at,amount,line\na,2026-06-01,5,own\nb,2026\n,2026-06-01,5,other\n")
    refused = load.orders(path).refused
    assert refused["line"].tolist()[0] == "b,2026"
    assert refused["line_as_read"].tolist()[1] == "other"


def test_a_name_that_was_given_away_stays_free(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,ordered_at,Total,amount,amount_as_read\na,2026-01-01,5,6,7\n")
    frame = load.orders(path, columns={"amount": "Total"}).to_pandas()
    assert frame["amount"].tolist() == [5.0]
    assert sorted(frame.iloc[0, 3:]) == ["6", "7"]


def test_a_reason_for_a_refund_does_not_stop_a_report(tmp_path):
    path = tmp_path / "refunds.csv"
    path.write_text(
        "customer_id,ordered_at,amount,reason\na,2026-06-01,5,\n,2026-06-03,7,late\nc,2026-06-04,-3,broken\n"
        "d,2026-05-04,8,\nd,2026-06-09,8,\n"
    )
    config = report.Config(orders=str(path), output=tmp_path / "reports", only=("data_quality",))
    (month,) = report.run(config, months=("2026-06",))
    assert not month.failures
    facts = json.loads((month.index.parent / "manifest.json").read_text())["inputs"]["orders"]
    assert (facts["rows_read"], facts["rows_refused"]) == (5, 1)


def test_a_parquet_file_that_is_damaged_inside_is_a_data_error_wherever_it_is_found(tmp_path):
    path = tmp_path / "orders.parquet"
    frame = pd.DataFrame({"customer_id": "a", "ordered_at": "2026-06-01", "amount": range(1000)})
    frame["note"] = [f"note {i * 7919 % 1000}" for i in range(1000)]
    pq.write_table(pa.Table.from_pandas(frame), path, use_dictionary=False, compression="ZSTD")
    column = pq.read_metadata(path).row_group(0).column(3)
    content = bytearray(path.read_bytes())
    start = column.data_page_offset + 40
    content[start : start + 400] = b"\xff" * 400
    path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):  # noqa: PT012
        data = load.orders(path)
        data.to_pandas()
    with pytest.raises(DataError, match="cannot be read"):
        load.orders(path).save(tmp_path / "saved")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("twice.csv", "Customer_ID,customer_id,ordered_at,amount\nfirst,second,2026-01-01,5\n"),
        ("twice.jsonl", '{"Customer_ID":"first","customer_id":"second","ordered_at":"2026-01-01","amount":5}\n'),
        ("swapped.jsonl", '{"customer_id":"first","Customer_ID":"second","ordered_at":"2026-01-01","amount":5}\n'),
        ("same.csv", "customer_id,customer_id,ordered_at,amount\nfirst,second,2026-01-01,5\n"),
    ],
)
def test_of_headers_that_differ_in_capitals_only_the_first_is_read_and_the_other_is_named(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    data = load.orders(str(tmp_path / name))
    assert data.to_pandas()["customer_id"].tolist() == ["first"]
    (said,) = [said for said in data.source.assumptions if "of several columns" in said]
    assert said.lower().endswith("read as customer_id, not 'customer_id_2'")
