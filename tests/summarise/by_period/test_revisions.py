"""What a later run says differently about the past."""

import pandas as pd
import pytest

from retention_kit import summarise
from retention_kit.errors import DataError


def log(*rows):
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount", "country"])


MARCH = log(
    ("ada", "2024-01-05", 10, "PL"), ("bo", "2024-01-09", 20, "TW"), ("ada", "2024-02-03", 30, "PL"),
    ("cy", "2024-03-02", 5, "PL"),
)  # fmt: skip


def run(rows, as_of, **how):
    return summarise.periods(rows, as_of=as_of, **how)


def test_more_months_change_nothing_of_the_past():
    more = pd.concat([MARCH, log(("dee", "2024-04-02", 50, "PL"), ("ada", "2024-05-02", 50, "PL"))])
    assert summarise.restated(run(MARCH, "2024-03-31"), run(more, "2024-05-31")).empty


def test_a_late_row_is_listed_with_every_figure_it_changes():
    late = pd.concat([MARCH, log(("bo", "2024-02-20", 7.5, "TW"))])
    found = summarise.restated(run(MARCH, "2024-03-31"), run(late, "2024-04-30"))
    assert list(found.columns) == ["period", "figure", "before", "after", "change"]
    february = found[found["period"] == pd.Timestamp("2024-02-01")].set_index("figure")
    assert february["change"].to_dict() == {
        "kept": 1, "lost": -1, "end": 1, "customers": 1, "orders": 1, "revenue": 7.5, "repeat_revenue": 7.5,
    }  # fmt: skip
    assert february.loc["revenue", ["before", "after"]].tolist() == [30, 37.5]
    march = found[found["period"] == pd.Timestamp("2024-03-01")].set_index("figure")["change"]
    assert march.to_dict() == {"start": 1, "lost": 1}


def test_an_unfinished_month_is_expected_to_change():
    early = run(MARCH, "2024-03-15")
    later = pd.concat([MARCH, log(("dee", "2024-03-20", 50, "PL"))])
    assert summarise.restated(early, run(later, "2024-04-30")).empty


def test_a_row_that_comes_before_everything_adds_a_month():
    earlier = pd.concat([MARCH, log(("old", "2023-12-24", 8, "PL"))])
    found = summarise.restated(run(MARCH, "2024-03-31"), run(earlier, "2024-03-31"))
    december = found[found["period"] == pd.Timestamp("2023-12-01")].set_index("figure")
    assert december["before"].isna().all()
    assert december.loc["revenue", "after"] == 8


def test_a_month_that_vanished_is_listed():
    found = summarise.restated(run(MARCH, "2024-03-31"), run(MARCH.iloc[2:], "2024-03-31"))
    january = found[found["period"] == pd.Timestamp("2024-01-01")].set_index("figure")
    assert january.loc["revenue", "before"] == 30
    assert january["after"].isna().all()


def test_groups_are_told_apart_and_a_new_one_is_listed():
    late = pd.concat([MARCH, log(("eve", "2024-02-20", 7, "US"))])
    found = summarise.restated(run(MARCH, "2024-03-31", by="country"), run(late, "2024-03-31", by="country"))
    assert set(found["country"]) == {"US"}
    revenue = found[found["figure"] == "revenue"].set_index("period")["after"]
    assert revenue.tolist() == [0, 7, 0]


def test_cohort_tables_compare_by_cohort_and_age():
    late = pd.concat([MARCH, log(("bo", "2024-02-20", 7.5, "TW"))])
    tables = [summarise.cohorts(rows, as_of="2024-03-31")[lambda t: t["complete"]] for rows in (MARCH, late)]
    found = summarise.restated(*tables).set_index(["figure", "age"])
    assert found.loc[[("active", 1)], ["before", "after"]].to_numpy().tolist() == [[1, 2]]
    assert set(found["cohort"]) == {pd.Timestamp("2024-01-01")}


def test_rows_that_are_not_told_apart_are_refused():
    both = run(MARCH, "2024-03-31", by="country")
    with pytest.raises(DataError, match="not identified by period"):
        summarise.restated(both, both, keys=["period"])
    with pytest.raises(DataError, match="need the columns country"):
        summarise.restated(both, run(MARCH, "2024-03-31"))
