"""Calls in the style of lifetimes, which every model answers with an error that names the call that replaces them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from retention_kit.errors import ConfigError, join_faults

__all__: list[str] = []

Arguments = ParamSpec("Arguments")
Fitted = TypeVar("Fitted")


class CheckedCalls(type):
    """The type of all models: unknown arguments are refused with advice instead of a bare TypeError."""

    def __call__(cls, *values: Any, **named: Any) -> Any:
        try:
            return super().__call__(*values, **named)
        except TypeError:
            made = next(vars(base)["__init__"] for base in cls.__mro__ if "__init__" in vars(base))
            if _fits(made, (None, *values), named):
                raise
        names = ", ".join(f"{name}=..." for name in _of_process(cls, "names")) or "..."
        description = f"{cls.__name__}({names}) is a model whose parameters are known"
        raise ConfigError(_sentence([f"{description}; from data it is {_call(cls)}"], named))


def takes_one_table(fit: Callable[Arguments, Fitted]) -> Callable[Arguments, Fitted]:
    """Refuse a fit with single columns or unknown options, with advice on the correct call."""

    @wraps(fit)
    def checked(*values: Arguments.args, **named: Arguments.kwargs) -> Fitted:
        if not _fits(fit, values, named):
            cls: Any = values[0]
            strange = [name for name in named if name not in _parameters_of(fit) and name != "penalizer_coef"]
            other = [name for name in strange if name not in _of_process(cls, "columns")]
            has_table = len(values) == 2 or (len(values) == 1 and "customers" in named)
            one_table = f"{cls.__name__}.fit takes one table: {_call(cls)}"
            faults = [] if has_table and len(other) == len(strange) else [one_table]
            if other:
                faults.append(f"{cls.__name__}.fit has no {', '.join(other)}; it takes a table, weights and unit")
            raise ConfigError(_sentence(faults, named))
        return fit(*values, **named)

    return checked


def _fits(function: Callable[..., Any], values: tuple[Any, ...], named: Mapping[str, Any]) -> bool:
    """Whether a function can be called with these arguments."""
    try:
        inspect.signature(function).bind(*values, **named)
    except TypeError:
        return False
    return True


def _parameters_of(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


def _call(cls: Any) -> str:
    """The call that fits a model."""
    if cls.fitted_by:
        return str(cls.fitted_by)
    table = ", ".join(f"{column!r}: ..." for column in _of_process(cls, "columns"))
    return f"{cls.__name__}.fit(pd.DataFrame({{{table}}}), unit='day')"


def _of_process(cls: Any, attribute: str) -> tuple[str, ...]:
    """Names of parameters or columns; empty if only an object of the class has a process."""
    names: tuple[str, ...] = getattr(getattr(cls, "process", None), attribute, ())
    return names


def _sentence(faults: list[str], named: Mapping[str, Any]) -> str:
    if "penalizer_coef" in named:
        faults = [
            *faults,
            "no penalizer_coef is needed, as the search runs on the logarithms of the parameters and names what stays "
            "open; leave it out (sample() has a weak prior)",
        ]
    return f"{join_faults(faults)}."
