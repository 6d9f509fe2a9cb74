"""The evidence of a fit: its results besides the parameters, also as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from retention_kit.models.base.rows import Rows


@dataclass(frozen=True)
class Evidence:
    """The results of a fit besides the parameters.

    Attributes
    ----------
    n : float
        Customers in the fit.
    log_likelihood : float
        Log-likelihood at the optimum.
    covariance : tuple of tuples
        Covariance of the parameters (not of their logarithms); NaN if the data do not determine a parameter.
    verdict : str
        "converged", or what is doubtful about the optimum.
    gradient : float
        Largest slope of the mean log-likelihood per unit of a log parameter.
    grain, as_of : str
        Taken from the customer table; empty if it had none.
    chosen : int
        Whole numbers chosen by likelihood besides the parameters, such as the k of regular buyers; aic and bic count
        each as one parameter.
    rows : Rows
        The grouped data, kept for posterior draws; not part of the JSON.
    drawn : dict
        Weighted proposals of the posterior, so that they are evaluated once per fit; not part of the JSON.
    """

    n: float
    log_likelihood: float
    covariance: tuple[tuple[float, ...], ...]
    verdict: str
    gradient: float
    grain: str = ""
    as_of: str = ""
    rows: Rows | None = field(default=None, repr=False, compare=False)
    chosen: int = 0
    drawn: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)


def evidence_to(fit: Evidence | None) -> dict[str, Any] | None:
    """Evidence for JSON: without rows and draws, NaN as null."""
    if fit is None:
        return None
    fields = asdict(replace(fit, rows=None, drawn={}))
    del fields["drawn"]
    covariance = [[v if np.isfinite(v) else None for v in line] for line in fit.covariance]
    height = fit.log_likelihood if np.isfinite(fit.log_likelihood) else None
    return {**fields, "covariance": covariance, "log_likelihood": height}


def evidence_from(fields: dict[str, Any] | None) -> Evidence | None:
    """Evidence from the values of `evidence_to`."""
    if fields is None:
        return None
    covariance = tuple(tuple(np.nan if v is None else v for v in line) for line in fields["covariance"])
    height = np.nan if fields["log_likelihood"] is None else fields["log_likelihood"]
    return Evidence(**{**fields, "covariance": covariance, "log_likelihood": height})
