"""``[[targets]]`` of report.toml: the value that a number is to reach by a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from retention_kit.metrics.catalogue import CATALOGUE
from retention_kit.report.settings import value_types

DIRECTIONS: Final = {"at_least": "at least", "at_most": "at most"}
_USUAL: Final = {"up": "at_least", "down": "at_most"}
_PLAIN: Final = {
    "at_least": ("revenue", "orders", "customers", "new_customers", "active_customers", "customers_alive",
                 "amount_total", "value_expected", "lifetime_value_total", "lifetime_value_mean", "stayed_in_segment"),
    "at_most": ("value_at_risk", "overdue_customers", "one_time_buyers", "fallers", "rows_refused", "rows_odd"),
}  # fmt: skip
"""Numbers of the pages that are not in the catalogue of metrics, by the direction of their targets."""
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

    `start` is the value from which progress is measured; without it progress is measured from zero.
    """

    metric: str
    value: float
    direction: str
    page: str | None = None
    start: float | None = None
    owner: str = ""
    due: date | None = None


def faults(items: Any) -> list[str]:
    """All faults of the targets of a configuration.

    Examples
    --------
    >>> faults([{"metric": "nps", "value": 30}, {"metric": "nps", "value": True}])
    ['targets 2: value must be a number, got True']
    """
    return value_types.list_faults("targets", items, _faults)


def _faults(item: Mapping[str, Any]) -> list[str]:
    messages = value_types.item_faults(item, _KEYS, needed=("metric", "value"))
    if messages:
        return messages
    messages = [
        f"{k} must be a finite number" for k in ("value", "start") if not abs(item.get(k, 0)) < value_types.LARGEST
    ]
    direction = _direction(item)
    if direction not in DIRECTIONS:
        reason = "its good direction is not known" if direction is None else f"got {direction!r}"
        messages.append(
            f'direction of {item["metric"]} must be at_least or at_most ({reason}), as in direction = "at_least"'
        )
    elif "start" in item and reached(item["start"], item["value"], direction):
        messages.append(f"start {item['start']} is already {DIRECTIONS[direction]} {item['value']}")
    if "due" in item and _day(item["due"]) is None:
        messages.append(f"due must be a date such as 2026-12-31, got {item['due']!r}")
    return messages


def read(items: Sequence[Mapping[str, Any]]) -> tuple[Target, ...]:
    """Targets from a configuration without faults."""
    return tuple(
        Target(**{**item, "direction": _direction(item), "due": _day(item["due"]) if "due" in item else None})
        for item in items
    )


def _direction(item: Mapping[str, Any]) -> Any:
    """The given direction, otherwise the direction of a metric in the catalogue or of a number of a page."""
    name = item["metric"]
    metric = CATALOGUE.get(name) or CATALOGUE.get(name.removeprefix("subscriptions_"))
    plain = next((way for way, names in _PLAIN.items() if name in names), None)
    return item.get("direction", _USUAL.get(metric.direction) if metric else plain)


def _day(written: Any) -> date | None:
    if isinstance(written, date):
        return None if isinstance(written, datetime) else written
    try:
        return date.fromisoformat(written) if len(written) == len("2026-12-31") else None
    except ValueError:
        return None


def reached(value: float, aim: float, direction: str) -> bool:
    """Whether a value has reached its target."""
    return value >= aim if direction == "at_least" else value <= aim
