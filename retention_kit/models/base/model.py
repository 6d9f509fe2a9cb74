"""What every fitted model can say about itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from retention_kit.errors import ConfigError, FitError
from retention_kit.models.base.evidence import Evidence, evidence_from, evidence_to, plain
from retention_kit.models.base.lifetimes_bridge import to_lifetimes
from retention_kit.models.base.posterior import draw
from retention_kit.models.base.rows import Array, Rows
from retention_kit.schema import DAYS_PER_MONTH, UNIT_DAYS

__all__ = ["Evidence", "Model"]

_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Model:
    """Base of all models: parameters as dataclass fields, a unit of time, and the evidence of the fit."""

    _names: ClassVar[tuple[str, ...]] = ()
    _scales: ClassVar[dict[str, str]] = {}
    """Parameters that are times or money, and the column whose mean their weak prior is centred on."""

    _broadcasts: ClassVar[bool] = False
    """Whether each parameter may be a column: the log-likelihood (without slopes) and predictions of many at once, one
    line for each."""

    _timed: ClassVar[bool] = True
    """Whether the model cannot do without a unit of time; where it can, an empty unit is one that nobody stated."""

    unit: str = field(default="week", kw_only=True)
    evidence: Evidence | None = field(default=None, repr=False, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        if wrong := {k: v for k in self._names if not _is_parameter(v := getattr(self, k))}:
            raise ConfigError(f"{type(self).__name__} needs finite parameters above 0; got {wrong}.")
        if self.unit not in UNIT_DAYS and (self._timed or self.unit != ""):
            raise ConfigError(f"Unit {self.unit!r} is not known; use one of {', '.join(UNIT_DAYS)}.")

    @property
    def params(self) -> pd.Series[float]:
        """Parameters by name."""
        return pd.Series({k: float(getattr(self, k)) for k in self._names}, name="value", dtype=float)

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of the parameters."""
        return pd.DataFrame(self._fit.covariance, index=list(self._names), columns=list(self._names), dtype=float)

    @property
    def standard_errors(self) -> pd.Series[float]:
        """Standard errors of the parameters; NaN where the data do not settle one."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=list(self._names), name="standard_error")

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at the parameters."""
        return self._fit.log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2k − 2 log L: smaller is better, among models of the same data."""
        return 2 * len(self._names) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, k log n − 2 log L: smaller is better, among models of the same data."""
        return len(self._names) * float(np.log(self._fit.n)) - 2 * self.log_likelihood

    @property
    def verdict(self) -> str:
        """ "converged", or what is doubtful about the fit."""
        return self._fit.verdict

    def summary(self) -> pd.DataFrame:
        """Parameters with standard errors and 95 % intervals; what belongs to the whole fit is in `.attrs`.

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
        table.attrs = {"model": type(self).__name__, "unit": self.unit, "conversion": months, **table.attrs}
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
            On the logarithms of the parameters: normal with standard deviation 3 around 0 (around the mean time or
            money for parameters that are one), or flat.

        Returns
        -------
        DataFrame
            One draw per row; `.attrs` has ess, pareto_k and prior. Warns when they cannot be trusted.
        """
        return draw(self, n, seed, prior)

    def to_json(self) -> str:
        """The model as JSON text; customers' rows are not in it.

        See Also
        --------
        from_json : the way back.
        """
        fit = evidence_to(self.evidence)
        about = {"model": type(self).__name__, "unit": self.unit, "params": self.params.to_dict(), "evidence": fit}
        return json.dumps(about, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model that `to_json` wrote.

        Raises
        ------
        ConfigError
            If the text is something else, or another model.
        """
        try:
            about = json.loads(text)
            name, params, unit, fit = (about[key] for key in ("model", "params", "unit", "evidence"))
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

    @classmethod
    def _log_likelihood(cls, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        """Log-likelihood of each row, and its gradient (parameters × rows) unless `slopes` is False."""
        raise NotImplementedError

    def _with(self, theta: Array) -> Self:
        """The same model with other parameters, which may be columns, and without evidence."""
        return replace(self, evidence=None, **dict(zip(self._names, plain(theta), strict=True)))

    def _draws(self, n: int, seed: int) -> Array:
        """Draws of the parameters that `_with` takes, one per line."""
        return draw(self, n, seed, "weak").to_numpy()

    @property
    def _log_covariance(self) -> Array:
        """Covariance of the logarithms of the parameters."""
        return np.array(self._fit.covariance) / np.outer(self._theta, self._theta)

    @property
    def _fit(self) -> Evidence:
        if self.evidence is None:
            raise FitError(f"This {type(self).__name__} was built from published parameters; fit it to data for this.")
        return self.evidence

    @property
    def _theta(self) -> Array:
        return np.array([getattr(self, k) for k in self._names], dtype=float)


def _is_parameter(value: Any) -> bool:
    """A finite number above 0, or a column of them; not a text, nor true or false."""
    values = np.asarray(value)
    return values.dtype.kind in "iuf" and bool(np.all((values > 0) & (values < np.inf)))
