"""The change of sales as customers × orders per customer × value per order: parts that add up to it exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FACTORS: Final = ("customers", "orders per customer", "value per order")
_SUMS: Final = ("customers", "orders", "sales")


@dataclass(frozen=True)
class Part:
    """A part of a change: its size, its gradient by (periods back, figure), and how much of it is only more days."""

    change: float
    weights: Mapping[tuple[int, str], float]
    by_days: float = 0.0


def log_mean(a: float, b: float) -> tuple[float, float, float]:
    """The logarithmic mean of two positive numbers, and its derivatives by each.

    Examples
    --------
    >>> [round(x, 4) for x in log_mean(4.0, 4.0)], round(log_mean(4.0, 2.0)[0] * math.log(4.0 / 2.0), 12)
    ([4.0, 0.5, 0.5], 2.0)
    """
    r = math.log(a / b)
    if abs(r) < 1e-4:  # a difference of nearly equal numbers has no digits left
        return b * (1 + r / 2 + r * r / 6), 0.5 - r / 6, 0.5 + r / 6
    return (a - b) / r, (r - (a - b) / a) / r**2, ((a - b) / b - r) / r**2


def factor_parts(
    now: Mapping[str, float], before: Mapping[str, float], back: int, longer: float = 1.0
) -> dict[str, Part]:
    r"""The parts of a change of sales, by factor.

    Parameters
    ----------
    now, before : mapping
        The sums customers, orders and sales of the two periods.
    back : int
        Number of periods from the earlier one to the last.
    longer : float
        Orders to be expected from the days of the last period, over those of the earlier one.

    Returns
    -------
    dict of Part
        By factor: customers, orders per customer, value per order.

    Notes
    -----
    .. math:: \Delta S = \sum_x L(S_1, S_0) \ln\frac{x_1}{x_0}, \qquad L(a, b) = \frac{a - b}{\ln a - \ln b}

    for the factors x of :math:`S = C \cdot \frac{O}{C} \cdot \frac{S}{O}`: the logarithmic mean Divisia index of Ang
    (2005), Energy Policy 33, 867-871. No residue, and the same parts with their signs turned if the periods change
    places. From or to zero the limit counts: nothing but customers explains sales that did not exist, and nothing but
    value per order those of customers who paid nothing.

    Examples
    --------
    >>> january, february = (dict(customers=2, orders=2, sales=40.0), dict(customers=3, orders=6, sales=120.0))
    >>> {name: round(part.change, 2) for name, part in factor_parts(february, january, back=1).items()}
    {'customers': 29.53, 'orders per customer': 50.47, 'value per order': 0.0}
    """
    if not all(sums[name] > 0 for sums in (now, before) for name in _SUMS):
        return _from_zero(now, before, back)
    mean, by_now, by_before = log_mean(now["sales"], before["sales"])
    logs = {name: math.log(now[name] / before[name]) for name in _SUMS}
    often = before["orders"] / before["customers"]
    days = {"customers": math.log(longer), "orders": math.log(longer * (1 + (often - 1) * longer) / often)}
    parts = {}
    for factor, top, bottom in zip(FACTORS, _SUMS, (None, "customers", "orders"), strict=True):
        ratio = logs[top] - (logs[bottom] if bottom else 0.0)
        expected = days.get(top, days["orders"]) - (days[bottom] if bottom else 0.0)
        weights = {(0, "sales"): by_now * ratio, (back, "sales"): by_before * ratio}
        for name, sign in ((top, 1.0), (bottom, -1.0)):
            if name:
                weights[(0, name)] = weights.get((0, name), 0.0) + sign * mean / now[name]
                weights[(back, name)] = weights.get((back, name), 0.0) - sign * mean / before[name]
        parts[factor] = Part(mean * ratio, weights, mean * expected)
    return parts


def _from_zero(now: Mapping[str, float], before: Mapping[str, float], back: int) -> dict[str, Part]:
    """All of the change is of the first factor that is zero in one of the periods."""
    of_value = all(sums[name] > 0 for sums in (now, before) for name in ("customers", "orders"))
    cause = "value per order" if of_value else "customers"
    whole = Part(now["sales"] - before["sales"], {(0, "sales"): 1.0, (back, "sales"): -1.0})
    return {factor: whole if factor == cause else Part(0.0, {}) for factor in FACTORS}
