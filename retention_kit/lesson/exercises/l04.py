"""Exercises of lesson 4: RFM."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import pandas as pd

from retention_kit import load, summarise
from retention_kit.lesson.example_data import ten_customers
from retention_kit.lesson.exercise import Exercise
from retention_kit.models import rfm


def _kim() -> list[int]:
    kim = pd.DataFrame({"customer_id": ["Kim"], "days_since_last": [30], "orders": [3], "revenue": [100.0]})
    scored = rfm.score(kim, cuts=rfm.cut_points(ten_customers()))
    return scored[["R", "F", "M"]].iloc[0].tolist()


def _segment(name: str) -> str:
    segmented = rfm.segment(rfm.score(ten_customers()))
    return str(segmented.set_index("customer_id").loc[name, "segment"])


def _champion_cells() -> int:
    return int((rfm.ten_segments.cells()["segment"] == "champions").sum())


@cache
def _moves() -> pd.DataFrame:
    """May 2026 of the simulated shop, with the cut points of its beginning."""
    store: Any = load.sample("store")
    log = store.orders
    before, after = (summarise.customers(log, as_of=day) for day in ("2026-04-30", "2026-05-31"))
    cuts = rfm.cut_points(before)
    return rfm.migrate(*(rfm.segment(rfm.score(table, cuts=cuts)) for table in (before, after)))


def _kept(moves: pd.DataFrame) -> float:
    champions = moves[moves["before"] == "champions"]
    stayed = champions.loc[champions["after"] == "champions", "customers"].sum()
    return float(stayed / champions["customers"].sum())


def _of_now(moves: pd.DataFrame) -> float:
    """The mistake of dividing by the champions of today."""
    now = moves[moves["after"] == "champions"]
    return float(now.loc[now["before"] == "champions", "customers"].sum() / now["customers"].sum())


EXERCISES: Final = {
    "scores_of_kim": Exercise(
        _kim,
        hints=(
            ([2, 3, 4], "30 days pass the cut points 5 and 25, and every one passed takes 1 from the best score 5."),
            ([4, 3, 4], "R: 30 days are more than 5 and more than 25."),
            ([3, 4, 4], "F: a value has to be above a cut point to pass it; 3 orders are not above 3."),
            ([3, 3, 3], "M: 100 is above 30, 60 and 95."),
            ([3, 2, 3], "Every cut point that is passed adds 1, and the lowest score is 1."),
        ),
        unit="score",
        why="Somebody who was not among the ten can be scored with their cut points.",
    ),
    "segment_of_eve": Exercise(
        lambda: _segment("Eve"),
        hints=(
            (lambda: _segment("Hua"), "That is Hua, who ordered less often. Eve's F is 5."),
            (lambda: _segment("Ann"), "Eve's last order was 90 days ago: her R is not 5."),
            ("loyal", "For that her last order would have to be more recent."),
        ),
        unit="text",
        why="One of the best customers, silent for long: the first to call.",
        otherwise="Her scores are in the table; find their cell on the map, and mind the spelling.",
    ),
    "cells_of_champions": Exercise(
        _champion_cells,
        hints=(
            (2, "That is how many pairs of R and F. M takes five values in each of them."),
            (20, "Champions need R = 5 alone."),
            (5, "Champions have F = 4 or F = 5."),
            (4, "Count combinations of three scores: R, F and M."),
        ),
        unit="count",
        why="One value of R, two of F, five of M.",
    ),
    "champions_kept": Exercise(
        lambda: _kept(_moves()),
        hints=(
            (lambda: _of_now(_moves()), "You divided by the champions of the end of May. Start from those of April."),
            (lambda: 1 - _kept(_moves()), "That is the share who left the segment."),
        ),
        unit="rate",
        why="A champion needs an order every few weeks, so many of them are merely loyal a month later.",
        otherwise="Rows with before = champions: those with after = champions, over all of them.",
    ),
}
