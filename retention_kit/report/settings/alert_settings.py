"""``[[alerts]]`` of report.toml: conditions on a month's numbers, and who is notified."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from retention_kit.errors import ConfigError
from retention_kit.report.settings import value_types

_CONDITION: Final = re.compile(r" *(change)? *(<=|>=|<|>) *(-?[0-9]{1,15}(?:\.[0-9]{1,15})?) *")
# "change" is optional; 15 digits are as many as a float holds exactly.
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
# A plain e-mail address without comments, quotes or line ends, which could begin a header of the mail.
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

    `mail` has the addresses for which a draft is written, `webhook` names the environment variable with a URL; alerts
    are posted to it only if `send` is true.
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
        """Whether the condition compares the change, its sign, and its limit."""
        match = _CONDITION.fullmatch(self.condition)
        if match is None:
            raise ConfigError(f"condition must be like '< 0.2' or 'change < -0.05', got {self.condition!r}")
        change, sign, limit = match.groups()
        return change is not None, sign, float(limit)


def faults(items: Any) -> list[str]:
    """All faults of the alerts of a configuration.

    Examples
    --------
    >>> faults([{"metric": "churn_rate", "condition": "over 0.2"}])
    ["alerts 1: condition must be like '< 0.2', '>= 100' or 'change < -0.05', got 'over 0.2'"]
    """
    return value_types.list_faults("alerts", items, _faults)


def _faults(item: Mapping[str, Any]) -> list[str]:
    if messages := value_types.item_faults(item, _KEYS, needed=("metric", "condition")):
        return messages
    if not _CONDITION.fullmatch(item["condition"]):
        examples = "'< 0.2', '>= 100' or 'change < -0.05'"
        messages.append(f"condition must be like {examples}, got {item['condition']!r}")
    if item.get("by", "segment") != "segment":
        messages.append(f"by can only be 'segment', got {item['by']!r}")
    if item.get("on", "point") not in ("interval", "point"):
        messages.append(f"on must be 'interval' or 'point', got {item['on']!r}")
    wrong = [who for who in item.get("mail", ()) if not (isinstance(who, str) and _ADDRESS.fullmatch(who))]
    messages += [f"mail must be a list of addresses, got {who!r}" for who in wrong]
    if not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", item.get("webhook", "env:URL")):
        messages.append("webhook must be env:NAME, with its URL in that environment variable, so that no file holds it")
    if item.get("send") and "webhook" not in item:
        messages.append("send = true needs a webhook; a mail is only written, never sent")
    return messages


def read(items: Sequence[Mapping[str, Any]]) -> tuple[Alert, ...]:
    """Alerts from a configuration without faults."""
    return tuple(Alert(**{**item, "mail": tuple(item.get("mail", ()))}) for item in items)
