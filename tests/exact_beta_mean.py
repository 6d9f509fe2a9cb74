"""Means over a beta distribution by quadrature in arithmetic of any precision, at any scale of the parameters."""

from __future__ import annotations

from typing import Any

import mpmath as mp


def exact_mean(kind: str, a: float, b: float, R: float, tau: float, digits: int = 40) -> Any:
    """E[f(p)] for p ~ Beta(a, b) and one of "stay" (1 + pτ)^-R, "rate" (1 + pτ)^-(R+1), "buy" (1 - (1 + pτ)^-R) / p.

    The trapezoid rule in log(p / (1 - p)), with `digits` digits: with a or b below 1 the values at the two ends, whose
    means are known, are taken out first. Hypergeometric functions of mpmath agree where they can be evaluated.
    """
    with mp.workdps(digits + 15):
        a, b, R, tau = map(mp.mpf, (a, b, R, tau))  # type: ignore[assignment]
        gone = digits * mp.log(10) + 10
        f, at_0 = _function(kind, R, tau)
        m = max((R + 1) * tau, mp.mpf(1))
        low = -mp.log(b + m + 1) - gone / (1 + a) if a < 1 else _lower_end(a, b + m, gone)
        high = mp.log(a + R + 2) + gone / (1 + b) if b < 1 else -_lower_end(b, a, gone)
        peaked = a if a + b < R + 1 else a * b / (a + b)
        step = 2 * mp.pi / (mp.sqrt((2 * gone / mp.pi) ** 2 + 2 * gone * peaked) * mp.mpf("1.1"))
        left, right = (at_0 if a < 1 else 0), (f(mp.mpf(1)) if b < 1 else 0)
        norm, total = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b), mp.mpf(0)
        for i in range(int((high - low) / step) + 2):
            x = low + i * step
            p, log_rest = mp.exp(x) / (1 + mp.exp(x)), -mp.log1p(mp.exp(x))
            density = mp.exp(a * (x + log_rest) + b * log_rest - norm)
            total += density * (f(p) - left * mp.exp(m * log_rest) - right * p)
        ratio = mp.loggamma(b + m) - mp.loggamma(a + b + m) - mp.loggamma(b) + mp.loggamma(a + b)
        return left * mp.exp(ratio) + right * a / (a + b) + total * step


def _function(kind: str, R: Any, tau: Any) -> Any:
    """f, and its value at 0."""
    if kind == "stay":
        return lambda p: (1 + p * tau) ** -R, mp.mpf(1)
    if kind == "rate":
        return lambda p: (1 + p * tau) ** -(R + 1), mp.mpf(1)
    return lambda p: -mp.expm1(-R * mp.log1p(p * tau)) / p, R * tau


def _lower_end(a: Any, b: Any, gone: Any) -> Any:
    """log(p / (1 - p)) below which Beta(a, b) has less than e^-gone, by bisection of Chernoff's bound."""
    near, far = mp.mpf(0), gone / a + gone / b + mp.sqrt(2 * (gone / a + gone / b))
    for _ in range(60):
        d = (near + far) / 2
        enough = a * d + (a + b) * mp.log((b + a * mp.exp(-d)) / (a + b)) > gone
        near, far = (near, d) if enough else (d, far)
    return mp.log(a / b) - far
