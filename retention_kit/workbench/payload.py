"""The tables of a choice as plain lists and numbers, for the browser."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from retention_kit.workbench.kept_answers import Tables

MOST_COHORTS: Final = 24
"""Cohorts of the map, the latest ones, and ages, the first ones: what a screen can show."""
MOST_PERIODS: Final = 13
_MEASURES: Final = {"share": "rate", "customers": "active", "money": "revenue", "so_far": "revenue_per_customer"}
_MOVEMENTS: Final = ("start", "new", "returned", "lost", "end", "customers", "orders", "revenue", "repeat_revenue")
_FORMATS: Final = {"month": "%Y-%m", "year": "%Y"}


def shown(tables: Tables, period: str) -> dict[str, Any]:
    """The map, the curve and the periods."""
    return {
        "map": _map(tables.cohorts, period),
        "curve": _records(tables.curve, ("age", "pooled_mean", "low", "high", "size", "cohorts")),
        "periods": _periods(tables.periods, period),
    }


def listed(customers: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a list of customers, with days as text."""
    days = {name: customers[name].dt.strftime("%Y-%m-%d") for name in ("first_order", "last_order")}
    columns = ("customer_id", "orders", "revenue", "first_order", "last_order", "days_since_last")
    return _records(customers.assign(**days), columns)


def period_label(day: pd.Timestamp, period: str) -> str:
    """A period in short.

    >>> period_label(pd.Timestamp("2026-04-01"), "quarter"), period_label(pd.Timestamp("2026-04-01"), "month")
    ('2026 Q2', '2026-04')
    """
    if period == "quarter":
        return f"{day.year} Q{day.quarter}"
    return str(day.strftime(_FORMATS.get(period, "%Y-%m-%d")))


def _map(cohorts: pd.DataFrame, period: str) -> dict[str, Any]:
    starts, ages = np.sort(cohorts["cohort"].unique()), np.sort(cohorts["age"].unique())
    kept, first = starts[-MOST_COHORTS:], ages[:MOST_COHORTS]
    part = cohorts[cohorts["cohort"].isin(kept) & cohorts["age"].isin(first)]
    wide = {name: part.pivot(index="cohort", columns="age", values=column) for name, column in _MEASURES.items()}
    complete = part.pivot(index="cohort", columns="age", values="complete")
    sizes = part.groupby("cohort")["size"].first()
    through = part.groupby("age")["through"].first()
    return {
        "cohorts": [
            {"day": f"{pd.Timestamp(day):%Y-%m-%d}", "label": period_label(pd.Timestamp(day), period), "size": n}
            for day, n in zip(sizes.index, sizes.tolist(), strict=True)
        ],
        "ages": [
            {"age": a, "label": str(a) if a == b else f"{a}–{b}"}
            for a, b in zip(through.index.tolist(), through.tolist(), strict=True)
        ],
        "cells": {name: [[_plain(x) for x in row] for row in table.to_numpy()] for name, table in wide.items()},
        "complete": complete.to_numpy().tolist(),
        "all_cohorts": len(starts),
        "all_ages": len(ages),
    }


def _periods(periods: pd.DataFrame, period: str) -> list[dict[str, Any]]:
    last = periods.tail(MOST_PERIODS)
    rows = _records(last, (*_MOVEMENTS, "complete", "observable"))
    return [{**row, "label": period_label(day, period)} for row, day in zip(rows, last["period"], strict=True)]


def _records(table: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    values = [table[name].tolist() for name in columns]
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in zip(*values, strict=True)]


def _plain(value: Any) -> Any:
    """A number of JSON, None for NaN."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
