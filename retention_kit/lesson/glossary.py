"""A glossary in three languages, with one sentence for each term."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from importlib.resources import files

import pandas as pd

from retention_kit import tables
from retention_kit.errors import ConfigError
from retention_kit.metrics.catalogue import CATALOGUE
from retention_kit.tables.sheet import Sheet

_HEADINGS = {"en": "English", "zh": "繁體中文", "pl": "Polski", "meaning": "In one sentence"}


def glossary(*terms: str) -> Sheet:
    """A table of terms in English, Traditional Chinese and Polish, each with one sentence in English.

    Parameters
    ----------
    *terms : str
        Names in glossary.toml; a metric of the catalogue has its names from there.

    Returns
    -------
    Sheet
        For display in a notebook.

    Raises
    ------
    ConfigError
        If a term is not in the glossary.

    Examples
    --------
    >>> glossary("cohort").plain.split()[4:8]
    ['cohort', '同類群組（cohort）', 'kohorta', 'Customers']
    """
    entries = all_terms()
    if missing := [term for term in terms if term not in entries]:
        near = get_close_matches(missing[0], entries, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"The glossary has no {', '.join(missing)}; add them to glossary.toml.{hint}")
    frame = pd.DataFrame([entries[term] for term in terms])[list(_HEADINGS)]
    return tables.table(frame, id="glossary", labels=_HEADINGS)


def all_terms() -> dict[str, dict[str, str]]:
    """Every term with en, zh, pl and meaning."""
    read = tomllib.loads(files("retention_kit.lesson").joinpath("glossary.toml").read_text(encoding="utf-8"))
    return {term: _names(term) | fields for term, fields in read.items()}


def _names(term: str) -> dict[str, str]:
    """The names that the catalogue has for a metric."""
    if term not in CATALOGUE:
        return {}
    entry = CATALOGUE[term]
    return {"en": entry.en, "zh": entry.zh, "pl": entry.pl}
