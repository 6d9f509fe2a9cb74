"""Everything that is computed for a month once its notebooks have run; no file or page is written here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from retention_kit import embedded_tables
from retention_kit.report.actions import action_lists, customer_lists, shown_customers, uplift
from retention_kit.report.actions.action_lists import ActionList, HandedOut
from retention_kit.report.actions.customer_lists import CustomerList
from retention_kit.report.actions.month_customers import Customers
from retention_kit.report.actions.shown_customers import ShownCustomer
from retention_kit.report.execution.execute import Executed
from retention_kit.report.notebooks.splitting import Part
from retention_kit.report.numbers import alerts, changed_numbers, earlier_months, largest_changes, measures, targets
from retention_kit.report.numbers.measures import Measure
from retention_kit.report.numbers.verdicts import AGAINST, Verdicts, causes_of, verdicts
from retention_kit.report.settings import alert_settings, target_settings
from retention_kit.report.settings.config import Config

if TYPE_CHECKING:
    from retention_kit.models.checks.value_model import ValueModel


@dataclass(frozen=True)
class Previous:
    """What earlier reports say about all customers or about a segment: the numbers of the month's last run, the table
    of months in the last earlier report with the month of that report, and the action lists of the month before."""

    numbers: changed_numbers.Numbers | None = None
    months: pd.DataFrame | None = None
    said: str = ""
    lists: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class PartResult:
    """The computed results for all customers or for a segment."""

    part: Part
    executed: tuple[Executed, ...]
    measures: tuple[Measure, ...]
    targets: tuple[targets.Measured, ...]
    alerts: tuple[alerts.Checked, ...]
    verdicts: Verdicts
    largest_changes: tuple[largest_changes.Moved, ...]
    changed: pd.DataFrame | None
    """Numbers that differ from the last run of this month."""
    months: pd.DataFrame
    """The basic numbers of every month so far."""
    earlier: earlier_months.Compared
    lists: tuple[HandedOut, ...]
    uplift: pd.DataFrame | None
    customers: tuple[CustomerList, ...] = ()
    """The customers behind its segments, cohorts, overdue customers and action lists."""
    shown: Mapping[str, ShownCustomer] = field(default_factory=dict)
    """Customers with a page of their own, by the id that is shown; only the part for all customers has such pages."""
    currency: str = ""
    """Currency of the orders, if it is known."""

    @property
    def folder(self) -> str:
        """Its folder inside the folder of the month; empty for all customers."""
        return self.part.folder

    @property
    def unlisted(self) -> int:
        """Number of customers, where they are too many for lists of all of them; 0 otherwise."""
        return max((embedded_tables.unlisted(result.node) for result in self.executed), default=0)

    @property
    def has_customers(self) -> bool:
        """Whether there is a page of lists, or one that says why there are none."""
        return bool(self.customers or self.unlisted)

    @property
    def finished(self) -> tuple[Executed, ...]:
        """Notebooks that ran to their end."""
        return tuple(result for result in self.executed if result.failure is None)


@dataclass(frozen=True)
class MonthResult:
    """The computed results of a month: all customers first, then the segments."""

    month: str
    parts: tuple[PartResult, ...]
    value_model: ValueModel | None = None
    """The value model of the month, if a page used it."""

    @property
    def whole(self) -> PartResult:
        """The part for all customers."""
        return self.parts[0]

    @property
    def tripped(self) -> tuple[tuple[str, alerts.Checked], ...]:
        """Alerts that tripped, each with the folder of its part, those for all customers first."""
        return tuple((part.folder, checked) for part in self.parts for checked in part.alerts if checked.tripped)


def compute(
    month: str,
    parts: Sequence[Part],
    executed: Mapping[str, Sequence[Executed]],
    *,
    config: Config,
    previous: Mapping[str, Previous],
    lists: Sequence[ActionList],
    customers: Mapping[str, Customers],
    value_model: ValueModel | None,
) -> MonthResult:
    """Compute a month from its executed notebooks and its data.

    `executed`, `previous` (results of earlier reports) and `customers` are by folder of the part; parts without orders
    have no customers.
    """
    results = [
        _part(month, part, executed[part.folder], config, previous[part.folder], lists, customers.get(part.folder))
        for part in parts
    ]
    return MonthResult(month, tuple(results), value_model)


def _part(
    month: str,
    part: Part,
    executed: Sequence[Executed],
    config: Config,
    previous: Previous,
    lists: Sequence[ActionList],
    customers: Customers | None,
) -> PartResult:
    segment, workspace = part.plan.segment, part.data.folder
    finished = [result for result in executed if result.failure is None]
    numbers = measures.find((r.notebook.name, r.notebook.title, r.node) for r in finished)
    aims = target_settings.read(config.targets) if segment is None else ()
    months = earlier_months.monthly_figures(part.data.last_counted(month), workspace)
    judged = verdicts(numbers, causes_of(result.node for result in finished))
    handed_out = action_lists.handed_out(lists, config=config, segment=segment.value if segment else None)
    listed = customer_lists.make(customers, handed_out, config) if customers else ()
    return PartResult(
        part=part,
        executed=tuple(executed),
        measures=numbers,
        targets=targets.measured(aims, numbers, part.data.last_counted(month)),
        alerts=tuple(_checked(config, part, numbers)),
        verdicts=judged,
        largest_changes=tuple(largest_changes.moved(numbers, against, judged) for against in AGAINST)
        if numbers
        else (),
        changed=changed_numbers.compare(previous.numbers, executed),
        months=months,
        earlier=earlier_months.compare(months, previous.months, previous.said),
        lists=handed_out,
        uplift=uplift.compare(previous.lists, month, config=config, workspace=workspace),
        currency=str(customers.orders.currency or "") if customers else "",
        customers=listed,
        shown=shown_customers.make(customers, listed, config, workspace) if customers and segment is None else {},
    )


def _checked(config: Config, part: Part, numbers: Sequence[Measure]) -> Iterator[alerts.Checked]:
    """The alerts for all customers, or for a segment those that are defined by segment."""
    segment = part.plan.segment
    name = f"{segment.dimension} = {segment.value}" if segment else None
    for alert in alert_settings.read(config.alerts):
        if segment is None or alert.by == "segment":
            yield alerts.check(alert, numbers, name)
