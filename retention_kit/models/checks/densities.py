"""What the data say about each parameter, beside what was assumed before."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError
from retention_kit.models.base.model import Model
from retention_kit.models.base.posterior import PRIOR_SD, prior_centre
from retention_kit.models.covariates.covariate_model import CovariateModel


def parameter_densities(model: Model, *, draws: int = 2000, seed: int = 0, points: int = 100) -> pd.DataFrame:
    """Posterior and prior density of each parameter.

    Parameters
    ----------
    model : fitted model
        Any of this folder.
    draws, seed : int
        Of the posterior; 10 draws or more.
    points : int
        Per curve; 2 or more.

    Returns
    -------
    DataFrame
        parameter, value, posterior, prior: densities per unit of the logarithm.

    Raises
    ------
    ConfigError
        For a model with covariates.

    Examples
    --------
    >>> from retention_kit.models import ShiftedBetaGeometric, renewals
    >>> model = ShiftedBetaGeometric.fit(renewals([0.87, 0.74, 0.65, 0.59, 0.55, 0.52]), weights="weights")
    >>> sorted(parameter_densities(model, draws=500)["parameter"].unique())
    ['alpha', 'beta']
    """
    with Arguments() as check:
        check.instance("model", model, Model, "a fitted model")
        draws, seed = check.whole("draws", draws, least=10), check.whole("seed", seed, least=0)
        points = check.whole("points", points, least=2)
    if isinstance(model, CovariateModel):
        raise ConfigError("Effects of covariates have no logarithm; see summary(), or sample() for their draws.")
    table, rows = model.sample(draws, seed), model.evidence.rows if model.evidence else None
    curves = []
    for name in table.columns:
        u = np.log(table[name].to_numpy())
        grid = np.linspace(u.min(), u.max(), points)
        centre = prior_centre(model.process, name, rows)
        prior = np.exp(-0.5 * ((grid - centre) / PRIOR_SD) ** 2) / PRIOR_SD / np.sqrt(2 * np.pi)
        curve = {"parameter": name, "value": np.exp(grid), "posterior": stats.gaussian_kde(u)(grid), "prior": prior}
        curves.append(pd.DataFrame(curve))
    return pd.concat(curves, ignore_index=True)
