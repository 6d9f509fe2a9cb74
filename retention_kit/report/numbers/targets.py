"""Targets: where a number is to be by when, and how far it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from retention_kit import formats
from retention_kit.metrics.catalogue import CATALOGUE
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.numbers.measures import Measure, named
from retention_kit.report.settings import value_types

__all__ = ["Measured", "Target", "faults", "measured", "progress", "read"]

DIRECTIONS: Final = {"at_least": "at least", "at_most": "at most"}
_AIMS: Final = {"at_least": gettext_noop("at least %(limit)s"), "at_most": gettext_noop("at most %(limit)s")}
_USUAL: Final = {"up": "at_least", "down": "at_most"}
_PLAIN: Final = {
    "at_least": ("revenue", "orders", "customers", "new_customers", "active_customers", "customers_alive",
                 "amount_total", "value_expected", "lifetime_value_total", "lifetime_value_mean", "stayed_in_segment"),
    "at_most": ("value_at_risk", "overdue_customers", "one_time_buyers", "fallers", "rows_refused", "rows_odd"),
}  # fmt: skip
"""Numbers of the pages that are no metric of the catalogue, by the way that is good for them."""
_KEYS: Final[dict[str, tuple[type, ...]]] = {
    "metric": (str,),
    "value": (int, float),
    "page": (str,),
    "direction": (str,),
    "start": (int, float),
    "owner": (str,),
    "due": (str, date),
}


@dataclass(frozen=True)
class Target:
    """One ``[[targets]]`` of report.toml.

    `start` is the value from which the way to the target is measured; without it the way begins at zero.
    """

    metric: str
    value: float
    direction: str
    page: str | None = None
    start: float | None = None
    owner: str = ""
    due: date | None = None


@dataclass(frozen=True)
class Measured:
    """A target beside the number of this month, ready to be shown."""

    label: str
    page: str
    aim: str
    now: str
    progress: float
    """From 0 to 1; NaN where the number is not known."""
    state: str
    owner: str
    due: str

    @property
    def percent(self) -> int:
        """Progress for people: 100 only where the whole way is done."""
        return 0 if math.isnan(self.progress) else math.floor(100 * self.progress + 1e-9)


def faults(items: Any) -> list[str]:
    """Everything that is wrong with the targets of a configuration.

    Examples
    --------
    >>> faults([{"metric": "nps", "value": 30}, {"metric": "nps", "value": True}])
    ['targets 2: value must be a number, got True']
    """
    items = items if isinstance(items, (list, tuple)) else []
    return [
        f"targets {number}: {fault}"
        for number, item in enumerate(items, start=1)
        if isinstance(item, Mapping)
        for fault in _faults(item)
    ]


def _faults(item: Mapping[str, Any]) -> list[str]:
    found = value_types.item_faults(item, _KEYS, needed=("metric", "value"))
    if found:
        return found
    found = [
        f"{k} must be a finite number" for k in ("value", "start") if not abs(item.get(k, 0)) < value_types.LARGEST
    ]
    direction = _direction(item)
    if direction not in DIRECTIONS:
        known = "it is not known which way is good for it" if direction is None else f"got {direction!r}"
        found.append(
            f'direction of {item["metric"]} must be at_least or at_most ({known}), as in direction = "at_least"'
        )
    elif "start" in item and _reached(item["start"], item["value"], direction):
        found.append(f"start {item['start']} is already {DIRECTIONS[direction]} {item['value']}")
    if "due" in item and _day(item["due"]) is None:
        found.append(f"due must be a date such as 2026-12-31, got {item['due']!r}")
    return found


def read(items: Sequence[Mapping[str, Any]]) -> tuple[Target, ...]:
    """Targets from a configuration without faults."""
    return tuple(
        Target(**{**item, "direction": _direction(item), "due": _day(item["due"]) if "due" in item else None})
        for item in items
    )


def _direction(item: Mapping[str, Any]) -> Any:
    """What was said, else the way that is good for a metric of the catalogue or a plain number of a page."""
    name = item["metric"]
    known = CATALOGUE.get(name) or CATALOGUE.get(name.removeprefix("subscriptions_"))
    plain = next((way for way, names in _PLAIN.items() if name in names), None)
    return item.get("direction", _USUAL.get(known.direction) if known else plain)


def _day(told: Any) -> date | None:
    if isinstance(told, date):
        return None if isinstance(told, datetime) else told
    try:
        return date.fromisoformat(told) if len(told) == len("2026-12-31") else None
    except ValueError:
        return None


def measured(
    targets: Sequence[Target], numbers: Sequence[Measure], as_of: date, language: Language = ENGLISH
) -> tuple[Measured, ...]:
    """Each target beside its number."""
    found = (named(numbers, target.metric, target.page, language) for target in targets)
    return tuple(_measured(target, number, as_of, language) for target, number in zip(targets, found, strict=True))


def _measured(target: Target, number: Measure | str, as_of: date, language: Language) -> Measured:
    known = isinstance(number, Measure)
    unit = number.unit if known else "number"
    plain = formats.number(target.value, 6, zeros=False)
    limit = notebook_numbers.written(target.value, unit, language) if known else language.numerals(plain)
    return Measured(
        label=number.label if known else target.metric,
        page=number.page if known else "",
        aim=language.gettext(_AIMS[target.direction], limit=limit),
        now=number.said(language) if known else number,
        progress=progress(number.value, target) if known else math.nan,
        state=_state(number, target) if known else gettext_noop("not known"),
        owner=target.owner,
        due=_due(target.due, as_of, language),
    )


def progress(value: float, target: Target) -> float:
    """Share of the way to the target, 0 to 1.

    Parameters
    ----------
    value : float
        The number of this month.
    target : Target
        With `start`, the way begins there. Without it, the share is the smaller of value and target over the larger;
        0 where they lie on different sides of zero.

    Returns
    -------
    float

    Examples
    --------
    >>> progress(0.2, Target("churn_rate", 0.1, "at_most"))
    0.5
    >>> progress(0.25, Target("churn_rate", 0.0, "at_most", start=0.5))
    0.5
    >>> progress(-20, Target("nps", 30, "at_least"))
    0.0
    """
    if math.isnan(value):
        return math.nan
    if _reached(value, target.value, target.direction):
        return 1.0
    if target.start is not None:
        return min(max((value - target.start) / (target.value - target.start), 0.0), 1.0)
    if value * target.value <= 0:
        return 0.0
    small, large = sorted((abs(value), abs(target.value)))
    return small / large


def _reached(value: float, aim: float, direction: str) -> bool:
    return value >= aim if direction == "at_least" else value <= aim


def _state(number: Measure, target: Target) -> str:
    """Met, not met, or which of the two cannot be told: the interval reaches over the target."""
    bounds = (number.low, number.high) if number.has_interval else (number.value,)
    reached = {_reached(bound, target.value, target.direction) for bound in bounds}
    if len(reached) > 1:
        return gettext_noop("cannot be told")
    return gettext_noop("met") if reached.pop() else gettext_noop("not met")


def _due(due: date | None, as_of: date, language: Language) -> str:
    if due is None:
        return ""
    days, when = (due - as_of).days, language.day(due)
    if days < 0:
        return language.ngettext("%(when)s, %(n)s day ago", "%(when)s, %(n)s days ago", -days, when=when)
    if days == 0:
        return language.gettext("%(when)s, the last day of this report", when=when)
    return language.ngettext("%(when)s, in %(n)s day", "%(when)s, in %(n)s days", days, when=when)
