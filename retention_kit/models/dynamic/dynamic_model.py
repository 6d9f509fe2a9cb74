"""The model with dynamic covariates: its parameters, and predictions for customers with their covariates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Self

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, DataError
from retention_kit.formats import counted
from retention_kit.models.base.model import Model
from retention_kit.models.base.posterior import draw
from retention_kit.models.covariates.covariate_model import CovariateModel
from retention_kit.models.dynamic.covariate_history import CovariateHistory
from retention_kit.models.dynamic.dynamic_process import DynamicProcess
from retention_kit.models.dynamic.dynamic_rows import DynamicRows
from retention_kit.models.dynamic.period_calendar import day_of
from retention_kit.models.futures.drawn_futures import Purchases, for_rows_and_total
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.pareto_nbd import ParetoNBD
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.summarise.common.calendar_periods import as_day, number_of

_MANY = 1_000_000
"""Cells × periods from which on draws are from the normal approximation: a thousand evaluations would take minutes."""


@dataclass(frozen=True)
class DynamicCovariateModel(Model):
    r"""Pareto/NBD whose rates follow covariates that change with time.

    A customer buys at the rate λ exp(γ'z(t)) until they are lost, and is lost at the rate μ exp(δ'z(t)): campaigns,
    prices and seasons z(t) move both, effects γ and δ say by how much, and λ and μ are the customer's own. Covariates
    are constant within a period. Predictions need the covariates of the future too; they are for customers of a
    `covariate_history`.

    Attributes
    ----------
    constant : CovariateModel
        The same parameters and effects for customers whose covariates never change; `params` are for covariates of 0.

    Notes
    -----
    With operational times :math:`A(t) = \int_0^t e^{γ'z(u)} du` and :math:`C(t) = \int_0^t e^{δ'z(u)} du` since the
    first purchase, x repeat purchases, the last at t_x, S the sum of z over them, and T the time until now:

    .. math:: L = \frac{\Gamma(r+x)}{\Gamma(r)} α^r β^s e^{γ'S} \Big[(α+A(T))^{-(r+x)} (β+C(T))^{-s}
              + s \int_{t_x}^{T} (α+A(y))^{-(r+x)} (β+C(y))^{-(s+1)} dC(y)\Big]

    .. math:: E[\text{purchases in } (T, T+t)] = P(\text{active}) \frac{r+x}{α+A(T)}
              \int_T^{T+t} e^{γ'z(u)} \Big(\frac{β+C(T)}{β+C(u)}\Big)^s du

    Within a period A and C are linear; the integral is taken period by period with a relative error below 1e-10.

    References
    ----------
    Bachmann, Meierer & Näf (2021), The Role of Time-Varying Contextual Factors in Latent Attrition Models for Customer
    Base Analysis, Marketing Science 40(4).

    Examples
    --------
    >>> from retention_kit.models import CovariateModel, ParetoNBD
    >>> central = ParetoNBD(r=0.8, alpha=8.0, s=0.7, beta=10.0)
    >>> model = DynamicCovariateModel(CovariateModel(central, purchase={"sale": 0.5}, dropout={}))
    >>> model.params.round(2).to_dict()
    {'r': 0.8, 'alpha': 8.0, 's': 0.7, 'beta': 10.0, 'purchase: sale': 0.5}
    """

    fitted_by = "fit_dynamic_covariates(history, purchase=[…])"

    constant: CovariateModel

    def __post_init__(self) -> None:
        if not isinstance(self.constant, CovariateModel) or not isinstance(self.constant.central, ParetoNBD):
            raise ConfigError("Dynamic covariates need a CovariateModel of ParetoNBD.")
        object.__setattr__(self, "unit", self.constant.unit)
        object.__setattr__(self, "evidence", self.constant.evidence)

    @property
    def process(self) -> DynamicProcess:  # type: ignore[override]
        """The mathematics: it depends on which covariates there are."""
        return DynamicProcess(self.constant.process)

    @property
    def purchase(self) -> dict[str, float]:
        """Effects on buying: one unit more of the covariate multiplies the rate by exp(effect)."""
        return self.constant.purchase

    @property
    def dropout(self) -> dict[str, float]:
        """Effects on leaving: one unit more of the covariate multiplies the rate by exp(effect)."""
        return self.constant.dropout

    @property
    def params(self) -> pd.Series[float]:
        """Parameters for covariates of 0 (NaN where they leave the range of numbers), and effects, by name."""
        return self.constant.params

    @property
    def theta(self) -> Array:
        """Parameters for covariates at their mean, and exp(effect per standard deviation)."""
        return self.constant.theta

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of `params`."""
        return self.constant.covariance

    @property
    def log_covariance(self) -> Array:
        """Covariance of the logarithms of theta, (parameters, parameters)."""
        return self.constant.log_covariance

    def at(self, /, **values: float) -> PurchaseModel:
        """The plain Pareto/NBD of customers whose covariates stay at these values.

        Parameters
        ----------
        **values : float
            Covariates by name; what is not named is 0.

        Returns
        -------
        ParetoNBD
            With the parameters of these customers.
        """
        return self.constant.at(**values)

    def with_parameters(self, theta: Array) -> Self:
        return replace(self, constant=self.constant.with_parameters(theta))

    def summary(self) -> pd.DataFrame:
        """Parameters for covariates of 0, and effects, with standard errors; effects with z, the p-value of 'no effect'
        and exp(effect). What belongs to the whole fit is in `.attrs`."""
        table = self.constant.summary()
        table.attrs = {**table.attrs, "model": "ParetoNBD with dynamic covariates"}
        return table

    def likelihood_ratio(self) -> dict[str, float]:
        """Test of all effects together against none: statistic, degrees of freedom, p-value."""
        return self.constant.likelihood_ratio()

    def sample(self, n: int = 1000, seed: int = 0, *, prior: str = "weak") -> pd.DataFrame:
        """Draws of `params` from their posterior.

        Parameters
        ----------
        n, seed, prior
            As in every model; the weak prior is on the parameters at the mean of the covariates, and on effects per
            standard deviation of their covariate.

        Returns
        -------
        DataFrame
            One draw per row; `.attrs` has ess, pareto_k and prior.

        Notes
        -----
        With more than a million cells of customers and periods, where one evaluation of the likelihood takes a
        noticeable time and the posterior is normal for all purposes, draws are from the normal distribution of the
        logarithms; `.attrs["prior"]` says so.
        """
        drawn = self._drawn(n, seed, prior)
        table = pd.DataFrame([self.with_parameters(line).params for line in drawn.to_numpy()], columns=drawn.columns)
        table.attrs = drawn.attrs
        return table.reset_index(drop=True)

    def draws(self, n: int, seed: int) -> Array:
        """Draws of theta, one per line, as in every model.

        Parameters
        ----------
        n, seed : int
            How many, and which.

        Returns
        -------
        array
            (n, parameters).
        """
        return self._drawn(n, seed, "weak").to_numpy()

    def _drawn(self, n: int, seed: int, prior: str) -> pd.DataFrame:
        """Draws of theta from the posterior, or from its normal approximation where there are very many rows."""
        evidence = self._evidence()
        many = isinstance(evidence.rows, DynamicRows) and evidence.rows.cost > _MANY
        if not many or not np.isfinite(self.log_covariance).all():
            return draw(self, evidence, n, seed, prior)
        with Arguments() as check:
            n, seed = check.whole("n", n, least=1), check.whole("seed", seed, least=0)
            check.choice("prior", prior, ("weak", "flat"))
        z = np.random.default_rng(seed).multivariate_normal(np.zeros(len(self.theta)), self.log_covariance, n)
        table = pd.DataFrame(self.theta * np.exp(z), columns=list(self.process.names))
        table.attrs = {"ess": float(n), "pareto_k": float("nan"), "prior": "normal approximation"}
        return table

    def probability_alive(self, history: CovariateHistory, after: float = 0.0) -> pd.Series[float]:
        """Probability that each customer is active at as_of, or a time `after` later.

        Parameters
        ----------
        history : CovariateHistory
            From `covariate_history`, in the model's unit.
        after : float
            Time after as_of, in the model's unit.

        Returns
        -------
        Series
            Probabilities by customer_id.
        """
        after = self._ahead(history, "after", after)
        alive = self.process.alive(self.theta, history.rows)
        if after:
            alive = alive * self.process.stay(self.theta, history.rows, after)
        return history.to_customers(alive, "probability_alive")

    def expected_purchases(self, history: CovariateHistory, t: float) -> pd.Series[float]:
        """Expected number of purchases of each customer in the time t after as_of, with the covariates of that time.

        Parameters
        ----------
        history : CovariateHistory
            From `covariate_history`; its covariates reach to as_of + t.
        t : float
            Length of the future, in the model's unit.

        Returns
        -------
        Series
            Expected purchases by customer_id.

        Raises
        ------
        DataError
            If the covariates of the future are not known for some customer.
        """
        t = self._ahead(history, "t", t)
        return history.to_customers(self.process.expected(self.theta, history.rows, t), "expected_purchases")

    def forecast(
        self,
        history: CovariateHistory,
        t: float,
        *,
        by: Sequence[str] | None = None,
        level: float = 0.9,
        draws: int = 400,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Purchases in the next t with the uncertainty of the parameters and of chance.

        Parameters
        ----------
        history : CovariateHistory
            From `covariate_history`; its covariates reach to as_of + t.
        t : float
            Length of the future, in the model's unit.
        by : empty list, optional
            The total of everybody; without it per customer.
        level : float
            Of both intervals.
        draws, seed : int
            Of the parameters and futures.

        Returns
        -------
        DataFrame
            expected; expected_low, expected_high: interval of the expectation; predicted_low, predicted_high: of the
            number that will be observed. The total also has n, the customers.

        Notes
        -----
        Covariates of the future are taken as known; the intervals do not hold what is uncertain about them.
        """
        with Arguments() as check:
            level = check.level("level", level)
            draws, seed = check.whole("draws", draws, least=1), check.whole("seed", seed, least=0)
            check.fault(f"by is [] for the total, or left out; got {by!r}", when=by is not None and list(by) != [])
        t = self._ahead(history, "t", t)
        each, total = for_rows_and_total(
            Purchases(self.process, t),
            self.theta,
            self.draws(draws, seed),
            history.rows,
            title=type(self).__name__,
            level=level,
            seed=seed,
        )
        if by is not None:
            return pd.DataFrame([{"n": history.rows.n, **total}])
        return pd.DataFrame({name: history.to_customers(values, name) for name, values in each.items()})

    @classmethod
    def fit(cls, *columns: Any, **options: Any) -> NoReturn:  # noqa: ARG003
        """Not here: `fit_dynamic_covariates` takes the history."""
        raise ConfigError(f"A model with dynamic covariates is fitted by {cls.fitted_by}.")

    def to_json(self) -> str:
        """The model as JSON text; customers' rows are not in it."""
        about = {"model": type(self).__name__, "constant": json.loads(self.constant.to_json())}
        return json.dumps(about, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model that `to_json` wrote."""
        try:
            about = json.loads(text)
            name, constant = about["model"], json.dumps(about["constant"])
        except (TypeError, ValueError, KeyError):
            name = ""
        if name != cls.__name__:
            raise ConfigError(f"{cls.__name__}.from_json needs what to_json wrote; got {str(text)[:60]!r}.")
        return cls(CovariateModel.from_json(constant))

    def _ahead(self, history: CovariateHistory, name: str, t: float) -> float:
        """The time to predict, where the history knows enough about it."""
        with Arguments() as check:
            check.instance("history", history, CovariateHistory, "a CovariateHistory, from models.covariate_history")
            t = check.number(f"{name} (in {self.unit}s)", t, least=0)
        paths = history.rows.paths
        missing = [k for k in self.process.constant.covariates if k not in history.covariates]
        if missing:
            raise DataError(
                f"The history has no covariate {', '.join(missing)}; it has {', '.join(history.covariates)}."
            )
        if history.unit != self.unit:
            raise DataError(f"The model counts time in {self.unit}s, the history in {history.unit}s; use one unit.")
        until = paths.end + t * paths.days
        if until > number_of(as_day(history.until), "day") + 1e-6:
            raise DataError(
                f"The covariates are known until {history.until}, but t = {t:g} {self.unit}s after {history.as_of} "
                f"needs them until {day_of(np.ceil(until - 1e-6))}; give the covariates that are planned."
            )
        stop = int(np.searchsorted(paths.edges, until, side="left"))
        empty = np.isnan(paths.values[:, :, paths.observed : stop])
        lacking = np.unique(np.nonzero(empty)[1])
        if len(lacking):
            n = history.rows.weights[np.isin(paths.group[history.rows.path], lacking)].sum()
            raise DataError(
                f"Covariates after {history.as_of} are missing for {counted(n, 'customer')} before "
                f"{day_of(np.ceil(until - 1e-6))}; give every customer the covariates that are planned for them."
            )
        return t
