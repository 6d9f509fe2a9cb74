"""The protocol of the models: what a model supplies, and what it gets in return.

A model consists of two classes. The *process* is its mathematics: functions of the parameters θ and of rows of
customers, without data of its own. The *model* is the class for users: one θ with names, a unit of time and the
evidence of a fit; it calls its process and assigns the results to the customers.

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


class Process(ABC):
    """The mathematics of a model, as the fit and the posterior use it."""

    names: tuple[str, ...]
    """Names of the parameters, which are fields of the model."""
    columns: tuple[str, ...]
    """Required columns of the customer table."""
    sums: tuple[str, ...] = ()
    """Columns of which a fit needs no more than the sum; without them it knows the likelihood up to a constant."""
    rules: tuple[Rule, ...]
    """Rules for rows: a sentence, and the condition for rows that break it."""
    scales: Mapping[str, str] = {}
    """Parameters that are times or money, with the column whose mean is the centre of their weak prior."""
    advice: Mapping[str, str] = {}
    """For each parameter the meaning of its divergence to a boundary, and what helps."""
    takes_columns: bool = False
    """Whether many draws of the parameters can be evaluated as a batch, as columns."""

    @abstractmethod
    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        """Log-likelihood of one customer of each row, and its gradient (parameters × rows).

        Without `slopes` the gradient is empty, which saves half of the time; only then may theta contain columns.
        """

    @abstractmethod
    def starts(self, rows: Rows) -> list[list[float]]:
        """Starting values of the search, on the scale of the data; later ones are only used if earlier ones fail."""


class Fitted(Protocol):
    """Attributes of a model that the posterior and the bridge to lifetimes use."""

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
