"""Formulas of customers, cohorts, RFM and surveys."""

from __future__ import annotations

from typing import Final

from retention_kit import metrics, summarise
from retention_kit.lesson.formulas.entry import Formula, of_docstring

__all__ = ["FORMULAS"]

FORMULAS: Final = {
    "wilson_interval": Formula(
        "Wilson interval of a share",
        of_docstring(metrics.wilson_interval),
        {
            "x": "customers who did it",
            "n": "customers who could have done it",
            "z": "normal quantile of the confidence level, 1.96 for 95 %",
        },
        "Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209–212",
    ),
    "customer_summary": Formula(
        "Frequency, recency and age of a customer",
        of_docstring(summarise.customers),
        {
            "t_1, …, t_n": "times of the customer's purchase events",
            "n": "number of purchase events",
            r"\tau": "end of observation, as_of",
            "x": "frequency: repeat events after the first",
            "t_x": "recency: time from the first to the last event",
            "T": "age: time from the first event to the end of observation",
        },
        "Fader, Hardie, Lee (2005), Marketing Science 24, 275–284",
    ),
}
