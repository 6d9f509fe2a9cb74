"""Formulas of lessons that the catalogue of metrics does not have, each with its symbols and its source.

`FORMULAS` maps a name to its `Formula`. A formula that stands in the docstring of a function is read from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from retention_kit.lesson.formulas import models, summaries
from retention_kit.lesson.formulas.entry import Formula

__all__ = ["FORMULAS", "Formula"]

FORMULAS: Final[Mapping[str, Formula]] = MappingProxyType(dict(summaries.FORMULAS) | dict(models.FORMULAS))
"""Every formula by its name."""
