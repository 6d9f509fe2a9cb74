"""Shops of the nastiest shapes: each of their pages is there, and no missing number is printed.

They are segments of one report, each of which has the pages of a report of its own.
"""

import html
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention_kit import report
from retention_kit.report.notebooks.splitting import folders
from retention_kit.report.settings.config import Config

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from random_shops import printed

MONTH = "2024-06"
END = pd.Timestamp("2024-06-30")
PAGES = {"00_data_quality", "01_overview", "02_cohorts", "03_rfm", "04_lifetime_value", "07_forecast"}


def shop(days_ago, amounts=20.0, people=None):
    """Orders so many days before the end of the month; customers in turn where only their number is given."""
    days_ago = np.atleast_1d(days_ago)
    who = np.arange(len(days_ago)) if people is None else np.arange(len(days_ago)) % people
    return pd.DataFrame(
        {"customer_id": who, "ordered_at": END - pd.to_timedelta(days_ago, unit="D"), "amount": amounts}
    )


def spread(n, days, seed=1):
    """The days of n orders, the last of them in the month."""
    return np.append(np.random.default_rng(seed).integers(0, days, n - 1), 3)


def amounts(n, seed=2):
    return np.random.default_rng(seed).gamma(2.0, 20.0, n).round(2)


def often_refunded():
    table = shop(spread(120, 500), amounts(120), people=30)
    return table.assign(amount=table["amount"].where(table.index % 2 == 0, -table["amount"]))


def repeats_refunded():
    first = shop([400] * 20, 20.0)
    return pd.concat([first, shop([200] * 20), shop([100] * 20, -20.0), shop([3] * 20), shop([2] * 20, -20.0)])


SHOPS = {
    "first order on the last day": shop(0),
    "first month": shop(spread(40, 29), amounts(40)),
    "first month, all on one day": shop([5] * 60, amounts(60), people=20),
    "Basic $5 to Pro $10": shop(spread(90, 50), amounts(90), people=40),  # two months old
    "five months": shop(spread(200, 150), amounts(200), people=80),
    "seven months": shop(spread(200, 210), amounts(200), people=80),
    "everyone twice": shop(
        [300 + i % 60 for i in range(60)] + [3 + i % 90 for i in range(60)], amounts(120), people=60
    ),
    "nobody twice": shop(spread(150, 700), amounts(150)),
    "one price": shop(spread(300, 700), 19.99, people=120),
    "one price, nobody twice": shop(spread(60, 400), 0.1),
    "one customer": shop(spread(200, 700), amounts(200), people=1),
    "one customer, two orders": shop([700, 3], [5.0, 9.0], people=1),
    "one customer every day": shop(range(100), 7.77, people=1),
    "for nothing": shop(spread(60, 300), 0.0, people=20),
    r"$\frac$ a": often_refunded(),
    "_refunded": repeats_refunded(),
    "台灣": shop(spread(150, 500), (np.random.default_rng(3).pareto(0.6, 150) * 10 + 0.01).round(2), people=60),
    "three repeat": shop([*range(3, 186, 3), 90, 60, 30], amounts(64), people=61),
    "long asleep": shop([*([900] * 30), *([880] * 30), 3], amounts(61), people=30),
    "like a clock": shop([i * 30 for i in range(20)] * 5, 12.5, people=100),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shops")
    tables = [table.assign(country=name) for name, table in SHOPS.items()]
    orders = pd.concat(tables, ignore_index=True)
    orders["customer_id"] = orders["country"] + " " + orders["customer_id"].astype(str)
    orders.to_csv(folder / "orders.csv", index=False)
    config = Config(
        orders=str(folder / "orders.csv"),
        split_by="country",
        output=folder / "reports",
        currency="EUR",
        parameters={"draws": 20},
    )
    (month,) = report.run(config, months=[MONTH])
    return month


def test_no_page_is_lost(made):
    assert made.failures == {}
    folder = made.index.parent
    wanted = {"": "", **folders("country", list(SHOPS))}
    for part in wanted.values():
        assert {path.stem for path in (folder / part).glob("*.html")} == PAGES | {"index"}
    assert not list(folder.rglob("failed"))


def test_no_missing_number_is_printed(made):
    assert list(printed(made.index.parent)) == []


def test_what_cannot_be_said_is_said_in_words(made):
    def notes(name):
        page = (made.index.parent / folders("country", list(SHOPS))[name] / "04_lifetime_value.html").read_text()
        return re.findall(r"Not shown: ([^<]*)", page)

    young = notes("first month")
    assert any("less than two months before the end of 2024-06-30" in note for note in young)
    assert any("further up on this page" in note for note in young)
    assert any("Every customer has bought more than once" in note for note in notes("everyone twice"))
    assert any("found none" in note for note in notes("nobody twice"))


def test_every_missing_number_carries_its_sentence_into_csv_and_index(made):
    root, missing = made.index.parent, 0
    for folder in (root, *(root / name for name in folders("country", list(SHOPS)).values())):
        index = html.unescape((folder / "analyst.html").read_text(encoding="utf-8"))
        numbers = pd.read_csv(folder / "data" / "numbers.csv", keep_default_na=False)
        for row in numbers[numbers["value"] == ""].to_dict("records"):
            assert row["note"].endswith("."), (folder.name, row["page"], row["name"])
            assert row["note"].splitlines()[0] in index, (folder.name, row["name"])
            missing += 1
    assert missing > 100
