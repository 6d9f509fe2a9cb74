"""Rules for counting subscriptions, with a field for each difference between vendors."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

from retention_kit.errors import ConfigError, join_faults

_CHOICES: Final = {
    "trials": ("leave_out", "count"),
    "pauses": ("lost", "kept"),
    "free": ("lost", "kept"),
    "several": ("add", "last"),
    "changes": ("net", "each"),
}


@dataclass(frozen=True)
class SubscriptionRules:
    """Rules for counting subscriptions where there is more than one way.

    Parameters
    ----------
    trials : {"leave_out", "count"}
        A stretch counts from the end of its free trial, or from its start. A trial that nobody paid for after it
        never counts by the first rule. The time before a trial that began later (trial_started_at) is paid time.
    pauses : {"lost", "kept"}
        A paused subscription (a stretch with the status "paused" has ended) is churn, and its end a reactivation;
        or it keeps counting at its price until it resumes.
    free : {"lost", "kept"}
        A customer who moves to a plan at price 0 is lost, or stays with an MRR of 0. Free plans of people who never
        paid do not count.
    several : {"add", "last"}
        Subscriptions that a customer has at once add up; or a customer has one at a time, so that a later start ends
        the earlier one: customers who cancel and come back before the paid time is over are then neither lost nor
        counted twice.
    changes : {"net", "each"}
        MRR movements compare the two ends of a period, one movement per customer; or every change inside it counts at
        its moment, so that up 10 and down 10 is 10 of expansion and 10 of contraction. Customers are always
        compared at the two ends.
    ends : str
        The column that says when a stretch stops counting: "ended_at", the end of the paid time, or a column of the
        source that holds the request to cancel. Where it is empty, or later than the end, the end counts.

    Raises
    ------
    ConfigError
        When a rule is not known.

    Notes
    -----
    The default is the textbook: only paid time counts, to its end, and each customer moves once per period.

    Examples
    --------
    >>> SubscriptionRules(pauses="kept").pauses
    'kept'
    """

    trials: str = "leave_out"
    pauses: str = "lost"
    free: str = "lost"
    several: str = "add"
    changes: str = "net"
    ends: str = "ended_at"

    def __post_init__(self) -> None:
        wrong = [name for name, choices in _CHOICES.items() if getattr(self, name) not in choices]
        faults = [f"{name} is one of {', '.join(_CHOICES[name])}; got {getattr(self, name)!r}" for name in wrong]
        if not isinstance(self.ends, str):
            faults.append(f"ends is the name of a column; got {self.ends!r}")
        if faults:
            raise ConfigError(join_faults(faults))

    @classmethod
    def of(cls, vendor: str) -> SubscriptionRules:
        """Rules that approximate those that a vendor publishes.

        Parameters
        ----------
        vendor : {"textbook", "chartmogul", "profitwell", "stripe"}
            Vendor whose figures are to be approximated.

        Returns
        -------
        SubscriptionRules
            Its rules; `VENDOR_RULES` says where they are published.

        Raises
        ------
        ConfigError
            When there are no rules of that name.

        Examples
        --------
        >>> SubscriptionRules.of("chartmogul").differences
        {'free': 'kept', 'changes': 'each'}
        """
        if vendor not in VENDOR_RULES:
            raise ConfigError(f"there are rules of {', '.join(VENDOR_RULES)}; got {vendor!r}")
        return VENDOR_RULES[vendor]

    @property
    def differences(self) -> dict[str, str]:
        """The rules that differ from the default.

        Returns
        -------
        dict
            Rule to choice.

        Examples
        --------
        >>> SubscriptionRules(trials="count").differences
        {'trials': 'count'}
        """
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}


VENDOR_RULES: Final = MappingProxyType(
    {
        "textbook": SubscriptionRules(),
        "chartmogul": SubscriptionRules(free="kept", changes="each"),
        "profitwell": SubscriptionRules(),
        "stripe": SubscriptionRules(ends="canceled_at", pauses="kept"),
    }
)
"""Rules that approximate those that vendors publish, where they do.

- chartmogul: every change is a separate movement; customers on a free plan stay active (its default); churn when
  the subscription ends. Pauses depend on the billing system: churn with Recurly, counted on with Stripe and
  Chargebee. Sources: ChartMogul help, "MRR movements", "Configuring Subscription Analytics settings", "Handling
  paused subscriptions".
- profitwell: churn at the end of the paid time. Source: ProfitWell Metrics help, "Churn".
- stripe: MRR ends with the request to cancel, not with the end of the paid time, so the source needs the column
  canceled_at; a pause of payment collection leaves the subscription active. Sources: Stripe support, "Impact of
  subscription cancellations on MRR", "How to pause payment collection or cancel subscriptions".
"""
