"""What last month's action lists achieved, as the index shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from retention_kit.report.actions import list_rules
from retention_kit.report.language import ENGLISH, Language
from retention_kit.report.numbers import notebook_numbers


def rows(table: pd.DataFrame | None, language: Language = ENGLISH, currency: str = "") -> list[dict[str, str]]:
    """The comparison on the index: one row per list, formatted for readers."""
    return [_row(row, language, currency) for row in table.to_dict("records")] if table is not None else []


def _row(row: Mapping[Any, Any], language: Language, currency: str) -> dict[str, str]:
    title = list_rules.TITLES[row["list"]]
    uplift = _on_one_line(_dash_or(row["uplift"], notebook_numbers.points(row["uplift"], language)))
    low, high = (notebook_numbers.written(100 * row[f"uplift_{end}"], "score", language) for end in ("low", "high"))
    amounts = [row["revenue_uplift"], row["revenue_uplift_low"], row["revenue_uplift_high"]]
    worth, least, most = (notebook_numbers.written(x, "money", language, currency, together=amounts) for x in amounts)
    return {
        "list": re.split("[:：]", language.gettext(title))[0],
        "n": _both(row, "n", "count", language),
        "left_out": language.numerals(f"{row['n_contradicting']:,}") if row["n_contradicting"] else "",
        "bought": _both(row, "bought", "rate", language),
        "uplift": uplift + _dash_or(row["uplift"], _interval(low, high, language), ""),
        "revenue": _both(row, "revenue", "money", language, currency),
        "revenue_uplift": worth + _dash_or(row["revenue_uplift_low"], _interval(least, most, language), ""),
    }


def _dash_or(value: float, text: str, dash: str = "–") -> str:
    """The text of a number, or a dash where it is not known, for example for an empty group."""
    return dash if pd.isna(value) else text


def _both(row: Mapping[Any, Any], name: str, unit: str, language: Language, currency: str = "") -> str:
    """A number of both groups: customers acted on and customers left alone."""
    values = {who: row[f"{name}_{who}"] for who in ("acted", "held_out")}
    texts = {
        who: notebook_numbers.written(x, unit, language, currency, together=values.values())
        for who, x in values.items()
    }
    return _on_one_line(language.gettext("%(acted)s and %(held_out)s", **texts))


def _interval(low: str, high: str, language: Language) -> str:
    return (
        language.gettext(" (%(low)s to %(high)s)", low=low, high=high).replace(" ", "\u00a0").replace("\u00a0", " ", 1)
    )


def _on_one_line(text: str, before: str = "") -> str:
    return before + text.replace(" ", "\u00a0")
