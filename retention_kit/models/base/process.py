"""The protocol of the family: what a model supplies, and what it gets for that.

A model consists of two classes. The *process* is its mathematics: functions of the parameters θ and of rows of
customers, without data of its own. The *model* is what users see: one θ with names, a unit of time and the evidence of
a fit; it asks its process and brings the answers back to the customers.

Conventions that hold for every method of every process:

theta
    Parameters above 0 in the order of `names`, shape (parameters,). Where `takes_columns` is true it may also be
    (parameters, draws, 1): then each result has a line for every draw, (draws, rows) instead of (rows,).
rows
    Distinct rows of a customer table with the process's `columns`, as floats; `rows.weights` says how many customers
    each stands for. Times count the model's unit, money is in the table's currency.

A process that supplies `log_likelihood` and `starts` has its fit (`fitting`), standard errors, JSON and draws from the
posterior (`posterior`). What more a process of purchases supplies is in `purchases/buying.py`, a process of spend in
`spend/spend_model.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from retention_kit.models.base.columns import Rule
from retention_kit.models.base.evidence import Evidence
from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array

__all__ = ["Fitted", "Process"]


class Process(ABC):
    """The mathematics of a model, as the fit and the posterior ask for it."""

    names: tuple[str, ...]
    """Of the parameters, as the fields of the model."""
    columns: tuple[str, ...]
    """What must be known of each customer."""
    rules: tuple[Rule, ...]
    """What a row must not be: a sentence, and the condition that finds such rows."""
    scales: Mapping[str, str] = {}
    """Parameters that are times or money, and the column whose mean their weak prior is centred on."""
    advice: Mapping[str, str] = {}
    """By parameter, what its running off to a boundary means and what helps."""
    takes_columns: bool = False
    """Whether many draws of the parameters can be evaluated together, as columns."""

    @abstractmethod
    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        """Log-likelihood of one customer of each row, and its gradient (parameters × rows).

        Without `slopes` the gradient is empty, which spares half of the time; only then may theta hold columns.
        """

    @abstractmethod
    def starts(self, rows: Rows) -> list[list[float]]:
        """Parameters at which the search begins, on the scale of the data; later ones only where the first fail."""


class Fitted(Protocol):
    """What the posterior and the bridge to lifetimes ask of a model."""

    @property
    def process(self) -> Process: ...
    @property
    def theta(self) -> Array: ...
    @property
    def log_covariance(self) -> Array:
        """Covariance of the logarithms of theta, (parameters, parameters)."""

    @property
    def evidence(self) -> Evidence | None: ...
    @property
    def params(self) -> pd.Series[float]: ...
    @property
    def covariance(self) -> pd.DataFrame: ...
    @property
    def standard_errors(self) -> pd.Series[float]: ...
