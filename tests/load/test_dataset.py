"""Saving a dataset and reading it again."""

import os

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import ConfigError, DataError


@pytest.fixture
def data():
    frame = pd.DataFrame(
        {
            "customer_id": ["ann", "ben", "", "cid"],
            "ordered_at": ["2024-05-01 10:00:00", "2024-05-02", "2024-05-02", "soon"],
            "amount": ["10.05", "-3", "1", "2"],
            "country": ["PL", "PL", "TW", "TW"],
        }
    )
    return load.orders(frame, timezone="Europe/Warsaw", currency="PLN")


def test_a_saved_dataset_comes_back_equal(data, tmp_path):
    again = load.orders(data.save(tmp_path / "work"))
    pd.testing.assert_frame_equal(again.table.to_pandas(), data.table.to_pandas())
    pd.testing.assert_frame_equal(again.refused, data.refused)
    assert again.source == data.source
    assert (again.timezone, again.currency) == ("Europe/Warsaw", "PLN")


def test_a_dataset_without_refused_rows_comes_back_equal(tmp_path):
    frame = pd.DataFrame({"customer_id": ["ann"], "ordered_at": ["2024-05-01"], "amount": ["10.05"]})
    data = load.orders(frame)
    again = load.orders(data.save(tmp_path))
    assert again.refused.empty
    assert list(again.refused.columns) == list(data.refused.columns)


def test_two_tables_live_in_one_folder(data, tmp_path):
    answers = pd.DataFrame({"answered_at": ["2024-05-01"], "kind": ["nps"], "score": ["9"]})
    data.save(tmp_path)
    load.surveys(answers).save(tmp_path)
    assert load.orders(tmp_path).source.rows_kept == 2
    assert load.surveys(tmp_path).source.rows_kept == 1


def test_a_spoilt_description_is_a_data_error(data, tmp_path):
    data.save(tmp_path)
    (tmp_path / "orders.json").write_text('{"table": "orders"}')
    with pytest.raises(DataError, match=r"not what Dataset\.save wrote"):
        load.orders(tmp_path)


def test_one_line_says_what_was_read(data):
    assert repr(data) == "<orders from DataFrame: 4 rows read, 2 kept, 2 refused, 0 warnings>"


def test_to_pandas_gives_amounts_as_floats(data):
    assert data.to_pandas()["amount"].tolist() == [10.05, -3.0]


@pytest.mark.parametrize("name", ["orders.parquet", "orders.refused.parquet", "orders.json"])
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_files_that_no_save_wrote_are_not_overwritten(data, tmp_path, name, kind):
    path, mine = tmp_path / "work" / name, tmp_path / "mine"
    path.parent.mkdir()
    mine.write_text("mine")
    {
        "file": lambda: path.write_text('{"table": "orders"}'),
        "folder": path.mkdir,
        "link": lambda: path.symlink_to(mine),
    }[kind]()
    before = path.lstat()[:7]  # without the times: the description is read
    with pytest.raises(
        ConfigError, match=rf"work has {name}, which Dataset\.save did not write and does not overwrite"
    ):
        data.save(tmp_path / "work")
    assert path.lstat()[:7] == before
    assert os.listdir(tmp_path / "work") == [name]
    assert mine.read_text() == "mine"


def test_a_table_can_be_saved_again_and_into_the_folder_that_it_was_read_from(data, tmp_path):
    data.save(tmp_path)
    again = load.orders(data.save(tmp_path))
    last = load.orders(again.save(tmp_path))
    pd.testing.assert_frame_equal(last.table.to_pandas(), data.table.to_pandas())
    assert sorted(os.listdir(tmp_path)) == ["orders.json", "orders.parquet", "orders.refused.parquet"]


def test_a_save_that_breaks_off_leaves_the_files_of_the_last_one(data, tmp_path, monkeypatch):
    data.save(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OSError, match="No space left"):
        data.save(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_one_line_names_the_rules_of_its_warnings():
    one = load.orders(pd.DataFrame({"customer_id": ["ann"], "ordered_at": ["2024-05-01"], "amount": [0]}))
    assert repr(one) == "<orders from DataFrame: 1 row read, 1 kept, 0 refused, 1 warning (zero_amount)>"
    sample = repr(load.sample("cdnow_sample"))
    assert sample.endswith("0 refused, 2 warnings (zero_amount, same_row)>")
