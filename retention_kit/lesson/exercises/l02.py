"""Exercises of lesson 2: the classic rates."""

from __future__ import annotations

from typing import Final

from retention_kit import metrics
from retention_kit.lesson.exercise import Exercise

__all__ = ["EXERCISES"]

EXERCISES: Final = {
    "retention_of_ten": Exercise(
        lambda: metrics.retention_rate(start=10, end=9, new=4),
        hints=((0.9, "Those who joined are in your numerator: of the ten at the start, who is still there?"),),
        unit="rate",
    ),
}
