"""Shops of the nastiest shapes: each of their pages is there, and no missing number is printed.

A part of benchmarks/strange_shops.py: shops whose shape lies between two others of the list are left to it.
"""

import html
import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from retention_kit.report.notebooks.splitting import folders

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from random_shops import printed
from strange_shops import PAGES, SHOPS, month_of

BETWEEN = {
    "first month, all on one day",  # the first order on the last day, and the first month
    "five months",  # two months, and seven
    "one price, nobody twice",  # one price, and nobody twice
    "one customer",  # one customer with two orders, and one with an order every day
}
TESTED = [name for name in SHOPS if name not in BETWEEN]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return month_of(TESTED, tmp_path_factory.mktemp("shops"))


def test_no_page_is_lost(made):
    assert made.failures == {}
    folder = made.index.parent
    wanted = {"": "", **folders("country", TESTED)}
    for part in wanted.values():
        assert {path.stem for path in (folder / part).glob("*.html")} - {"customers"} == PAGES
    assert not list(folder.rglob("failed"))


def test_no_missing_number_is_printed(made):
    assert list(printed(made.index.parent)) == []


def test_what_cannot_be_said_is_said_in_words(made):
    def notes(name):
        page = (made.index.parent / folders("country", TESTED)[name] / "04_lifetime_value.html").read_text()
        return re.findall(r"Not shown: ([^<]*)", page)

    young = notes("first month")
    assert any("less than two months before the end of 2024-06-30" in note for note in young)
    assert any("further up on this page" in note for note in young)
    assert any("Every customer has bought more than once" in note for note in notes("everyone twice"))
    assert any("found none" in note for note in notes("nobody twice"))


def test_every_missing_number_carries_its_sentence_into_csv_and_index(made):
    root, missing = made.index.parent, 0
    for folder in (root, *(root / name for name in folders("country", TESTED).values())):
        index = html.unescape((folder / "analyst.html").read_text(encoding="utf-8"))
        numbers = pd.read_csv(folder / "data" / "numbers.csv", keep_default_na=False)
        for row in numbers[numbers["value"] == ""].to_dict("records"):
            assert row["note"].endswith("."), (folder.name, row["page"], row["name"])
            assert row["note"].splitlines()[0] in index, (folder.name, row["name"])
            missing += 1
    assert missing > 100
