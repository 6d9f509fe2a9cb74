"""Tables as the text of a CSV file: one fixed way to write every kind of number and moment."""

from __future__ import annotations

from typing import Final

import pandas as pd

DECIMALS: Final = {
    **{"amount": 2, "mrr": 2, "quantity": 2},
    **dict.fromkeys(("score", "visitors", "conversions", "row", "billing_months"), 0),
}


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell as it is written to the file; a missing value is an empty string."""
    return pd.DataFrame({name: _column(table[name]) for name in table}, index=table.index).fillna("")


def as_csv(table: pd.DataFrame) -> bytes:
    """UTF-8, comma, line feed, a header and no index, on every machine."""
    return as_text(table).to_csv(index=False, lineterminator="\n").encode("utf-8")


def _column(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        form = "%Y-%m-%d" if values.name == "day" else "%Y-%m-%d %H:%M:%S"
        moments: pd.Series = values.dt.strftime(form).astype("str")
        return moments
    if pd.api.types.is_numeric_dtype(values):
        form = f"{{:.{DECIMALS[str(values.name)]}f}}"
        written: pd.Series = values.map(form.format, na_action="ignore").astype("str").where(values.notna())
        return written
    return values.astype("str")
