"""Tables for readers: finished DataFrames, rendered by great_tables, with the same bytes at every run."""

from retention_kit.tables.notes import Reason, left_out, needs, notes
from retention_kit.tables.numbers import numbers
from retention_kit.tables.one_customer import OneCustomer, customer
from retention_kit.tables.rounding import three_digits
from retention_kit.tables.scorecard import scorecard
from retention_kit.tables.sheet import Sheet
from retention_kit.tables.table import table

__all__ = [
    "OneCustomer",
    "Reason",
    "Sheet",
    "customer",
    "left_out",
    "needs",
    "notes",
    "numbers",
    "scorecard",
    "table",
    "three_digits",
]
