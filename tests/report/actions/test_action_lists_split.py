"""Action lists of a report that is split: each segment has its part of the whole's, and its own comparison."""

import numpy as np
import pandas as pd
import pytest
from report_cases import notebook

from retention_kit import report

LISTS = ["champions", "due_to_reorder"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """March and April of 120 customers of two countries who buy more or less often, and one who has never bought."""
    case = tmp_path_factory.mktemp("split")
    people = [f"c{n:03}" for n in range(120)]
    rng = np.random.default_rng(5)
    weeks = [f"2026-0{month}-{week}" for month in (1, 2, 3, 4) for week in range(4)]
    days = [f"{week[:7]}-{7 * int(week[8]) + rng.integers(1, 8):02}" for _ in people for week in weeks]
    days = [day.replace("03-28", "03-31").replace("03-27", "03-30") for day in days]
    table = pd.DataFrame({"customer_id": np.repeat(people, len(weeks)), "ordered_at": days})
    table["amount"] = rng.gamma(2.0, 20.0, len(table)).round(2)
    table["country"] = np.where(table["customer_id"] < "c040", "PL", "TW")
    habit = np.repeat(rng.uniform(0.1, 1.0, len(people)), len(weeks))
    table = table[rng.random(len(table)) < np.where(table["ordered_at"] < "2026-04", habit, 0.2)]
    refund = pd.DataFrame({"customer_id": "zz", "ordered_at": "2026-03-05", "amount": -5.0, "country": ["PL", "TW"]})
    pd.concat([table, refund]).to_csv(case / "orders.csv", index=False)
    notebook(case / "own", "01_first", "1 + 1")
    config = report.Config(
        orders=case / "orders.csv", notebooks=case / "own", output=case / "reports", split_by="country",
        actions={"lists": LISTS, "holdout": 0.3},
    )  # fmt: skip
    report.run(config, months=["2026-03", "2026-04"])
    return config, table


def read(config, month, name, folder=""):
    """Both groups of a list, the most expected value first."""
    place = config.output / month / folder / "actions"
    files = [place / f"{name}{end}.csv" for end in ("", "_hold_out")]
    both = pd.concat([pd.read_csv(file, dtype={"customer_id": str}) for file in files])
    return both.sort_values(["expected_value", "customer_id"], ascending=[False, True], ignore_index=True)


@pytest.mark.parametrize("name", LISTS)
def test_the_lists_of_the_segments_are_the_whole_list_taken_apart(made, name):
    config, table = made
    whole = read(config, "2026-03", name)
    country = table.groupby("customer_id")["country"].first()
    assert len(whole) > 10
    assert whole["segment"].tolist() == country[whole["customer_id"]].tolist()
    for value, folder in (("PL", "country=pl"), ("TW", "country=tw")):
        part = whole[whole["segment"] == value].reset_index(drop=True)
        pd.testing.assert_frame_equal(read(config, "2026-03", name, folder), part)


def test_the_length_that_was_set_holds_for_each_file(made, tmp_path):
    config, _ = made
    short = report.Config(
        orders=config.orders, notebooks=config.notebooks, output=tmp_path, split_by="country",
        actions=config.actions | {"limit": 7},
    )  # fmt: skip
    report.run(short, months="2026-03")
    for folder in ("", "country=pl", "country=tw"):
        table = read(short, "2026-03", "due_to_reorder", folder)
        assert len(table) == 7
        assert table["expected_value"].is_monotonic_decreasing or table["expected_value"].isna().all()


def test_each_segment_compares_its_own_groups_of_the_month_before(made):
    config, table = made
    bought = set(table.loc[table["ordered_at"] >= "2026-04", "customer_id"])
    counted = []
    for folder in ("", "country=pl", "country=tw"):
        before = read(config, "2026-03", "due_to_reorder", folder)
        came = pd.read_csv(config.output / "2026-04" / folder / "data" / "uplift.csv").set_index("list")
        row = came.loc["due_to_reorder"]
        acted = before[before["group"] == "act"]
        assert row["n_acted"] == len(acted)
        assert row["n_held_out"] == len(before) - len(acted) > 0
        assert row["bought_acted"] == pytest.approx(acted["customer_id"].isin(bought).mean(), abs=1e-9)
        counted.append(row["n_acted"])
        index = (config.output / "2026-04" / folder / "analyst.html").read_text(encoding="utf-8")
        assert "What last month&#39;s lists achieved" in index or "What last month's lists achieved" in index
    assert counted[0] == counted[1] + counted[2]


def test_without_a_split_the_lists_name_no_segment(made, tmp_path):
    config, _ = made
    plain = report.Config(orders=config.orders, notebooks=config.notebooks, output=tmp_path, actions=config.actions)
    report.run(plain, months="2026-03")
    assert "segment" not in read(plain, "2026-03", "due_to_reorder").columns
