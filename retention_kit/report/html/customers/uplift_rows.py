"""What last month's action lists achieved, as the index shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from retention_kit.report.actions import list_rules
from retention_kit.report.language import ENGLISH, Language
from retention_kit.report.numbers import notebook_numbers


def rows(table: pd.DataFrame | None, language: Language = ENGLISH) -> list[dict[str, str]]:
    """The comparison on the index: one row per list, formatted for readers."""
    return [_row(row, language) for row in table.to_dict("records")] if table is not None else []


def _row(row: Mapping[Any, Any], language: Language) -> dict[str, str]:
    title = list_rules.TITLES[row["list"]]
    uplift = _on_one_line(_dash_or(row["uplift"], notebook_numbers.points(row["uplift"], language)))
    low, high = (notebook_numbers.written(100 * row[f"uplift_{end}"], "score", language) for end in ("low", "high"))
    worth = notebook_numbers.written(row["revenue_uplift"], "money", language)
    least, most = (notebook_numbers.written(row[f"revenue_uplift_{end}"], "money", language) for end in ("low", "high"))
    return {
        "list": re.split("[:：]", language.gettext(title))[0],
        "n": _both(row, "n", "count", language),
        "left_out": language.numerals(f"{row['n_contradicting']:,}") if row["n_contradicting"] else "",
        "bought": _both(row, "bought", "rate", language),
        "uplift": uplift + _dash_or(row["uplift"], _interval(low, high, language), ""),
        "revenue": _both(row, "revenue", "money", language),
        "revenue_uplift": worth + _dash_or(row["revenue_uplift_low"], _interval(least, most, language), ""),
    }


def _dash_or(value: float, text: str, dash: str = "–") -> str:
    """The text of a number, or a dash where it is not known, for example for an empty group."""
    return dash if pd.isna(value) else text


def _both(row: Mapping[Any, Any], name: str, unit: str, language: Language) -> str:
    """A number of both groups: customers acted on and customers left alone."""
    texts = {who: notebook_numbers.written(row[f"{name}_{who}"], unit, language) for who in ("acted", "held_out")}
    return _on_one_line(language.gettext("%(acted)s and %(held_out)s", **texts))


def _interval(low: str, high: str, language: Language) -> str:
    return (
        language.gettext(" (%(low)s to %(high)s)", low=low, high=high).replace(" ", "\u00a0").replace("\u00a0", " ", 1)
    )


def _on_one_line(text: str, before: str = "") -> str:
    return before + text.replace(" ", "\u00a0")
