"""Formulas of the probability models and of lifetime value."""

from __future__ import annotations

from typing import Final

from retention_kit.lesson.formulas.entry import Formula

__all__ = ["FORMULAS"]

FORMULAS: Final[dict[str, Formula]] = {}
