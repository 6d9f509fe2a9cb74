"""A process of purchases whose parameters are shifted by covariates.

Customers with the same covariates z follow the same process with shifted parameters (Fader & Hardie 2007, note 019): an
effect e of the purchase rate divides α by exp(e z), and one of the dropout multiplies a (BG/NBD, MBG/NBD) or divides β
(Pareto/NBD). Its parameters θ are those of customers at the centre of the covariates, then exp(effect per standard
deviation) of each covariate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import numpy as np

from retention_kit.errors import ConfigError
from retention_kit.models.base.rows import PURCHASES, Rows
from retention_kit.models.futures.buying import ActiveCustomers, BuyingProcess
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.beta_geometric import BGNBD, MBGNBD
from retention_kit.models.purchases.pareto_nbd import ParetoNBD
from retention_kit.models.purchases.purchase_model import PurchaseModel

FAMILY: dict[str, type[PurchaseModel]] = {m.__name__: m for m in (BGNBD, MBGNBD, ParetoNBD)}
"""The models that take covariates."""
_LEAVING = {"a": 1, "beta": -1}
"""The parameter that carries the dropout, and the sign of an effect in its logarithm; the purchase rate is in alpha,
with the sign -1."""
_FARTHEST = 25.0
"""The search takes no customer's parameter farther from the average customer's than e^25, so that no step overflows."""


class _RowByRow(Rows):
    """Rows whose parameters differ, so that nothing can be computed once per level of a column."""

    def levels(self, column: str) -> tuple[Array, Callable[[Array], Array]]:
        """Every row is a level of its own."""
        return self.values[column], lambda values: values


class ShiftedProcess(BuyingProcess):
    """The process of `central`, shifted by the covariates of each customer.

    `centre` and `spread` are a covariate's origin and scale inside (0 and 1 where they are not named), so that neither
    the year 2025 nor an income of 80,000 disturbs the search.
    """

    def __init__(
        self,
        central: BuyingProcess,
        purchase: Sequence[str],
        dropout: Sequence[str],
        centre: Mapping[str, float],
        spread: Mapping[str, float],
    ) -> None:
        self.central, self.purchase, self.dropout = central, list(purchase), list(dropout)
        self.covariates = list(dict.fromkeys([*purchase, *dropout]))
        self.centre = {k: centre.get(k, 0.0) for k in self.covariates}
        self.spread = {k: spread.get(k, 1.0) for k in self.covariates}
        self.names: tuple[str, ...] = (
            *central.names,
            *(f"purchase: {k}" for k in purchase),
            *(f"dropout: {k}" for k in dropout),
        )
        self.columns: tuple[str, ...] = (*PURCHASES, *self.covariates)
        self.scales = central.scales
        leaving = next(k for k in central.names if k in _LEAVING)
        self.rate, self.leave = central.names.index("alpha"), central.names.index(leaving)
        self.sign = _LEAVING[leaving]

    @property
    def units(self) -> Array:
        """Standard deviation of the covariate of each effect."""
        return np.array([self.spread[k] for k in (*self.purchase, *self.dropout)])

    def split(self, theta: Array) -> tuple[Array, Array]:
        """Parameters of the central customers, and effects on the user's scale."""
        k = len(self.central.names)
        return theta[:k], np.log(theta[k:]) / self.units

    def shifts(self, values: Mapping[str, float]) -> Array:
        """How the logarithms of the central parameters (lines) move with each effect (columns) at these covariates."""
        moves = np.zeros((len(self.central.names), len(self.purchase) + len(self.dropout)))
        away = {k: values.get(k, 0.0) - self.centre[k] for k in self.covariates}
        moves[self.rate, : len(self.purchase)] = [-away[k] for k in self.purchase]
        moves[self.leave, len(self.purchase) :] = [self.sign * away[k] for k in self.dropout]
        return moves

    def at(self, theta: Array, effects: Array, values: Mapping[str, float]) -> Array:
        """Parameters of customers with these covariates, from those of the central ones."""
        shifted = within_numbers(np.log(theta) + np.tensordot(self.shifts(values), effects, 1))
        if np.isnan(shifted).any():
            far = ", ".join(f"{k} = {values.get(k, 0.0):g}" for k in self.covariates)
            raise ConfigError(
                f"At {far} a parameter leaves the range of numbers; give values near those of the customers (means "
                f"{', '.join(f'{k} = {v:g}' for k, v in self.centre.items())})."
            )
        return shifted

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        """That of the central process with shifted parameters, and its gradient in the central parameters and
        exp(effects)."""
        k, effects, own = len(self.central.names), np.log(theta[len(self.central.names) :]), list(theta)
        shifted = [(self.rate, -1, self.purchase), (self.leave, self.sign, self.dropout)]
        by_effect: list[tuple[int, Array]] = []
        for parameter, sign, columns in shifted:
            scaled = [sign * ((rows[c] - self.centre[c]) / self.spread[c]) for c in columns]
            few, effects = effects[: len(columns)], effects[len(columns) :]
            shift = sum((e * z for e, z in zip(few, scaled, strict=True)), np.zeros(len(rows)))
            own[parameter] = own[parameter] * np.exp(np.clip(shift, -_FARTHEST, _FARTHEST))
            by_effect += [(parameter, z * (np.abs(shift) < _FARTHEST)) for z in scaled]
        each = np.stack(np.broadcast_arrays(*own[:k], np.empty(len(rows)))[:k])
        value, gradient = self.central.log_likelihood(each, _RowByRow(rows.values, rows.weights), slopes)
        if not slopes:
            return value, value[:0]
        by_log = gradient * each
        return value, np.stack([*by_log, *(by_log[parameter] * z for parameter, z in by_effect)]) / theta[:, None]

    def starts(self, rows: Rows) -> list[list[float]]:
        """Those of the central process, without effects."""
        return [[*start, *np.ones(len(self.purchase) + len(self.dropout))] for start in self.central.starts(rows)]

    # Each distinct combination of covariates is answered by the central process

    def alive(self, theta: Array, rows: Rows) -> Array:
        return self._each(theta, rows, lambda own, some, _: self.central.alive(own, some))

    def stay(self, theta: Array, rows: Rows, t: float) -> Array:
        return self._each(theta, rows, lambda own, some, _: self.central.stay(own, some, t))

    def expected(self, theta: Array, rows: Rows, t: float, alive: Array | None = None) -> Array:
        return self._each(theta, rows, lambda own, some, known: self.central.expected(own, some, t, known), alive)

    def probability_of_n(self, theta: Array, rows: Rows, n: int, t: float) -> Array:
        return self._each(theta, rows, lambda own, some, _: self.central.probability_of_n(own, some, n, t))

    def discounted(
        self, theta: Array, rows: Rows, t: float, force: float, rough: bool = False, alive: Array | None = None
    ) -> Array:
        return self._each(
            theta, rows, lambda own, some, known: self.central.discounted(own, some, t, force, rough, known), alive
        )

    def alike(self, theta: Array, rows: Rows) -> list[tuple[Array, BuyingProcess, Array]]:
        return [(position, self.central, own) for position, own in self._kinds(theta, rows)]

    def future(
        self, theta: Array, rows: Rows, t: float, rng: np.random.Generator, alive: Array | None = None
    ) -> tuple[Array, Array]:
        owners, moments = [], []
        for position, own in self._kinds(theta, rows):
            known = None if alive is None else alive[position]
            owner, when = self.central.future(own, rows.take(position), t, rng, known)
            owners.append(position[owner])
            moments.append(when)
        return np.concatenate(owners), np.concatenate(moments)

    def active(self, theta: Array, rows: Rows) -> ActiveCustomers:  # noqa: ARG002
        self._refuse_unknown_customer()

    def expected_new(self, theta: Array, t: Array) -> Array:  # noqa: ARG002
        self._refuse_unknown_customer()

    def probability_of_n_new(self, theta: Array, n: int, t: Array) -> Array:  # noqa: ARG002
        self._refuse_unknown_customer()

    def _refuse_unknown_customer(self) -> NoReturn:
        values = ", ".join(f"{k!r}: …" for k in self.covariates)
        raise ConfigError(
            f"This model has covariates ({', '.join(self.covariates)}), and they are not known here; ask for one kind "
            f"of customers, with model.at(**{{{values}}})."
        )

    def _each(
        self, theta: Array, rows: Rows, answer: Callable[[Array, Rows, Array | None], Array], alive: Array | None = None
    ) -> Array:
        values = np.empty(len(rows))
        for position, own in self._kinds(theta, rows):
            values[position] = answer(own, rows.take(position), None if alive is None else alive[position])
        return values

    def _kinds(self, theta: Array, rows: Rows) -> list[tuple[Array, Array]]:
        """Positions of the rows with each distinct combination of covariates, and their parameters."""
        if not set(self.covariates) <= set(rows.values):
            self._refuse_unknown_customer()
        central, effects = self.split(theta)
        return [(position, self.at(central, effects, values)) for position, values in kinds(rows, self.covariates)]


def kinds(rows: Rows, columns: Sequence[str]) -> list[tuple[Array, dict[str, float]]]:
    """Positions of the rows with each distinct combination of covariates, and the combination."""
    values, which = np.unique(np.stack([rows[c] for c in columns]), axis=1, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(which.ravel()))[:-1]
    return [
        (position, dict(zip(columns, map(float, kind), strict=True)))
        for position, kind in zip(np.split(order, ends), values.T, strict=True)
    ]


def within_numbers(log_values: Array) -> Array:
    """exp, and NaN beyond 1e130 either way, so that variances are numbers too."""
    return np.where(np.abs(log_values) < 300, np.exp(np.clip(log_values, -300, 300)), np.nan)
