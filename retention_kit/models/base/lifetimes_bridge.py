"""Fitted models as objects of the lifetimes package, for code and plots that expect one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_kit.errors import ConfigError
from retention_kit.models.base.process import Fitted

_CLASSES = {
    "BGNBD": ("BetaGeoFitter", "beta_geometric_nbd_model"),
    "MBGNBD": ("ModifiedBetaGeoFitter", "modified_beta_geometric_nbd_model"),
    "ParetoNBD": ("ParetoNBDFitter", "pareto_nbd_model"),
    "BGBB": ("BetaGeoBetaBinomFitter", "beta_geometric_beta_binom_model"),
    "GammaGamma": ("GammaGammaFitter", ""),
}
_PREDICT = "conditional_expected_number_of_purchases_up_to_time"


def to_lifetimes(model: Fitted) -> Any:
    """A genuine lifetimes object with the model's parameters, errors and grouped data."""
    if type(model).__name__ not in _CLASSES:
        raise ConfigError(f"lifetimes has no {type(model).__name__}; it has {', '.join(_CLASSES)}.")
    import lifetimes  # changes a pandas option, so only here
    from lifetimes import generate_data

    fitter_class, generator = _CLASSES[type(model).__name__]
    fitter = getattr(lifetimes, fitter_class)()
    letters = {"gamma": "v"} if fitter_class == "GammaGammaFitter" else {}
    fitter.params_ = model.params.rename(letters)
    if hasattr(fitter, _PREDICT):
        fitter.predict = getattr(fitter, _PREDICT)
    if model.evidence is not None:
        fitter.variance_matrix_ = model.covariance.rename(index=letters, columns=letters)
        fitter.standard_errors_ = model.standard_errors.rename(letters)
        margin = 1.96 * fitter.standard_errors_  # as lifetimes rounds it
        ends = {"lower 95% bound": fitter.params_ - margin, "upper 95% bound": fitter.params_ + margin}
        fitter.confidence_intervals_ = pd.DataFrame(ends, index=fitter.params_.index)
    if model.evidence is not None and model.evidence.rows is not None:
        rows = model.evidence.rows
        fitter.data = pd.DataFrame({**rows.values, "weights": rows.weights})
        if generator:
            draw, T = getattr(generate_data, generator), rows["T"]
            fitter.generate_new_data = lambda size=1: draw(T, *model.params, size=size)
    return fitter
