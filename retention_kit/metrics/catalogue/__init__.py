"""The catalogue: every metric with its names, formula, unit, worked example, source and trap.

`CATALOGUE` maps the name of a metric to its `Entry`; `table` is the same as a DataFrame.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from retention_kit.metrics.catalogue import customer_entries, lifetime_entries, recurring_entries, survey_entries
from retention_kit.metrics.catalogue.metric_entry import Entry

__all__ = ["CATALOGUE", "Entry", "table"]

_ALL = (*customer_entries.ENTRIES, *recurring_entries.ENTRIES, *lifetime_entries.ENTRIES, *survey_entries.ENTRIES)

CATALOGUE: Final[Mapping[str, Entry]] = MappingProxyType({entry.name: entry for entry in _ALL})
"""Every metric by its name."""


def table() -> pd.DataFrame:
    """The catalogue as a table.

    Returns
    -------
    DataFrame
        One row per metric: name, en, zh-Hant, pl, symbol, formula (LaTeX), unit, direction, example (text),
        source, trap.

    Examples
    --------
    >>> table().set_index("name").loc["nps", ["zh-Hant", "unit", "direction"]].tolist()
    ['淨推薦值（NPS）', 'score', 'up']
    """
    rows = [
        {
            "name": entry.name,
            "en": entry.en,
            "zh-Hant": entry.zh,
            "pl": entry.pl,
            "symbol": entry.symbol,
            "formula": entry.latex(),
            "unit": entry.unit,
            "direction": entry.direction,
            "example": ", ".join(f"{name} = {value:g}" for name, value in entry.example.items())
            + f" → {entry.result:g}",
            "source": entry.source,
            "trap": entry.trap,
        }
        for entry in CATALOGUE.values()
    ]
    return pd.DataFrame(rows)
