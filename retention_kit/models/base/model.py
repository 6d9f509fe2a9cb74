"""The base class of all fitted models."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from retention_kit.errors import ConfigError, FitError
from retention_kit.models.base.calls import CheckedCalls
from retention_kit.models.base.evidence import Evidence, evidence_from, evidence_to
from retention_kit.models.base.fitting import evidence_of, maximise
from retention_kit.models.base.lifetimes_bridge import to_lifetimes
from retention_kit.models.base.posterior import draw
from retention_kit.models.base.process import Process
from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array
from retention_kit.schema import DAYS_PER_MONTH, UNIT_DAYS

_Z95 = 1.959963984540054
"""97.5 % quantile of the normal distribution."""


@dataclass(frozen=True)
class Model(metaclass=CheckedCalls):
    """Base of all models: parameters as dataclass fields, a unit of time, and the evidence of the fit."""

    process: ClassVar[Process]
    """The mathematics of the model; its `names` are the fields that are parameters."""
    fitted_by: ClassVar[str] = ""
    """The call that makes the model, if it is not its own `fit`."""
    fixed: ClassVar[tuple[str, ...]] = ()
    """Fields that make the process and are no parameters of it, such as the k of regular buyers."""
    timed: ClassVar[bool] = True
    """Whether the model requires a unit of time; otherwise an empty unit means that none was stated."""

    unit: str = field(default="week", kw_only=True)
    evidence: Evidence | None = field(default=None, repr=False, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        if wrong := {k: v for k in self.process.names if not _is_parameter(v := getattr(self, k))}:
            raise ConfigError(f"{type(self).__name__} needs finite parameters above 0; got {wrong}.")
        if self.unit not in UNIT_DAYS and (self.timed or self.unit != ""):
            raise ConfigError(f"Unit {self.unit!r} is not known; use one of {', '.join(UNIT_DAYS)}.")

    @property
    def params(self) -> pd.Series[float]:
        """Parameters by name."""
        return pd.Series(self.theta, index=list(self.process.names), name="value", dtype=float)

    @property
    def theta(self) -> Array:
        """Parameters as an array for the process, (parameters,)."""
        return np.array([getattr(self, k) for k in self.process.names], dtype=float)

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of the parameters."""
        names = list(self.process.names)
        return pd.DataFrame(self._evidence().covariance, index=names, columns=names, dtype=float)

    @property
    def log_covariance(self) -> Array:
        """Covariance of the logarithms of theta, (parameters, parameters)."""
        relative: Array = np.array(self._evidence().covariance) / np.outer(self.theta, self.theta)
        return relative

    @property
    def standard_errors(self) -> pd.Series[float]:
        """Standard errors of the parameters; NaN for those that the data do not determine."""
        errors = np.sqrt(np.diag(self.covariance))
        return pd.Series(errors, index=list(self.process.names), name="standard_error")

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at the parameters."""
        return self._evidence().log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2k − 2 log L: smaller is better, among models of the same data."""
        return 2 * self._estimated - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, k log n − 2 log L: smaller is better, among models of the same data."""
        return self._estimated * float(np.log(self._evidence().n)) - 2 * self.log_likelihood

    @property
    def _estimated(self) -> int:
        """Parameters, and whole numbers chosen by likelihood."""
        return len(self.process.names) + self._evidence().chosen

    @property
    def verdict(self) -> str:
        """ "converged", or what is doubtful about the fit."""
        return self._evidence().verdict

    def summary(self) -> pd.DataFrame:
        """Parameters with standard errors and 95 % intervals; results of the fit as a whole are in `.attrs`.

        The interval is formed on the logarithm, so it never reaches below 0.
        """
        table = self.params.to_frame()
        if self.evidence is not None:
            spread = _Z95 * self.standard_errors / self.params
            table = table.assign(
                standard_error=self.standard_errors,
                low=self.params * np.exp(-spread),
                high=self.params * np.exp(spread),
            )
            fit: dict[Any, Any] = {
                "n": self.evidence.n,
                "log_likelihood": self.log_likelihood,
                "aic": self.aic,
                "bic": self.bic,
            }
            table.attrs = {**fit, "verdict": self.verdict, "grain": self.evidence.grain, "as_of": self.evidence.as_of}
        days = UNIT_DAYS.get(self.unit)
        months = f"1 month = {DAYS_PER_MONTH / days:.6g} {self.unit}s" if days else "no unit of time was stated"
        about: dict[Any, Any] = {"model": type(self).__name__, **self._constants}
        table.attrs = {**about, "unit": self.unit, "conversion": months, **table.attrs}
        return table

    def sample(self, n: int = 1000, seed: int = 0, *, prior: str = "weak") -> pd.DataFrame:
        """Draws of the parameters from their posterior.

        Parameters
        ----------
        n : int
            Draws.
        seed : int
            The same seed gives the same draws.
        prior : {"weak", "flat"}
            Prior of the logarithms of the parameters: normal with standard deviation 3 around 0 (around the mean time
            or money for parameters that are times or money), or flat.

        Returns
        -------
        DataFrame
            One draw per row; `.attrs` has ess, pareto_k and prior. Warns if the draws are not reliable.
        """
        return draw(self, self._evidence(), n, seed, prior)

    def to_json(self) -> str:
        """The model as JSON text, without the rows of customers.

        See Also
        --------
        from_json : reads the text.
        """
        fit = evidence_to(self.evidence)
        values: dict[Any, Any] = {**self.params.to_dict(), **self._constants}
        content = {"model": type(self).__name__, "unit": self.unit, "params": values, "evidence": fit}
        return json.dumps(content, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model that `to_json` wrote.

        Raises
        ------
        ConfigError
            If the text is something else, or another model.
        """
        try:
            content = json.loads(text)
            name, params, unit, fit = (content[key] for key in ("model", "params", "unit", "evidence"))
        except (TypeError, ValueError, KeyError):
            raise ConfigError(f"{cls.__name__}.from_json needs what to_json wrote; got {str(text)[:60]!r}.") from None
        if name != cls.__name__:
            raise ConfigError(f"The text holds a {name}, not a {cls.__name__}; use {name}.from_json.")
        return cls(**params, unit=unit, evidence=evidence_from(fit))

    def to_lifetimes(self) -> Any:
        """The same model as a fitted object of the lifetimes package, for code that expects one.

        Raises
        ------
        ConfigError
            If lifetimes does not have the model.
        """
        return to_lifetimes(self)

    def draws(self, n: int, seed: int) -> Array:
        """Draws of theta from the posterior under the weak prior, one per line.

        Parameters
        ----------
        n : int
            Draws.
        seed : int
            The same seed gives the same draws.

        Returns
        -------
        array
            (n, parameters), as `with_parameters` and the process take them.
        """
        return draw(self, self._evidence(), n, seed, "weak").to_numpy()

    def with_parameters(self, theta: Array) -> Self:
        """The same model with other parameters, and without evidence.

        Parameters
        ----------
        theta : array
            (parameters,), in the order of the process's names.

        Returns
        -------
        model
            A new model.
        """
        values: dict[str, Any] = dict(zip(self.process.names, map(float, theta), strict=True))
        return replace(self, evidence=None, **values)

    @classmethod
    def at_the_peak(cls, rows: Rows) -> Self:
        """The model with the parameters that make these rows most likely, and the evidence for them."""
        process = cls.process
        peak = maximise(process.log_likelihood, rows, process.starts(rows))
        evidence = evidence_of(cls.__name__, process.names, peak, rows, process.advice)
        theta = dict(zip(process.names, map(float, peak.theta), strict=True))
        return cls(**theta, unit=rows.about.get("unit", ""), evidence=evidence)

    @property
    def _constants(self) -> dict[str, Any]:
        """The fields that are no parameters, by name."""
        return {name: getattr(self, name) for name in self.fixed}

    def _evidence(self) -> Evidence:
        if self.evidence is None:
            raise FitError(f"This {type(self).__name__} was built from published parameters; fit it to data for this.")
        return self.evidence


def _is_parameter(value: Any) -> bool:
    """Whether a value is a finite number above 0; text, true and false are not."""
    return np.asarray(value).dtype.kind in "iuf" and np.ndim(value) == 0 and 0 < float(value) < np.inf
