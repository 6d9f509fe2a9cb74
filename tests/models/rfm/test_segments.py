"""Segment maps are total functions: every cell one segment, every segment a cell."""

import itertools
import random

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_kit.errors import ConfigError, DataError
from retention_kit.models import rfm
from retention_kit.models.rfm import Rule, SegmentMap

CELLS = list(itertools.product(range(1, 6), repeat=3))
PUBLISHED = {  # Putler's ranges of R and FM, scores 0 to 5
    "champions": ((4, 5), (4, 5)),
    "loyal": ((2, 5), (3, 5)),
    "potential loyalist": ((3, 5), (1, 3)),
    "recent": ((4, 5), (0, 1)),
    "promising": ((3, 4), (0, 1)),
    "need attention": ((2, 3), (2, 3)),
    "about to sleep": ((2, 3), (0, 2)),
    "at risk": ((0, 2), (2, 5)),
    "can't lose": ((0, 1), (4, 5)),
    "hibernating": ((1, 2), (1, 2)),
    "lost": ((0, 2), (0, 2)),
}


def published(R, F, M):
    fm = (F + M) / 2
    return [name for name, (r, f) in PUBLISHED.items() if r[0] <= R <= r[1] and f[0] <= fm <= f[1]]


@pytest.mark.parametrize("segments", [rfm.ten_segments, rfm.eleven_segments], ids=lambda m: m.name)
def test_every_cell_has_exactly_one_segment_and_every_segment_a_cell(segments):
    cells = segments.cells()
    assert list(cells[["R", "F", "M"]].itertuples(index=False, name=None)) == CELLS
    assert set(cells["segment"]) == set(segments.segments)


def test_there_are_ten_and_eleven_of_them():
    assert len(rfm.ten_segments.segments) == 10
    assert len(rfm.eleven_segments.segments) == 11


@pytest.mark.parametrize(
    ("R", "names"),
    [
        (1, ["hibernating", "hibernating", "at risk", "at risk", "can't lose"]),
        (2, ["hibernating", "hibernating", "at risk", "at risk", "can't lose"]),
        (3, ["about to sleep", "about to sleep", "need attention", "loyal", "loyal"]),
        (4, ["promising", "potential loyalist", "potential loyalist", "loyal", "loyal"]),
        (5, ["new", "potential loyalist", "potential loyalist", "champions", "champions"]),
    ],
)
def test_ten_segments_is_the_usual_grid_whatever_the_money(R, names):
    for M in range(1, 6):
        assert [rfm.ten_segments.segment_of(R, F, M) for F in range(1, 6)] == names


def test_the_published_eleven_ranges_overlap_in_76_cells_and_hide_four_segments():
    claims = {cell: published(*cell) for cell in CELLS}
    assert sum(len(names) > 1 for names in claims.values()) == 76
    assert set(PUBLISHED) - {names[0] for names in claims.values()} == {"recent", "promising", "can't lose", "lost"}


def test_eleven_segments_never_leaves_the_published_ranges():
    for cell in CELLS:
        assert rfm.eleven_segments.segment_of(*cell) in published(*cell)


@pytest.mark.parametrize("segments", [rfm.ten_segments, rfm.eleven_segments], ids=lambda m: m.name)
def test_the_engine_and_the_enumeration_agree_in_every_cell(segments):
    cells = segments.cells()
    scores = cells[["R", "F", "M"]]
    assert rfm.segment(scores, segments)["segment"].tolist() == cells["segment"].tolist()
    there = rfm.segment(ibis.memtable(scores), segments).order_by("R", "F", "M").to_pandas()
    assert there["segment"].tolist() == cells["segment"].tolist()


def rows(cells):
    """A table that names each cell of R and F by itself."""
    return pd.DataFrame([{"segment": name, "R": str(R), "F": str(F)} for (R, F), name in cells.items()])


@st.composite
def tilings(draw):
    """A random, valid own map on a small grid: every cell a segment."""
    names = draw(st.lists(st.sampled_from("abcd"), min_size=9, max_size=9))
    return dict(zip(itertools.product(range(1, 4), repeat=2), names, strict=True))


@settings(max_examples=40, deadline=None)
@given(cells=tilings())
def test_any_complete_table_is_accepted_and_read_back(cells):
    own = SegmentMap.from_table(rows(cells), groups=3)
    for (R, F), name in cells.items():
        assert own.segment_of(R, F, 1) == name


@settings(max_examples=40, deadline=None)
@given(cells=tilings(), seed=st.integers(0, 99))
def test_a_hole_is_refused_with_its_cell(cells, seed):
    hole = random.Random(seed).choice(sorted(cells))
    table = rows({cell: name for cell, name in cells.items() if cell != hole})
    with pytest.raises(ConfigError, match=f"3 cells have no segment: R{hole[0]} F{hole[1]} M1"):
        SegmentMap.from_table(table, groups=3)


@settings(max_examples=40, deadline=None)
@given(cells=tilings(), seed=st.integers(0, 99))
def test_an_overlap_is_refused_with_its_cell(cells, seed):
    R, F = random.Random(seed).choice(sorted(cells))
    table = pd.concat([rows(cells), pd.DataFrame([{"segment": "again", "R": R, "F": F}])])
    with pytest.raises(ConfigError, match=rf"3 cells have two segments: R{R} F{F} M1 \({cells[R, F]} and again\)"):
        SegmentMap.from_table(table, groups=3)


@settings(max_examples=40, deadline=None)
@given(cells=tilings(), seed=st.integers(0, 99))
def test_a_segment_that_no_cell_reaches_is_refused_by_name(cells, seed):
    R, F = random.Random(seed).choice(sorted(cells))
    table = pd.concat([rows(cells), pd.DataFrame([{"segment": "hidden", "R": R, "F": F}])])
    with pytest.raises(ConfigError, match="no cell reaches: hidden"):
        SegmentMap.from_table(table, groups=3, first_wins=True)


def test_a_small_table_may_name_ranges_and_leave_scores_open():
    table = pd.DataFrame({"segment": ["active", "quiet"], "R": ["3-5", "1–2"], "F": ["", None]})
    own = SegmentMap.from_table(table)
    assert own.segment_of(4, 1, 1) == "active"
    assert own.segment_of(2, 5, 5) == "quiet"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SegmentMap.from_table(pd.DataFrame({"name": ["a"], "R": [1]})), "column segment"),
        (lambda: SegmentMap.from_table(pd.DataFrame({"segment": ["a"], "R": ["high"]})), "got 'high'"),
        (lambda: SegmentMap("x", (Rule("a", {"R": (1, 7)}),)), "1 <= lowest <= highest <= 5"),
        (lambda: SegmentMap("x", (Rule("a", {"Q": (1, 5)}),)), "ranges of R, F, M, FM"),
        (lambda: SegmentMap("x", ()), "no rules"),
    ],
)
def test_unreadable_maps_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_scores_above_the_map_are_refused():
    with pytest.raises(ConfigError, match="scores from 1 to 5; got 9"):
        rfm.segment(pd.DataFrame({"R": [9], "F": [1], "M": [1]}))
    too_high = rfm.segment(ibis.memtable(pd.DataFrame({"R": [9], "F": [1], "M": [1]})))
    with pytest.raises(DataError, match="1 have none"):
        rfm.by_segment(too_high.mutate(orders=1, revenue=1.0, days_since_last=1))


def test_shares_of_segments_add_to_one_and_empty_segments_are_kept():
    customers = pd.DataFrame(
        {
            "segment": ["champions", "champions", "new"],
            "orders": [6, 4, 1],
            "revenue": [60.0, 30.0, 10.0],
            "days_since_last": [3, 5, 1],
        }
    )
    table = rfm.by_segment(customers).set_index("segment")
    assert list(table.index) == list(rfm.ten_segments.segments)
    assert table.filter(like="_share").sum().tolist() == pytest.approx([1, 1, 1])
    best = table.loc["champions"]
    assert (best["customers"], best["revenue_share"], best["revenue_per_customer"]) == (2, 0.9, 45)
    assert best["mean_days_since_last"] == 4
    assert table.loc["loyal", "customers"] == 0
    assert pd.isna(table.loc["loyal", "revenue_per_customer"])


def test_the_grid_adds_up_to_the_whole():
    scored = pd.DataFrame({"R": [5, 5, 1], "F": [1, 1, 2], "M": [1, 2, 3], "orders": 1, "revenue": 2.0})
    table = rfm.grid(scored.assign(days_since_last=4))
    assert table[["R", "F", "customers"]].to_numpy().tolist() == [[1, 2, 1], [5, 1, 2]]
    assert table["revenue"].sum() == 6
