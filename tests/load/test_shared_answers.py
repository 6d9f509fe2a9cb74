"""Answers that the notebooks of a run share: computed once, never half written, never beside other data."""

import json
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import load
from retention_kit.errors import DataError, RetentionKitWarning, caution
from retention_kit.load import shared_answers
from retention_kit.load.shared_answers import FRAME, TABLE, answer


@pytest.fixture
def log(tmp_path):
    """A log that was read from a run's folder."""
    load.sample("cdnow_sample").save(tmp_path)
    shared_answers.make_folder(tmp_path)
    return load.orders(str(tmp_path))


class Counted:
    """A computation that counts how often it is made."""

    def __init__(self, result=7):
        self.result, self.times = result, 0

    def __call__(self):
        self.times += 1
        return self.result


def test_an_answer_is_computed_once_for_all_who_read_the_folder(log, tmp_path):
    compute = Counted([0.1, 1 / 3, float("inf"), {"a": None}])
    assert answer(log, "f", {"day": "2026-01-31"}, compute) == compute.result
    assert answer(load.orders(str(tmp_path)), "f", {"day": "2026-01-31"}, compute) == compute.result
    assert compute.times == 1


def test_other_arguments_another_name_or_other_code_compute_again(log, monkeypatch):
    compute = Counted()
    answer(log, "f", {"day": 1}, compute)
    answer(log, "f", {"day": 2}, compute)
    answer(log, "g", {"day": 1}, compute)
    assert compute.times == 3
    monkeypatch.setattr(shared_answers, "version", lambda: "next")
    answer(log, "f", {"day": 1}, compute)
    assert compute.times == 4


def test_data_that_are_saved_again_have_no_answers_yet(log, tmp_path):
    compute = Counted()
    answer(log, "f", {}, compute)
    rows = log.table.filter(log.table.amount > 10)
    replace(log, table=rows.cache()).save(tmp_path)
    answer(load.orders(str(tmp_path)), "f", {}, compute)
    assert compute.times == 2


def test_other_rows_of_a_dataset_that_was_read_share_nothing(log):
    some = replace(log, table=log.table.filter(log.table.amount > 10))
    assert log.folder is not None
    assert some.folder is None
    assert shared_answers.folder_of(some) is None


def test_a_folder_that_a_user_saved_gets_no_answers(tmp_path):
    load.sample("cdnow_sample").save(tmp_path)
    before = sorted(tmp_path.iterdir())
    compute = Counted()
    for _ in range(2):
        answer(load.orders(str(tmp_path)), "f", {}, compute)
    assert compute.times == 2
    assert sorted(tmp_path.iterdir()) == before


def test_answers_are_private_and_nothing_is_written_elsewhere(log, tmp_path):
    answer(log, "f", {}, Counted(pd.DataFrame({"a": [1]})), FRAME)
    folder = tmp_path / shared_answers.FOLDER
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.suffix for path in folder.iterdir()} == {".json", ".parquet", ".lock"}
    assert {path.name for path in tmp_path.iterdir()} == {
        "answers",
        "orders.json",
        "orders.parquet",
        "orders.refused.parquet",
    }


def test_a_frame_comes_back_with_its_types_index_and_attrs(log):
    frame = pd.DataFrame(
        {
            "name": ["a", None],
            "day": pd.to_datetime(["2026-01-31", None]),
            "x": [1 / 3, np.nan],
            "n": np.array([1, 2], dtype="int32"),
            "whole": [True, False],
        },
        index=pd.Index([5, 3], name="k"),
    )
    frame.attrs["currency"] = "EUR"
    for _ in range(2):
        read = answer(log, "f", {}, lambda: frame.copy(), FRAME)
        pdt.assert_frame_equal(read, frame)
        assert read.attrs == {"currency": "EUR"}


def test_a_table_of_the_engine_is_written_once_and_stays_in_the_engine(log):
    table = answer(log, "f", {}, lambda: log.table.group_by("customer_id").agg(n=log.table.count()), TABLE)
    again = answer(log, "f", {}, Counted(), TABLE)
    assert again.count().to_pandas() == table.count().to_pandas() == log.table.customer_id.nunique().to_pandas()


def test_a_warning_is_repeated_to_everybody_and_an_error_is_not_kept(log):
    def compute():
        caution("Look twice.")
        return 1

    for _ in range(2):
        with pytest.warns(RetentionKitWarning, match=r"Look twice\."):
            answer(log, "f", {}, compute)

    def fail():
        raise DataError("no order")

    with pytest.raises(DataError):
        answer(log, "g", {}, fail)
    assert answer(log, "g", {}, Counted(3)) == 3


SLOW = """
import os, sys, time
from pathlib import Path
from retention_kit import load
from retention_kit.load.shared_answers import answer

def compute():
    Path(sys.argv[2], str(os.getpid())).touch()
    time.sleep(float(sys.argv[3]))
    return os.getpid()

answer(load.orders(sys.argv[1]), "slow", {}, compute)
"""


def _started(folder, marks, seconds):
    return subprocess.Popen([sys.executable, "-c", SLOW, str(folder), str(marks), str(seconds)])


def test_two_processes_at_once_compute_once(log, tmp_path, tmp_path_factory):
    marks = tmp_path_factory.mktemp("marks")
    processes = [_started(tmp_path, marks, 0.5) for _ in range(2)]
    for process in processes:
        assert process.wait(60) == 0
    (computed,) = marks.iterdir()
    assert answer(log, "slow", {}, Counted()) == int(computed.name)


def test_a_killed_writer_leaves_nothing_that_is_read(log, tmp_path, tmp_path_factory):
    marks = tmp_path_factory.mktemp("marks")
    process = _started(tmp_path, marks, 60)
    while not any(marks.iterdir()):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait(60)
    compute = Counted(5)
    assert answer(log, "slow", {}, compute) == 5
    assert compute.times == 1


def test_a_writer_that_fails_while_it_writes_leaves_nothing(log, tmp_path):
    with pytest.raises(TypeError):
        answer(log, "f", {}, Counted({1, 2}))  # JSON has no sets
    assert not [path for path in (tmp_path / shared_answers.FOLDER).iterdir() if path.suffix != ".lock"]


def test_numbers_keep_all_their_digits(log):
    numbers = [float(x) for x in np.random.default_rng(1).standard_normal(50)]
    assert answer(log, "f", {}, lambda: numbers) == numbers
    assert answer(log, "f", {}, Counted()) == json.loads(json.dumps(numbers)) == numbers
