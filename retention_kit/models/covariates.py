"""Static covariates: purchase rates and dropout that depend on what is known of a customer from the start.

Customers with the same covariates follow the same model with shifted parameters. Inside, covariates are centred and
scaled, so that neither the year 2025 nor an income of 80,000 disturbs the search; effects are reported on the user's
scale. Fader & Hardie (2007), note 019."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from retention_kit.errors import ConfigError
from retention_kit.models.bgnbd import BGNBD
from retention_kit.models.contract import evidence_from, evidence_to, plain
from retention_kit.models.covariate_likelihood import SHIFTED, kinds, shifted_log_likelihood
from retention_kit.models.mbgnbd import MBGNBD
from retention_kit.models.pareto_nbd import ParetoNBD
from retention_kit.models.posterior import draw
from retention_kit.models.purchases import PurchaseModel
from retention_kit.models.rows import PURCHASE_RULES, PURCHASES, Array, Customers, Rows, read

__all__ = ["CovariateModel"]

FAMILY: dict[str, type[PurchaseModel]] = {m.__name__: m for m in (BGNBD, MBGNBD, ParetoNBD)}
"""The models that take covariates."""


@dataclass(frozen=True)
class CovariateModel(PurchaseModel):
    """A model of purchases whose rates depend on columns of the customer table.

    It answers for a table of customers as any model of purchases does: `probability_alive`, `expected_purchases`,
    `probability_of_n_purchases`, `discounted_purchases`, `forecast`, and in `lifetime_value`. For a customer without a
    table, such as one who has just arrived, ask the model `at` her covariates.

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
    >>> central = BGNBD(r=0.5, alpha=8.0, a=0.8, b=2.5)
    >>> club = CovariateModel(central, purchase={"club": 0.5}, dropout={})
    >>> round(club.at(club=1).alpha, 2)
    4.85
    """

    central: PurchaseModel
    purchase: dict[str, float]
    dropout: dict[str, float]
    centre: dict[str, float] = field(default_factory=dict, kw_only=True)
    spread: dict[str, float] = field(default_factory=dict, kw_only=True)
    log_likelihood_without: float = field(default=float("nan"), kw_only=True)

    def __post_init__(self) -> None:
        _refuse_without_covariates(type(self.central))
        effects = [f"purchase: {k}" for k in self.purchase] + [f"dropout: {k}" for k in self.dropout]
        own = {
            "unit": self.central.unit,
            "_names": (*self.central._names, *effects),
            "_scales": self.central._scales,
            "_columns": (*PURCHASES, *self.covariates),
        }
        for name, value in own.items():
            object.__setattr__(self, name, value)

    @property
    def covariates(self) -> list[str]:
        """The columns, each once."""
        return list(dict.fromkeys([*self.purchase, *self.dropout]))

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
        unknown = set(values) - set(self.covariates)
        if unknown:
            raise ConfigError(f"No covariate {', '.join(sorted(unknown))}; there are {', '.join(self.covariates)}.")
        theta = _within_numbers(self._log_parameters(values))
        if np.isnan(theta).any():
            far = ", ".join(f"{k} = {values.get(k, 0.0):g}" for k in self.covariates)
            raise ConfigError(
                f"At {far} a parameter leaves the range of numbers; give values near those of the customers (means "
                f"{', '.join(f'{k} = {v:g}' for k, v in self.centre.items())})."
            )
        return self.central._with(theta)

    @property
    def params(self) -> pd.Series[float]:
        """Parameters for covariates of 0 (NaN where they leave the range of numbers), and effects, by name."""
        values = [*_within_numbers(self._log_parameters({})), *self.purchase.values(), *self.dropout.values()]
        return pd.Series(values, index=list(self._names), name="value", dtype=float)

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of `params`."""
        k, names = len(self.central._names), list(self._names)
        moves = np.eye(len(names))
        moves[:k, k:] = self._shifts({})
        unknown = np.isnan(central := self._relative_covariance)
        spread = moves @ np.where(unknown, 0.0, central) @ moves.T
        spread[np.abs(moves) @ unknown @ np.abs(moves).T > 0] = np.nan
        scale = np.append(self.params.to_numpy()[:k], np.ones(len(names) - k))
        return pd.DataFrame(spread * np.outer(scale, scale), index=names, columns=names)

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
        effect = np.arange(len(table)) >= len(self.central._names)
        z = (table["value"] / table["standard_error"]).where(effect)
        table = table.assign(z=z, p_value=2 * stats.norm.sf(z.abs()))
        table["multiplier"] = _within_numbers(table["value"].where(effect).to_numpy())
        fit: dict[Any, Any] = {"n": self.evidence.n, "log_likelihood": self.log_likelihood, "verdict": self.verdict}
        table.attrs = {**about, **fit, "log_likelihood_without": self.log_likelihood_without}
        return table

    def likelihood_ratio(self) -> dict[str, float]:
        """Test of all effects together against none: statistic, degrees of freedom, p-value."""
        statistic = 2 * (self.log_likelihood - self.log_likelihood_without)
        degrees = len(self.purchase) + len(self.dropout)
        return {"statistic": statistic, "degrees": degrees, "p_value": float(stats.chi2.sf(max(statistic, 0), degrees))}

    def sample(self, n: int = 1000, seed: int = 0, *, prior: str = "weak") -> pd.DataFrame:
        """Draws of `params` from their posterior, as in every model.

        The weak prior is on the central parameters, and on effects per standard deviation of their covariate.
        """
        drawn = draw(self, n, seed, prior)
        table = pd.DataFrame([self._with(line).params for line in drawn.to_numpy()], columns=drawn.columns)
        table.attrs = drawn.attrs
        return table.reset_index(drop=True)

    @classmethod
    def fit(cls, customers: Customers, **settings: Any) -> NoReturn:  # noqa: ARG003
        """Not here: `fit_covariates` is told the model and its covariates."""
        raise ConfigError("A model with covariates is fitted by fit_covariates(BGNBD, customers, purchase=[…]).")

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

    # Hooks of a model of purchases: each distinct combination of covariates has a model of its own

    def _read(self, customers: Customers) -> Rows:
        return read(customers, self._columns, PURCHASE_RULES, unit=self.unit)

    def _alive(self, rows: Rows) -> Array:
        return self._each(rows, lambda model, some, _: model._alive(some))

    def _stay(self, rows: Rows, t: float) -> Array:
        return self._each(rows, lambda model, some, _: model._stay(some, t))

    def _expected(self, rows: Rows, t: float, alive: Array | None = None) -> Array:
        return self._each(rows, lambda model, some, known: model._expected(some, t, known), alive)

    def _probability_of_n(self, rows: Rows, n: int, t: float) -> Array:
        return self._each(rows, lambda model, some, _: model._probability_of_n(some, n, t))

    def _discounted(self, rows: Rows, t: float, force: float, rough: bool = False, alive: Array | None = None) -> Array:
        return self._each(rows, lambda model, some, known: model._discounted(some, t, force, rough, known), alive)

    def _future(
        self, rows: Rows, t: float, rng: np.random.Generator, alive: Array | None = None
    ) -> tuple[Array, Array]:
        futures = []
        for at, kind in self._kinds(rows):
            owner, when = self.at(**kind)._future(rows.take(at), t, rng, None if alive is None else alive[at])
            futures.append((at[owner], when))
        owners, moments = zip(*futures, strict=True)
        return np.concatenate(owners), np.concatenate(moments)

    def _expected_new(self, t: Array) -> Array:  # noqa: ARG002
        self._refuse_unknown_customer()

    def _probability_of_n_new(self, n: int, t: Array) -> Array:  # noqa: ARG002
        self._refuse_unknown_customer()

    def _refuse_unknown_customer(self) -> NoReturn:
        values = ", ".join(f"{k!r}: …" for k in self.covariates)
        raise ConfigError(
            f"This model has covariates ({', '.join(self.covariates)}), and they are not known here; ask for one kind "
            f"of customers, with model.at(**{{{values}}})."
        )

    def _each(self, rows: Rows, answer: Any, alive: Array | None = None) -> Array:
        parts = [
            (at, answer(self.at(**kind), rows.take(at), None if alive is None else alive[..., at]))
            for at, kind in self._kinds(rows)
        ]
        values = np.empty((*np.shape(parts[0][1])[:-1], len(rows)))
        for at, part in parts:
            values[..., at] = part
        return values

    def _kinds(self, rows: Rows) -> list[tuple[Array, dict[str, float]]]:
        if not set(self.covariates) <= set(rows.values):
            self._refuse_unknown_customer()
        return kinds(rows, self.covariates)

    def _shifts(self, values: dict[str, float]) -> Array:
        """How the logarithms of the central parameters (lines) move with each effect (columns) at these covariates."""
        rate, sign_in, leave, sign_out = SHIFTED[type(self.central).__name__]
        names, moves = self.central._names, np.zeros((len(self.central._names), len(self.purchase) + len(self.dropout)))
        away = {k: values.get(k, 0.0) - self.centre.get(k, 0.0) for k in self.covariates}
        moves[names.index(rate), : len(self.purchase)] = [sign_in * away[k] for k in self.purchase]
        moves[names.index(leave), len(self.purchase) :] = [sign_out * away[k] for k in self.dropout]
        return moves

    def _log_parameters(self, values: dict[str, float]) -> Array:
        effects = np.array([*self.purchase.values(), *self.dropout.values()])
        return np.log(self.central._theta) + np.tensordot(self._shifts(values), effects, 1)

    # Hooks of the posterior: its parameters are the central ones and exp(effect per standard deviation)

    @property
    def _units(self) -> Array:
        return np.array([self.spread.get(k, 1.0) for k in (*self.purchase, *self.dropout)])

    @property
    def _theta(self) -> Array:
        effects = np.array([*self.purchase.values(), *self.dropout.values()])
        return np.concatenate([self.central._theta, np.exp((effects.T * self._units).T)])

    def _with(self, theta: Array) -> Self:
        k = len(self.central._names)
        effects = plain((np.log(theta[k:]).T / self._units).T)
        return replace(
            self,
            central=self.central._with(theta[:k]),
            purchase=dict(zip(self.purchase, effects, strict=False)),
            dropout=dict(zip(self.dropout, effects[len(self.purchase) :], strict=True)),
            evidence=None,
        )

    @property
    def _relative_covariance(self) -> Array:
        """Of the logarithms of the central parameters, and of the effects on the user's scale."""
        scale = np.append(self.central._theta, np.ones(len(self._names) - len(self.central._names)))
        return np.array(self._fit.covariance) / np.outer(scale, scale)

    @property
    def _log_covariance(self) -> Array:
        scale = np.append(np.ones(len(self.central._names)), self._units)
        return self._relative_covariance * np.outer(scale, scale)

    def _log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:  # type: ignore[override]
        purchase, dropout = (
            np.array([(rows[c] - self.centre.get(c, 0.0)) / self.spread.get(c, 1.0) for c in columns]).reshape(
                len(columns), len(rows)
            )
            for columns in (self.purchase, self.dropout)
        )
        return shifted_log_likelihood(type(self.central), theta, rows, purchase, dropout, slopes)


def _refuse_without_covariates(model: type[Any]) -> None:
    if model.__name__ not in FAMILY:
        raise ConfigError(f"Covariates need {', '.join(FAMILY)}; got {model.__name__}.")


def _within_numbers(log_values: Array) -> npt.NDArray[np.float64]:
    """exp, and NaN beyond 1e130 either way, so that variances are numbers too."""
    return np.where(np.abs(log_values) < 300, np.exp(np.clip(log_values, -300, 300)), np.nan)
