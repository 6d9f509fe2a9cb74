"""BG/CNBD-k and MBG/CNBD-k for users, and how their k is chosen: by the likelihood of the gaps themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError, caution
from retention_kit.models.base.calls import takes_one_table
from retention_kit.models.base.columns import Customers
from retention_kit.models.base.fitting import Peak, evidence_of, maximise
from retention_kit.models.base.rows import Rows
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.purchases.regular_process import GAPS, RegularBuying

_LARGEST_TRIED = 5
"""Gaps more regular than Erlang-5 belong to subscriptions, and the likelihood costs time for each stage."""
_LARGEST = 100


def _check(model: BGCNBD | MBGCNBD) -> None:
    with Arguments() as check:
        object.__setattr__(model, "k", check.whole("k", model.k, least=1, most=_LARGEST))


def _fit(
    name: str, chances: int, customers: Customers, k: int | None, weights: str | None, unit: str | None
) -> dict[str, Any]:
    """Fields of the model with the k that is asked for, or with the most likely one."""
    with Arguments() as check:
        tried = range(1, _LARGEST_TRIED + 1) if k is None else [check.whole("k", k, least=1, most=_LARGEST)]
    rows = RegularBuying(1, chances).read(customers, weights=weights, unit=unit, fit=True)
    if k is None and GAPS not in rows.means:
        raise DataError(
            f"{name}.fit chooses k by likelihood, which needs the column {GAPS}: the sum of the logarithms of the gaps "
            "between a customer's purchases, as summarise.customers(orders, as_of=..., log_gaps=True) gives it. "
            "Without it state k, as in fit(customers, k=2)."
        )
    best, peak = _most_likely(rows, tried, chances)
    process = RegularBuying(best, chances)
    evidence = evidence_of(name, process.names, peak, rows, process.advice)
    if k is None and best == _LARGEST_TRIED:
        caution(
            f"{name}: k = {best} is the largest that was tried; customers may be still more regular. Compare "
            f"fit(customers, k={best + 1})."
        )
    known = best == 1 or GAPS in rows.means
    height = peak.log_likelihood if known else float("nan")
    theta = dict(zip(process.names, map(float, peak.theta), strict=True))
    evidence = replace(evidence, log_likelihood=height, chosen=int(k is None))
    return {**theta, "k": best, "unit": rows.about.get("unit", ""), "evidence": evidence}


def _most_likely(rows: Rows, tried: Sequence[int], chances: int) -> tuple[int, Peak]:
    """k and the optimum; each search begins where the one before ended, with as many purchases in a time."""
    best: tuple[int, Peak] | None = None
    starts: list[list[float]] = []
    for k in tried:
        process = RegularBuying(k, chances)
        peak = maximise(process.log_likelihood, rows, [*starts, *process.starts(rows)])
        if best is None or peak.log_likelihood > best[1].log_likelihood:
            best = k, peak
        r, alpha, a, b = map(float, peak.theta)
        starts = [[r, alpha * k / (k + 1), a, b]]
    assert best is not None
    return best


class _Stages:
    """The process of a model with its own k; of the class, which has no k, the one with a single stage."""

    def __init__(self, chances_before: int) -> None:
        self.chances_before = chances_before

    def __get__(self, model: Any, owner: type) -> RegularBuying:
        return RegularBuying(1 if model is None else model.k, self.chances_before)


@dataclass(frozen=True)
class BGCNBD(PurchaseModel):
    """BG/CNBD-k model of repeat purchases without a contract: BGNBD for customers who buy at regular times.

    A customer passes stages at random at their own rate λ and buys at every k-th of them, so the gaps between purchases
    are Erlang-k: k = 1 is BGNBD, and the larger k, the more alike their lengths. After every repeat purchase they leave
    for good with their own probability p. Rates differ between customers as a gamma distribution, probabilities as a
    beta distribution. Where gaps are regular, silence says sooner who has left, and the time of the last purchase says
    when the next is due.

    Parameters
    ----------
    r : float
        Shape of the rates: small means that customers differ much.
    alpha : float
        Rate parameter of the rates, in units of time; r / (alpha k) is the mean rate of purchases.
    a, b : float
        Of the dropout probabilities; a / (a + b) is their mean.
    k : int
        Stages of a gap, the same for all customers; a gap's standard deviation is 1 / sqrt(k) of its mean.
    unit : str
        Unit of time of recency and T; published parameters are those of weeks unless it says otherwise.

    References
    ----------
    Reutterer, Platzer & Schröder (2021), Leveraging purchase regularity for predicting customer behavior the easy way,
    Intern. J. of Research in Marketing 38(1); Platzer & Reutterer (2016), Ticking away the moments, Marketing Science
    35(5). Predictions are derived here, as means over the stages of an active customer: exact, where the authors'
    package approximates what customers with a history will do.

    Examples
    --------
    >>> import pandas as pd
    >>> model = BGCNBD(r=0.85, alpha=1.45, a=0.79, b=2.42, k=3)
    >>> silent = pd.DataFrame({"frequency": [4, 4], "recency": [20.0, 30.0], "T": [32.0, 32.0]})
    >>> model.probability_alive(silent).round(2).tolist()
    [0.28, 0.87]
    """

    fixed = ("k",)

    r: float
    alpha: float
    a: float
    b: float
    k: int

    process = _Stages(chances_before=0)

    def __post_init__(self) -> None:
        _check(self)
        super().__post_init__()

    @classmethod
    @takes_one_table
    def fit(
        cls, customers: Customers, *, k: int | None = None, weights: str | None = None, unit: str | None = None
    ) -> Self:
        """Maximum likelihood on the distinct rows of a customer table, for the k given or the most likely k.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T, and log_gaps, the sum of the logs of each customer's gaps, as
            `summarise.customers(..., log_gaps=True)` gives it. Where a row stands for several customers, the mean of
            their log_gaps; unit, grain and as_of are taken over.
        k : int, optional
            Stages of a gap, 1 or more. Without it the likeliest of 1 to 5, for which log_gaps is needed; `aic` and
            `bic` then count k as a fifth parameter. Standard errors are those for the chosen k.
        weights : str, optional
            Column that says how many customers a row stands for.
        unit : {"day", "week", "month", "year"}, optional
            What recency and T count, where the table has no column unit; a table from `summarise.customers` has one.

        Returns
        -------
        model
            The fitted model. Its log_likelihood, aic and bic are NaN where the table has no log_gaps and k is above 1:
            the likelihood is then known up to a constant only.

        Raises
        ------
        DataError
            If the table has no customers, lacks columns or contradicts itself, also where log_gaps cannot belong to
            frequency and recency (another unit), or if neither it nor `unit` says what recency and T count.
        ConfigError
            If k is no whole number from 1.
        FitError
            If no optimum is found.
        """
        return cls(**_fit(cls.__name__, cls.process.chances_before, customers, k, weights, unit))


@dataclass(frozen=True)
class MBGCNBD(PurchaseModel):
    """MBG/CNBD-k model of repeat purchases without a contract: MBGNBD for customers who buy at regular times.

    The story of BGCNBD with one change: a customer can leave right after the first purchase too. With k = 1 it is
    MBGNBD. Groceries, coffee or contact lenses are bought in such gaps; so is much of what customers buy by the week.

    Parameters
    ----------
    r, alpha : float
        Of the rates at which stages pass, as in BGCNBD; r / (alpha k) is the mean rate of purchases.
    a, b : float
        Of the dropout probabilities; a / (a + b) of the new customers never come back.
    k : int
        Stages of a gap, the same for all customers; a gap's standard deviation is 1 / sqrt(k) of its mean.
    unit : str
        Unit of time of recency and T; published parameters are those of weeks unless it says otherwise.

    References
    ----------
    As BGCNBD.

    Examples
    --------
    >>> from retention_kit import simulate
    >>> customers = simulate.mbgcnbd_customers(3000, r=1.5, alpha=1.2, a=0.6, b=2.4, k=3, T=52.0, seed=4)
    >>> model = MBGCNBD.fit(customers)
    >>> model.k, bool((abs(model.params - [1.5, 1.2, 0.6, 2.4]) < 3 * model.standard_errors).all())
    (3, True)
    """

    fixed = ("k",)

    r: float
    alpha: float
    a: float
    b: float
    k: int

    process = _Stages(chances_before=1)

    def __post_init__(self) -> None:
        _check(self)
        super().__post_init__()

    @classmethod
    @takes_one_table
    def fit(
        cls, customers: Customers, *, k: int | None = None, weights: str | None = None, unit: str | None = None
    ) -> Self:
        """Maximum likelihood on the distinct rows of a customer table, for the k given or the most likely k.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T, and log_gaps, the sum of the logs of each customer's gaps, as
            `summarise.customers(..., log_gaps=True)` gives it. Where a row stands for several customers, the mean of
            their log_gaps; unit, grain and as_of are taken over.
        k : int, optional
            Stages of a gap, 1 or more. Without it the likeliest of 1 to 5, for which log_gaps is needed; `aic` and
            `bic` then count k as a fifth parameter. Standard errors are those for the chosen k.
        weights : str, optional
            Column that says how many customers a row stands for.
        unit : {"day", "week", "month", "year"}, optional
            What recency and T count, where the table has no column unit; a table from `summarise.customers` has one.

        Returns
        -------
        model
            The fitted model. Its log_likelihood, aic and bic are NaN where the table has no log_gaps and k is above 1:
            the likelihood is then known up to a constant only.

        Raises
        ------
        DataError
            If the table has no customers, lacks columns or contradicts itself, also where log_gaps cannot belong to
            frequency and recency (another unit), or if neither it nor `unit` says what recency and T count.
        ConfigError
            If k is no whole number from 1.
        FitError
            If no optimum is found.
        """
        return cls(**_fit(cls.__name__, cls.process.chances_before, customers, k, weights, unit))
