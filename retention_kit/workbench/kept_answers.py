"""The answers of the workbench: the engine does the work, and every answer is kept until the panel is gone."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import ibis.expr.types as ir
import pandas as pd

from retention_kit import load, schema, summarise
from retention_kit.errors import DataError, RetentionKitWarning
from retention_kit.summarise.common.calendar_periods import as_day, number_of
from retention_kit.summarise.common.order_log import Orders, as_table
from retention_kit.workbench.choice import Choice

MOST_VALUES: Final = 100
"""Columns with more values are offered no choice: they are ids or texts, not groups."""
MOST_CELLS: Final = 1_000_000
"""A cohort table of more cells, over all groups, would need hundreds of MB."""
MOST_ANSWERS: Final = 32
"""Answers that are kept, the latest ones."""
MOST_CUSTOMERS: Final = 100
"""Customers of one list."""


@dataclass(frozen=True)
class Tables:
    """What one choice shows."""

    cohorts: pd.DataFrame
    curve: pd.DataFrame
    periods: pd.DataFrame
    notes: tuple[str, ...] = ()
    """What was warned about."""


class Answers:
    """The tables and lists of one order log, each computed once.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    """

    def __init__(self, orders: Orders) -> None:
        self.table: ir.Table = as_table(orders)
        self.orders: Orders = orders if isinstance(orders, load.Dataset) else self.table
        self.currency = orders.currency if isinstance(orders, load.Dataset) else None
        self._tables: OrderedDict[tuple[str, str], tuple[pd.DataFrame, list[str]]] = OrderedDict()
        self._lists: OrderedDict[tuple[Choice, str, int | None], pd.DataFrame] = OrderedDict()

    @cached_property
    def columns(self) -> dict[str, int]:
        """Number of values of each column that could split customers, those with too many included."""
        known = {column.name for column in schema.TABLES["orders"].columns} - {"currency"}
        kinds = self.table.schema().items()
        names = [
            name
            for name, kind in kinds
            if name not in known and (kind.is_string() or kind.is_boolean() or kind.is_integer())
        ]
        if not names:
            return {}
        counts = self.table.aggregate(**{f"n{i}": self.table[name].nunique() for i, name in enumerate(names)})
        return dict(zip(names, map(int, counts.to_pandas().iloc[0]), strict=True))

    @property
    def dimensions(self) -> list[str]:
        """Columns that customers can be grouped by: with 2 to 100 values."""
        return [name for name, n in self.columns.items() if 2 <= n <= MOST_VALUES]

    @cached_property
    def days(self) -> tuple[str, str]:
        """First and last day of the log."""
        moment = self.table.ordered_at
        ends = self.table.aggregate(first=moment.min(), last=moment.max()).to_pandas().iloc[0]
        if pd.isna(ends["last"]):
            raise DataError("The log has no order.")
        return ends["first"].date().isoformat(), ends["last"].date().isoformat()

    def values(self, choice: Choice) -> list[str]:
        """The values of the chosen column by which customers are grouped, the largest group first."""
        if choice.by is None:
            return []
        cohorts = self._split(choice).cohorts
        sizes = cohorts.drop_duplicates([choice.by, "cohort"]).groupby(choice.by)["size"].sum()
        return [str(value) for value in sizes.sort_values(ascending=False, kind="stable").index]

    def tables(self, choice: Choice) -> Tables:
        """The tables of a choice; of a column without a value, DataError."""
        split = self._split(choice)
        if choice.by is None:
            return split
        cohorts, periods = (
            table[table[choice.by] == choice.value].reset_index(drop=True) for table in (split.cohorts, split.periods)
        )
        if cohorts.empty:
            known = ", ".join(self.values(choice)[:20])
            raise DataError(f"No customer has {choice.by} = {choice.value!r} in the first order; there are {known}.")
        return Tables(cohorts, summarise.pooled_curve(cohorts), periods, split.notes)

    def customers(self, choice: Choice, cohort: str, age: int | None) -> pd.DataFrame:
        """The customers of a cohort or cell with the most revenue, at most 100, and in `all` the number of all."""
        key = (choice, cohort, age)
        if key not in self._lists:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RetentionKitWarning)  # the tables of the same choice have these notes
                rows: Any = summarise.cohort_customers(self.orders, **choice.customers(cohort, age))
            rows = rows.mutate(all=rows.count().over())
            first = rows.order_by([rows.revenue.desc(), rows.customer_id]).limit(MOST_CUSTOMERS)
            _keep(self._lists, key, first.to_pandas())
        return self._lists[key]

    def _split(self, choice: Choice) -> Tables:
        """The tables of all values of the column."""
        self._refuse_size(choice)
        cohorts, said = self._asked("cohorts", choice.cohorts)
        periods, also_said = self._asked("periods", choice.periods)
        curve = summarise.pooled_curve(cohorts) if choice.by is None else pd.DataFrame()
        return Tables(cohorts, curve, periods, tuple(sorted({*said, *also_said})))

    def _asked(self, function: str, request: dict[str, Any]) -> tuple[pd.DataFrame, list[str]]:
        """The table of a function of `summarise`, asked once, with what was warned about."""
        key = (function, repr(request))
        if key not in self._tables:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", RetentionKitWarning)
                table = getattr(summarise, function)(self.orders, **request)
            notes = [str(note.message) for note in caught if issubclass(note.category, RetentionKitWarning)]
            _keep(self._tables, key, (table, notes))
        return self._tables[key]

    def _refuse_size(self, choice: Choice) -> None:
        first, last = as_day(self.days[0]), as_day(choice.as_of)
        periods = number_of(last, choice.period) - number_of(first, choice.period) + 1
        groups = 1 if choice.by is None else self.columns.get(choice.by, 1)
        if (cells := periods * periods * groups) > MOST_CELLS:
            raise DataError(
                f"{periods:,} cohorts by {periods:,} ages{f' in {groups} groups' if groups > 1 else ''} are {cells:,} "
                f"cells, more than the {MOST_CELLS:,} of the workbench: choose a longer period."
            )


def _keep(answers: OrderedDict[Any, Any], key: Any, answer: Any) -> None:
    """Keep an answer; the oldest one leaves when there are too many."""
    answers[key] = answer
    while len(answers) > MOST_ANSWERS:
        answers.popitem(last=False)
