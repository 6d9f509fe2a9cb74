"""A choice at the workbench, and the cell that makes its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError
from retention_kit.summarise.common.calendar_periods import PERIODS, as_day

DEFINITIONS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "on": ("bought in that period", {}),
    "on_or_after": ("bought in that period or later", {"counting": "on_or_after"}),
    "own_on": ("bought in that period of their own", {"rolling": True}),
    "own_on_or_after": ("bought then or later, in periods of their own", {"rolling": True, "counting": "on_or_after"}),
    "brackets": (
        "bought in periods 1–3, 4–6, 7–12",
        {"counting": "brackets", "brackets": [(1, 3), (4, 6), (7, 12)]},
    ),
}
"""Definitions of a returning customer: what each says, and the arguments of `summarise.cohorts` that mean it."""


@dataclass(frozen=True)
class Choice:
    """What is shown: the arguments of `explore`, checked."""

    as_of: str
    period: str = "month"
    definition: str = "on"
    by: str | None = None
    value: str | None = None
    lapse_after: int | None = None

    def __post_init__(self) -> None:
        with Arguments() as check:
            check.choice("period", self.period, PERIODS)
            check.choice("definition", self.definition, DEFINITIONS)
            if self.lapse_after is not None:
                check.whole("lapse_after", self.lapse_after, least=1)
            check.fault("value needs by: the column that it stands in", when=self.by is None and self.value is not None)
            try:
                as_day(self.as_of)
            except ConfigError as error:
                check.fault(str(error))

    @property
    def group(self) -> dict[str, str]:
        """The argument that splits by the column."""
        return {} if self.by is None else {"by": self.by}

    @property
    def cohorts(self) -> dict[str, Any]:
        """Arguments of `summarise.cohorts`."""
        return {"as_of": self.as_of, "period": self.period, **DEFINITIONS[self.definition][1], **self.group}

    @property
    def periods(self) -> dict[str, Any]:
        """Arguments of `summarise.periods`."""
        lapse = {} if self.lapse_after is None else {"lapse_after": self.lapse_after}
        return {"as_of": self.as_of, "period": self.period, **lapse, **self.group}

    def customers(self, cohort: str, age: int | None) -> dict[str, Any]:
        """Arguments of `summarise.cohort_customers`."""
        at_age = {} if age is None else {"age": age}
        value = {} if self.by is None else {"value": self.value}
        return {**self.cohorts, **value, "cohort": cohort, **at_age}


def cell(choice: Choice, orders: str) -> str:
    """The cell that makes the tables of a choice: cohorts, curve and periods; `orders` is the name of the log.

    >>> print(cell(Choice("2026-03-31", lapse_after=90), "orders"))
    from retention_kit import summarise
    <BLANKLINE>
    cohorts = summarise.cohorts(orders, as_of='2026-03-31', period='month')
    curve = summarise.pooled_curve(cohorts)
    periods = summarise.periods(orders, as_of='2026-03-31', period='month', lapse_after=90)
    """
    lines = [
        "from retention_kit import summarise",
        "",
        f"cohorts = {_call('cohorts', orders, choice.cohorts)}",
        *_only("cohorts", choice),
        "curve = summarise.pooled_curve(cohorts)",
        f"periods = {_call('periods', orders, choice.periods)}",
        *_only("periods", choice),
    ]
    return "\n".join(lines)


def customers_cell(choice: Choice, orders: str, cohort: str, age: int | None) -> str:
    """The cell that makes the table of all customers of a cohort or cell."""
    call = _call("cohort_customers", orders, choice.customers(cohort, age))
    return f"from retention_kit import summarise\n\ncustomers = {call}"


def _only(table: str, choice: Choice) -> list[str]:
    """The line that keeps the rows of the value, if one is chosen; what comes from data is a literal."""
    if choice.by is None:
        return []
    return [f"{table} = {table}[{table}[{choice.by!r}] == {choice.value!r}].reset_index(drop=True)"]


def _call(function: str, orders: str, arguments: Mapping[str, Any]) -> str:
    named = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"summarise.{function}({orders}, {named})"
