"""Small tables on the quality of a dataset, for people: what was read, what was refused, what looks odd.

Each function takes a `Dataset`, counts in its engine and returns a short DataFrame.
"""

from retention_kit.load.quality.account import duplicates, refused, source, warnings
from retention_kit.load.quality.spread import amounts, coverage, histogram, orders_per_customer

__all__ = [
    "amounts",
    "coverage",
    "duplicates",
    "histogram",
    "orders_per_customer",
    "refused",
    "source",
    "warnings",
]
