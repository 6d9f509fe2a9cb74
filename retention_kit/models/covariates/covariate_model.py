"""Static covariates: purchase rates and dropout that depend on what is known of a customer from the start."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, Self

import numpy as np
import pandas as pd
from scipy import stats

from retention_kit.errors import ConfigError
from retention_kit.models.base.evidence import evidence_from, evidence_to
from retention_kit.models.base.posterior import draw
from retention_kit.models.covariates.shifted import FAMILY, ShiftedProcess, within_numbers
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel


@dataclass(frozen=True)
class CovariateModel(PurchaseModel):
    """A model of purchases whose rates depend on columns of the customer table.

    It answers for a table of customers as any model of purchases does: `probability_alive`, `expected_purchases`,
    `probability_of_n_purchases`, `discounted_purchases`, `forecast`, and in `lifetime_value`. For a customer without a
    table, such as one who has just arrived, ask the model `at` their covariates.

    Attributes
    ----------
    central : fitted model
        For customers whose covariates are at the centre.
    purchase, dropout : dict
        Effects by column: one unit more multiplies the purchase rate by exp(effect); and, for dropout, the rate of
        leaving (ParetoNBD) or a, so the odds a / b of leaving after a purchase (BGNBD, MBGNBD).
    centre : dict
        By column, the covariate of a central customer: after a fit the mean; what is not named is 0.
    spread : dict
        By column, the standard deviation in the fit; the weak prior of `sample` counts effects in it.
    log_likelihood_without : float
        Of the same model without covariates.
    evidence : Evidence
        Of the fit; its covariance is that of the central parameters and the effects.

    Examples
    --------
    >>> from retention_kit.models import BGNBD
    >>> central = BGNBD(r=0.5, alpha=8.0, a=0.8, b=2.5)
    >>> club = CovariateModel(central, purchase={"club": 0.5}, dropout={})
    >>> round(club.at(club=1).alpha, 2)
    4.85
    """

    fitted_by = "fit_covariates(BGNBD, customers, purchase=[…])"

    central: PurchaseModel
    purchase: dict[str, float]
    dropout: dict[str, float]
    centre: dict[str, float] = field(default_factory=dict, kw_only=True)
    spread: dict[str, float] = field(default_factory=dict, kw_only=True)
    log_likelihood_without: float = field(default=float("nan"), kw_only=True)

    def __post_init__(self) -> None:
        if (name := type(self.central).__name__) not in FAMILY:
            raise ConfigError(f"Covariates need {', '.join(FAMILY)}; got {name}.")
        object.__setattr__(self, "unit", self.central.unit)

    @property
    def process(self) -> ShiftedProcess:  # type: ignore[override]
        """The mathematics: it depends on which covariates there are."""
        return ShiftedProcess(self.central.process, [*self.purchase], [*self.dropout], self.centre, self.spread)

    @property
    def base(self) -> PurchaseModel:
        """The model of customers whose covariates are all 0, however far from every customer that may be."""
        return self.at()

    def at(self, /, **values: float) -> PurchaseModel:
        """The model of customers with these covariates.

        Parameters
        ----------
        **values : float
            Covariates by name; what is not named is 0.

        Returns
        -------
        model
            With the parameters of these customers.

        Raises
        ------
        ConfigError
            If a name is not a covariate, or the values lie so far from the customers of the fit that a parameter
            leaves the range of numbers.
        """
        process = self.process
        if unknown := set(values) - set(process.covariates):
            raise ConfigError(f"No covariate {', '.join(sorted(unknown))}; there are {', '.join(process.covariates)}.")
        return self.central.with_parameters(process.at(self.central.theta, self._effects, values))

    @property
    def params(self) -> pd.Series[float]:
        """Parameters for covariates of 0 (NaN where they leave the range of numbers), and effects, by name."""
        moved = np.tensordot(self.process.shifts({}), self._effects, 1)
        values = [*within_numbers(np.log(self.central.theta) + moved), *self._effects]
        return pd.Series(values, index=list(self.process.names), name="value", dtype=float)

    @property
    def theta(self) -> Array:
        """Parameters of the central customers, and exp(effect per standard deviation)."""
        return np.concatenate([self.central.theta, np.exp(self._effects * self.process.units)])

    def with_parameters(self, theta: Array) -> Self:
        central, effects = self.process.split(theta)
        purchase, dropout = np.split(effects, [len(self.purchase)])
        return replace(
            self,
            central=self.central.with_parameters(central),
            purchase=dict(zip(self.purchase, map(float, purchase), strict=True)),
            dropout=dict(zip(self.dropout, map(float, dropout), strict=True)),
            evidence=None,
        )

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of `params`."""
        k, names = len(self.central.params), list(self.process.names)
        moves = np.eye(len(names))
        moves[:k, k:] = self.process.shifts({})
        unknown = np.isnan(central := self._relative_covariance)
        spread = moves @ np.where(unknown, 0.0, central) @ moves.T
        spread[np.abs(moves) @ unknown @ np.abs(moves).T > 0] = np.nan
        scale = np.append(self.params.to_numpy()[:k], np.ones(len(names) - k))
        return pd.DataFrame(spread * np.outer(scale, scale), index=names, columns=names)

    @property
    def log_covariance(self) -> Array:
        """Covariance of the logarithms of theta, (parameters, parameters)."""
        scale = np.append(np.ones(len(self.central.params)), self.process.units)
        return self._relative_covariance * np.outer(scale, scale)

    @property
    def _relative_covariance(self) -> Array:
        """Of the logarithms of the central parameters, and of the effects on the user's scale."""
        scale = np.append(self.central.theta, np.ones(len(self._effects)))
        relative: Array = np.array(self._evidence().covariance) / np.outer(scale, scale)
        return relative

    @property
    def _effects(self) -> Array:
        return np.array([*self.purchase.values(), *self.dropout.values()])

    def summary(self) -> pd.DataFrame:
        """Parameters for covariates of 0, and effects, with standard errors; effects with z, the p-value of 'no effect'
        and exp(effect) (NaN where that leaves the range of numbers). What belongs to the whole fit is in `.attrs`."""
        table = self.params.to_frame()
        about: dict[Any, Any] = {
            "model": f"{type(self.central).__name__} with covariates",
            "unit": self.unit,
            "centre": self.centre,
        }
        if self.evidence is None:
            table.attrs = about
            return table
        table["standard_error"] = self.standard_errors
        effect = np.arange(len(table)) >= len(self.central.params)
        z = (table["value"] / table["standard_error"]).where(effect)
        table = table.assign(z=z, p_value=2 * stats.norm.sf(z.abs()))
        table["multiplier"] = within_numbers(table["value"].where(effect).to_numpy())
        fit: dict[Any, Any] = {"n": self.evidence.n, "log_likelihood": self.log_likelihood, "verdict": self.verdict}
        table.attrs = {**about, **fit, "log_likelihood_without": self.log_likelihood_without}
        return table

    def likelihood_ratio(self) -> dict[str, float]:
        """Test of all effects together against none: statistic, degrees of freedom, p-value."""
        statistic = 2 * (self.log_likelihood - self.log_likelihood_without)
        degrees = len(self.purchase) + len(self.dropout)
        return {"statistic": statistic, "degrees": degrees, "p_value": float(stats.chi2.sf(max(statistic, 0), degrees))}

    def sample(self, n: int = 1000, seed: int = 0, *, prior: str = "weak") -> pd.DataFrame:
        """Draws of `params` from their posterior.

        Parameters
        ----------
        n, seed, prior
            As in every model; the weak prior is on the central parameters, and on effects per standard deviation of
            their covariate.

        Returns
        -------
        DataFrame
            One draw per row; `.attrs` has ess, pareto_k and prior. Warns when they cannot be trusted.
        """
        drawn = draw(self, self._evidence(), n, seed, prior)
        table = pd.DataFrame([self.with_parameters(line).params for line in drawn.to_numpy()], columns=drawn.columns)
        table.attrs = drawn.attrs
        return table.reset_index(drop=True)

    @classmethod
    def fit(cls, *columns: Any, **options: Any) -> NoReturn:  # noqa: ARG003
        """Not here: `fit_covariates` takes the model and its covariates."""
        raise ConfigError(f"A model with covariates is fitted by {cls.fitted_by}.")

    def to_json(self) -> str:
        """The model as JSON text; customers' rows are not in it."""
        about = {
            "model": type(self).__name__,
            "central": {"model": type(self.central).__name__, "params": self.central.params.to_dict()},
            "unit": self.unit,
            **{k: getattr(self, k) for k in ("purchase", "dropout", "centre", "spread")},
            "log_likelihood_without": None if np.isnan(self.log_likelihood_without) else self.log_likelihood_without,
            "evidence": evidence_to(self.evidence),
        }
        return json.dumps(about, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model that `to_json` wrote."""
        try:
            about = json.loads(text)
            central, without = about["central"], about["log_likelihood_without"]
            return cls(
                FAMILY[central["model"]](**central["params"], unit=about["unit"]),
                **{k: about[k] for k in ("purchase", "dropout", "centre", "spread")},
                log_likelihood_without=float("nan") if without is None else without,
                evidence=evidence_from(about["evidence"]),
            )
        except (TypeError, ValueError, KeyError):
            raise ConfigError(f"CovariateModel.from_json needs what to_json wrote; got {str(text)[:60]!r}.") from None
