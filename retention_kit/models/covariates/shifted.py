"""A model of purchases for each distinct combination of covariates, and together one model for all customers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, Self

import numpy as np
import numpy.typing as npt

from retention_kit.errors import ConfigError
from retention_kit.models.base.evidence import plain
from retention_kit.models.base.rows import PURCHASE_RULES, PURCHASES, Array, Customers, Rows, read
from retention_kit.models.covariates.covariate_likelihood import SHIFTED, kinds, shifted_log_likelihood
from retention_kit.models.purchases.bgnbd import BGNBD
from retention_kit.models.purchases.mbgnbd import MBGNBD
from retention_kit.models.purchases.pareto_nbd import ParetoNBD
from retention_kit.models.purchases.purchase_model import PurchaseModel

__all__: list[str] = []

FAMILY: dict[str, type[PurchaseModel]] = {m.__name__: m for m in (BGNBD, MBGNBD, ParetoNBD)}
"""The models that take covariates."""


@dataclass(frozen=True)
class ShiftedModel(PurchaseModel):
    """Base of CovariateModel: its fields, the model at given covariates, and the hooks of a model of purchases."""

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
        theta = within_numbers(self._log_parameters(values))
        if np.isnan(theta).any():
            far = ", ".join(f"{k} = {values.get(k, 0.0):g}" for k in self.covariates)
            raise ConfigError(
                f"At {far} a parameter leaves the range of numbers; give values near those of the customers (means "
                f"{', '.join(f'{k} = {v:g}' for k, v in self.centre.items())})."
            )
        return self.central._with(theta)

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


def within_numbers(log_values: Array) -> npt.NDArray[np.float64]:
    """exp, and NaN beyond 1e130 either way, so that variances are numbers too."""
    return np.where(np.abs(log_values) < 300, np.exp(np.clip(log_values, -300, 300)), np.nan)
