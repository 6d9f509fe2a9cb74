"""Customers who bought before the log begins: they look new in its first days, and are not.

Their first purchases in the log fill its first month. Fitted as newcomers they make the model expect too much: their
frequent buying is taken for that of new customers, and their leaving is seen late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retention_kit.models.numerics.arrays import Array

EARLY_DAYS = 91
"""Who first bought in these days of the log is left out of the fit (1 to 4 months gave the same in the trial on Online
Retail II)."""
_MONTH = 30
_EXCESS, _UNSURE_EXCESS = 2.0, 1.5
"""The first 30 days have so many times the newcomers of a median later month: 955 against 191 to 357 on Online Retail
II; a shop that grows evenly has less than one."""
_LATER, _UNSURE_LATER = 300, 100
"""So many customers must be left to fit on."""
_LATER_SHARE, _UNSURE_SHARE = 0.25, 0.10
"""And so large a share of all: where less joined later (5 to 8 % on completejourney, a panel), those are other
customers, and a fit on them alone was several times worse."""


@dataclass(frozen=True)
class EarlyCustomers:
    """Whether customers of before the log are in it, as far as it was known on a day.

    Attributes
    ----------
    verdict : {"no", "unsure", "yes"}
        "yes": they are left out of the fit; "unsure": fits with and without them compete.
    first_month : float
        Newcomers of the first 30 days.
    usual_month : float
        Median newcomers of the later spans of 30 days; NaN if there is none.
    later : float
        Customers who came after the first 91 days.
    share : float
        Their share of all.
    """

    verdict: str
    first_month: float
    usual_month: float
    later: float
    share: float

    @property
    def sentence(self) -> str:
        """What it means for the forecast; empty if it means nothing."""
        if self.verdict == "no":
            return ""
        seen = (
            f"In the first {_MONTH} days of the log {self.first_month:,.0f} customers look new, in a usual month later "
            f"{self.usual_month:,.0f}: either many of them had bought before the log begins, or far fewer come now. "
        )
        if self.verdict == "yes":
            return seen + (
                f"Customers of the first {EARLY_DAYS} days are left out of the fit; the forecast is for everybody."
            )
        return (
            seen + f"A fit without customers of the first {EARLY_DAYS} days competes with one of all, by past errors."
        )


def early_customers(days: Array, newcomers: Array, start: int, until: int) -> EarlyCustomers:
    """What the newcomers of each day, known on the day `until`, say about the first month of a log that begins at
    `start`."""
    month = (days - start) // _MONTH
    months = (until + 1 - start) // _MONTH
    counts = np.bincount(month.astype(int), newcomers, max(months, 1))[:months]
    later = float(newcomers[days >= start + EARLY_DAYS].sum())
    everybody = float(newcomers.sum())
    share = later / everybody if everybody else 0.0
    first, usual = float(counts[:1].sum()), float(np.median(counts[1:])) if months > 1 else np.nan
    verdict = "no"
    if usual > 0 and first >= _UNSURE_EXCESS * usual and later >= _UNSURE_LATER and share >= _UNSURE_SHARE:
        verdict = "unsure"
        if first >= _EXCESS * usual and later >= _LATER and share >= _LATER_SHARE:
            verdict = "yes"
    return EarlyCustomers(verdict, first, usual, later, share)
