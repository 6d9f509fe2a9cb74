"""Formulas of lessons that the catalogue of metrics does not have, each with its symbols and its source.

`FORMULAS` maps a name to its `Formula`. A formula in the docstring of a function is read from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from retention_kit.lesson.formulas import model_formulas, summary_formulas
from retention_kit.lesson.formulas.formula_entry import Formula

__all__ = ["FORMULAS", "Formula"]

FORMULAS: Final[Mapping[str, Formula]] = MappingProxyType(
    dict(summary_formulas.FORMULAS) | dict(model_formulas.FORMULAS)
)
"""Every formula by its name."""
