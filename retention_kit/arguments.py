"""Checks of arguments by their kind: a number, a share, a horizon, a choice, a table.

A function opens one `Arguments`, passes each argument to the method of its kind, and gets plain Python values back; all
faults of a call are raised together. If nothing has to be converted, `refuse` is sufficient."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Iterable, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.errors import ConfigError, DataError, caution, join_faults

_DURATIONS = (dt.timedelta, np.timedelta64, pd.offsets.BaseOffset)
_MOMENTS = (dt.date, np.datetime64, pd.Period)


class Arguments:
    """The checks of one call: used in a `with` block, at whose end all faults are raised as one error.

    Parameters
    ----------
    error : type
        ConfigError for a request, DataError for data.

    Raises
    ------
    ConfigError or DataError
        At the end of the block, with all faults of the call.

    Examples
    --------
    >>> with Arguments() as check:
    ...     n, q = check.whole("n", 2.5), check.level("q", 2)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    retention_kit.errors.ConfigError: 2 faults: (1) n must be a whole number; got 2.5; (2) q must be between ...
    """

    def __init__(self, error: type[ConfigError | DataError] = ConfigError) -> None:
        self.error = error
        self.faults: list[str] = []

    def __enter__(self) -> Arguments:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self.faults:
            raise self.error(f"{join_faults(self.faults)}.")

    def number(
        self,
        name: str,
        value: Any,
        *,
        above: float | None = None,
        least: float | None = None,
        below: float | None = None,
        most: float | None = None,
        endless: bool = False,
    ) -> float:
        """A finite number within its bounds, or with `endless` also infinity, as a float; NaN if it is a fault."""
        bounds = _bounds(above, least, below, most)
        needed = f"a number{bounds}" + ("" if endless or most is not None or below is not None else ", not endless")
        amount = plain(value)
        if (
            amount is None
            or math.isnan(amount)
            or (math.isinf(amount) and not endless)
            or not _within(amount, above, least, below, most)
        ):
            self.faults.append(f"{name} must be {needed}; got {described(value)}")
            return math.nan
        return amount

    def whole(self, name: str, value: Any, *, least: int | None = None, most: int | None = None) -> int:
        """A whole number within its bounds as an int (2.0 is one); 0 if it is a fault."""
        amount = plain(value)
        if amount is None or not math.isfinite(amount) or amount % 1 or not _within(amount, None, least, None, most):
            self.faults.append(
                f"{name} must be a whole number{_bounds(None, least, None, most)}; got {described(value)}"
            )
            return 0
        return int(amount)

    def array(
        self, name: str, values: Any, *, least: float | None = None, whole: bool = False, positive: bool = False
    ) -> np.ndarray:
        """Finite numbers of any shape as floats; a single number comes back without a dimension."""
        kind = "whole numbers" if whole else "numbers"
        kind = kind if np.ndim(values) else f"a {kind[:-1]}"
        bounds = " above 0" if positive else _bounds(None, least, None, None)
        try:
            result = np.asarray(values)
            if result.dtype.kind not in "iuf" or isinstance(values, list | tuple):
                result = np.array([_strict(v) for v in np.asarray(values, dtype=object).ravel()]).reshape(result.shape)
        except (TypeError, ValueError):
            self.faults.append(f"{name} must be {kind}{bounds}; got {described(values)}")
            return np.zeros(np.shape(values) if isinstance(values, np.ndarray) else ())
        result = result.astype(float)
        with np.errstate(invalid="ignore"):
            wrong = ~np.isfinite(result) | (whole & (result % 1 > 0)) | (positive & (result <= 0))
        wrong |= result < least if least is not None else False
        self.fault(f"{name} must be {kind}{bounds}; got nothing", when=positive and not result.size)
        if wrong.any():
            self.faults.append(f"{name} must be {kind}{bounds}, not endless or empty; got {result[wrong].flat[0]:g}")
        return result

    def level(self, name: str, value: Any) -> float:
        """A confidence level, between 0 and 1."""
        amount = plain(value)
        if amount is None or not 0 < amount < 1:
            hint = f", and {amount:g} % is {amount / 100:g}" if amount is not None and 1 < amount < 100 else ""
            self.faults.append(f"{name} must be between 0 and 1; got {described(value)}{hint}")
            return math.nan
        return amount

    def discount_rate(self, name: str, value: Any) -> float:
        """A yearly discount rate as a fraction; a rate above 1 causes a warning, because it is rarely intended."""
        rate = self.number(name, value, least=0)
        if rate > 1:
            caution(f"{name}={rate:g} means {100 * rate:,.0f} % a year; {rate:g} % is {rate / 100:.2f}.")
        return rate

    def choice(self, name: str, value: Any, options: Iterable[Any]) -> Any:
        """One of several names."""
        allowed = list(options)
        if not isinstance(value, str) or value not in allowed:
            self.faults.append(f"{name} must be one of {', '.join(map(str, allowed))}; got {described(value)}")
        return value

    def flag(self, name: str, value: Any) -> bool:
        """True or False, not 1 or "no"."""
        if not isinstance(value, bool | np.bool_):
            self.faults.append(f"{name} must be True or False; got {described(value)}")
        return bool(value) if isinstance(value, bool | np.bool_) else False

    def instance(self, name: str, value: Any, kinds: type | tuple[type, ...], needed: str) -> Any:
        """An object of one of these classes, such as a fitted model."""
        if not isinstance(value, kinds):
            self.faults.append(f"{name} must be {needed}; got {described(value)}")
        return value

    def frame(self, name: str, value: Any, columns: Sequence[str] = (), *, maker: str = "") -> Any:
        """A DataFrame with these columns; `maker` names the function that returns such a table."""
        hint = f" (from {maker})" if maker else ""
        if not isinstance(value, pd.DataFrame):
            self.faults.append(f"{name} must be a DataFrame{hint}; got {described(value)}")
        elif missing := [c for c in columns if c not in value.columns]:
            self.faults.append(
                f"{name} must be a table with {', '.join(columns)}{hint}; missing: {', '.join(missing)}, "
                f"found: {', '.join(map(str, value.columns)) or 'no column'}"
            )
        return value

    def fault(self, text: str, *, when: bool = True) -> None:
        """Anything else that is wrong with the call."""
        if when:
            self.faults.append(text)


def refuse(error: type[ConfigError | DataError] = ConfigError, **given: tuple[Any, str]) -> None:
    """Refuse arguments that are not of their kind: count, size (a count from 1), level, share, flag, name, column (one
    name or several), period, unit or table; with a question mark, as in "size?", None is one too.

    >>> refuse(level=(0.95, "level"), min_size=(-1, "count"), rolling=("no", "flag"))
    Traceback (most recent call last):
    retention_kit.errors.ConfigError: 2 faults: (1) min_size must be a whole number, 0 or more; got -1; (2) rolling \
must be True or False; got 'no'.
    """
    with Arguments(error) as check:
        for name, (value, asked) in given.items():
            kind = asked.removesuffix("?")
            if value is None and asked != kind:
                continue
            if kind in ("count", "size"):
                check.whole(name, value, least=int(kind == "size"))
            elif kind == "share":
                check.number(name, value, least=0, most=1)
            elif kind == "name":
                check.fault(f"{name} must be one name; got {described(value)}", when=not isinstance(value, str))
            elif kind in ("period", "unit"):
                check.choice(name, value, ("day", "week", "month", "year", *["quarter"] * (kind == "period")))
            elif kind == "column":
                names = [value] if value is None or isinstance(value, str) else value
                named = isinstance(names, list | tuple) and all(n is None or isinstance(n, str) for n in names)
                check.fault(f"{name} must be the name of a column, or several; got {described(value)}", when=not named)
            else:
                {"level": check.level, "flag": check.flag, "table": check.frame}[kind](name, value)


def plain(value: Any) -> float | None:
    """A number as a float; None for anything else: texts, truth values, durations, dates, tables.

    >>> plain(np.int64(3)), plain("3"), plain(True), plain(pd.Timedelta("3D"))
    (3.0, None, None, None)
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real | Decimal):
        return None
    return float(value)


def described(value: Any) -> str:
    """A description of a value in one line, with advice on how to convert it to a number if there is any.

    >>> described("abc"), described(pd.Timedelta("7D"))
    ("'abc'", 'a duration (7 days 00:00:00); write it as a number of units')
    """
    if isinstance(value, _DURATIONS):
        return f"a duration ({value}); write it as a number of units"
    if isinstance(value, _MOMENTS):
        return f"a date ({value}); write it as a number of units"
    if isinstance(value, pd.DataFrame | pd.Series | np.ndarray):
        return f"a {type(value).__name__} of shape {value.shape}"
    text = f"{value:g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _strict(value: Any) -> float:
    amount = plain(value)
    if amount is None:
        raise TypeError(value)
    return amount


def _within(value: float, above: float | None, least: float | None, below: float | None, most: float | None) -> bool:
    return (
        (above is None or value > above)
        and (least is None or value >= least)
        and (below is None or value < below)
        and (most is None or value <= most)
    )


def _bounds(above: float | None, least: float | None, below: float | None, most: float | None) -> str:
    low = f" above {above:g}" if above is not None else f", {least:g} or more" if least is not None else ""
    high = f" and below {below:g}" if below is not None else f" and at most {most:g}" if most is not None else ""
    return low + high if low else high.replace(" and", ",", 1)
