"""Alerts: conditions on a month's numbers, tripped by the whole interval unless the point is asked for."""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from retention_kit import formats
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers.measures import RELATIVE, Change, Measure, change, named, points
from retention_kit.report.settings import value_types

__all__ = ["NAME", "Alert", "Checked", "again", "check", "faults", "read", "write"]

NAME: Final = "alerts.json"
SIGNS: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_WORDS: Final = {
    "<": gettext_noop("below %(limit)s"),
    "<=": gettext_noop("at or below %(limit)s"),
    ">": gettext_noop("above %(limit)s"),
    ">=": gettext_noop("at or above %(limit)s"),
}
_CONDITION: Final = re.compile(r" *(change)? *(<=|>=|<|>) *(-?[0-9]{1,15}(?:\.[0-9]{1,15})?) *")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_KEYS: Final[dict[str, tuple[type, ...]]] = {
    "metric": (str,),
    "condition": (str,),
    "page": (str,),
    "by": (str,),
    "on": (str,),
    "mail": (list, tuple),
    "webhook": (str,),
    "send": (bool,),
}


@dataclass(frozen=True)
class Alert:
    """One ``[[alerts]]`` of report.toml.

    `mail` are addresses for which a draft is written, `webhook` names the environment variable with a URL, which
    is only posted to where `send` is true.
    """

    metric: str
    condition: str
    page: str | None = None
    by: str = ""
    on: str = "interval"
    mail: tuple[str, ...] = ()
    webhook: str = ""
    send: bool = False

    @property
    def parts(self) -> tuple[bool, str, float]:
        """Whether it is about the change, the sign, and the limit."""
        about, sign, limit = _CONDITION.fullmatch(self.condition).groups()
        return about is not None, sign, float(limit)


@dataclass(frozen=True)
class Checked:
    """What came of an alert in the whole or in a segment; value, low and high are those of the condition."""

    metric: str
    label: str
    page: str
    condition: str
    on: str
    segment: str | None
    unit: str
    value: float | None
    low: float | None
    high: float | None
    state: str
    tripped: bool
    reason: str


def faults(items: Any) -> list[str]:
    """Everything that is wrong with the alerts of a configuration.

    Examples
    --------
    >>> faults([{"metric": "churn_rate", "condition": "over 0.2"}])
    ["alerts 1: condition must be like '< 0.2', '>= 100' or 'change < -0.05', got 'over 0.2'"]
    """
    items = items if isinstance(items, (list, tuple)) else []
    return [
        f"alerts {number}: {fault}"
        for number, item in enumerate(items, start=1)
        if isinstance(item, Mapping)
        for fault in _faults(item)
    ]


def _faults(item: Mapping[str, Any]) -> list[str]:
    if found := value_types.item_faults(item, _KEYS, needed=("metric", "condition")):
        return found
    if not _CONDITION.fullmatch(item["condition"]):
        wanted = "'< 0.2', '>= 100' or 'change < -0.05'"
        found.append(f"condition must be like {wanted}, got {item['condition']!r}")
    if item.get("by", "segment") != "segment":
        found.append(f"by can only be 'segment', got {item['by']!r}")
    if item.get("on", "point") not in ("interval", "point"):
        found.append(f"on must be 'interval' or 'point', got {item['on']!r}")
    wrong = [who for who in item.get("mail", ()) if not (isinstance(who, str) and _ADDRESS.fullmatch(who))]
    found += [f"mail must be a list of addresses, got {who!r}" for who in wrong]
    if not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", item.get("webhook", "env:URL")):
        found.append("webhook must be env:NAME, with its URL in that environment variable, so that no file holds it")
    if item.get("send") and "webhook" not in item:
        found.append("send = true needs a webhook; a mail is only written, never sent")
    return found


def read(items: Sequence[Mapping[str, Any]]) -> tuple[Alert, ...]:
    """Alerts from a configuration without faults."""
    return tuple(Alert(**{**item, "mail": tuple(item.get("mail", ()))}) for item in items)


def check(
    alert: Alert, numbers: Sequence[Measure], segment: str | None = None, language: Language = ENGLISH
) -> Checked:
    """Whether an alert trips on the numbers of a month.

    Parameters
    ----------
    alert : Alert
        On "interval" it trips where every value in the 95 % interval satisfies the condition; the point decides where
        there is no interval.
    numbers : sequence of Measure
        Those of the whole, or of one segment.
    segment : str, optional
        Which one.
    language : Language
        That of the reason.

    Returns
    -------
    Checked
        Also where the number is not there: then with the reason.

    Examples
    --------
    >>> made = check(Alert("orders", "> 100"), [Measure("orders", "Orders", "count", 120.0)])
    >>> made.tripped, made.reason
    (True, 'Orders is 120: above 100.')
    """
    number = named(numbers, alert.metric, alert.page, language)
    if isinstance(number, str):
        return _unknown(alert, segment, number)
    about_change, sign, limit = alert.parts
    made = change(number) if about_change else number
    if math.isnan(made.value):
        reason = gettext_noop("%(label)s has no earlier value that it could have changed from.")
        text = f"{language.gettext(reason, label=number.label)} {number.note}".rstrip()
        return _unknown(alert, segment, text, number)
    whole = all(SIGNS[sign](bound, limit) for bound in _bounds(made))
    tripped = SIGNS[sign](made.value, limit) and (whole or alert.on == "point")
    known = [_plain(x) for x in (made.value, made.low, made.high)]
    reason = _reason(alert, number, made, tripped, language)
    return _checked(
        alert, segment, number, known, gettext_noop("tripped") if tripped else gettext_noop("quiet"), reason
    )


def again(alert: Alert, tripped: Checked, language: Language) -> Checked:
    """An alert that tripped, as alerts.json has it, told in another language."""
    value, low, high = (math.nan if x is None else x for x in (tripped.value, tripped.low, tripped.high))
    label = language.metric(tripped.metric, tripped.label)
    number = Measure(tripped.metric, label, tripped.unit, value, low, high)
    made = Change(value, low, high, math.nan) if alert.parts[0] else number
    return replace(tripped, label=label, reason=_reason(alert, number, made, True, language))


def _bounds(made: Measure | Change) -> list[float]:
    return [made.low, made.high] if made.low <= made.high else []


def _reason(alert: Alert, number: Measure, made: Measure | Change, tripped: bool, language: Language) -> str:
    """What the number is or how it changed, and how that lies to the limit."""
    about_change, sign, limit = alert.parts
    if isinstance(made, Change):
        told = _changed(number, made, language)
    else:
        told = language.gettext("%(label)s is %(value)s", label=number.label, value=number.said(language))
    compared = language.gettext(_WORDS[sign], limit=_limit(limit, number.unit, about_change, language))
    by_interval = alert.on == "interval" and bool(_bounds(made))
    verdict = _verdict(tripped, SIGNS[sign](made.value, limit), by_interval)
    return language.gettext("%(told)s: %(verdict)s.", told=told, verdict=language.gettext(verdict, compared=compared))


def _changed(number: Measure, made: Change, language: Language) -> str:
    """The change on last month with its interval."""
    by = {"label": number.label, "by": points(made.value, number.unit, language)}
    if made.value == 0:
        told = language.gettext("%(label)s changed by %(by)s on last month", **by)
    elif made.value > 0:
        told = language.gettext("%(label)s rose by %(by)s on last month", **by)
    else:
        told = language.gettext("%(label)s fell by %(by)s on last month", **by)
    if not made.low <= made.high:
        return told
    low, high = ("\u2212" * (bound < 0) + points(bound, number.unit, language) for bound in (made.low, made.high))
    interval = language.gettext("%(low)s to %(high)s", low=low, high=high)
    return language.gettext("%(told)s (95\u00a0%% interval of the change %(interval)s)", told=told, interval=interval)


def _verdict(tripped: bool, point: bool, by_interval: bool) -> str:
    if tripped:
        return gettext_noop("all of the interval is %(compared)s") if by_interval else "%(compared)s"
    return gettext_noop("not all of the interval is %(compared)s") if point else gettext_noop("not %(compared)s")


def _limit(x: float, unit: str, of_change: bool, language: Language) -> str:
    """A bound as precise as it was given (15 digits); a change of money is relative, of a rate in points."""
    share = unit == "rate" or (of_change and unit in RELATIVE)
    text = formats.significant(100 * x if share else x, 15)
    if unit == "rate" and of_change:
        return language.gettext("%(number)s\u00a0points", number=language.numerals(text))
    return language.numerals(f"{text}\u00a0%" if share else text)


def _unknown(alert: Alert, segment: str | None, reason: str, number: Measure | None = None) -> Checked:
    number = number or Measure(alert.metric, alert.metric, "number", math.nan)
    return _checked(alert, segment, number, [None] * 3, gettext_noop("not checked"), reason)


def _checked(
    alert: Alert, segment: str | None, number: Measure, known: list[float | None], state: str, reason: str
) -> Checked:
    about = (alert.metric, number.label, number.page, alert.condition, alert.on, segment, number.unit)
    return Checked(*about, *known, state, state == "tripped", reason)


def _plain(x: float) -> float | None:
    return None if math.isnan(x) else float(f"{x:.9g}")


def write(folder: Path, checked: Sequence[Checked]) -> None:
    """Write alerts.json: the same bytes for the same numbers."""
    text = json.dumps({"alerts": [asdict(one) for one in checked]}, indent=2, allow_nan=False)
    (folder / NAME).write_text(text + "\n", encoding="ascii")
