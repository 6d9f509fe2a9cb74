"""Cohort curves that a fitted model of renewals expects, and the table such a model is fitted on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments, described
from retention_kit.errors import ConfigError, DataError
from retention_kit.models.base.posterior import at_once
from retention_kit.models.checks.expected_cohorts import bands
from retention_kit.models.contracts.renewal_model import RenewalModel

_NEEDED = ("cohort", "age", "size", "active", "returned", "complete")


def cohort_renewals(cohorts: pd.DataFrame) -> pd.DataFrame:
    """The customers of a cohort table by how often they came up for renewal, and whether they were lost at the last.

    Parameters
    ----------
    cohorts : DataFrame
        From `summarise.subscription_cohorts`, whose period is the time from one renewal to the next.

    Returns
    -------
    DataFrame
        periods, lost, weights: give `ShiftedBetaGeometric.fit(..., weights="weights")`.

    Raises
    ------
    DataError
        When columns are missing or no cohort has reached age 1.

    Notes
    -----
    Each cohort is followed to its last complete age, and its survivors are censored there. Who leaves is lost; those
    who return do not come back into the count. Who left within the first period counts as lost at the first renewal.

    Examples
    --------
    >>> table = pd.DataFrame({"cohort": 1, "age": [0, 1, 2], "size": 10, "active": [10, 8, 7], "returned": 0,
    ...                       "complete": True})
    >>> cohort_renewals(table)
       periods   lost  weights
    0        1   True      2.0
    1        2  False      7.0
    2        2   True      1.0
    """
    _need(cohorts)
    known = cohorts[cohorts["complete"] & cohorts["active"].notna() & (cohorts["age"] > 0)]
    if known.empty:
        raise DataError("No cohort has a complete cell of age 1; take a later as_of.")
    by = list(cohorts.columns[: list(cohorts.columns).index("cohort") + 1])
    known = known.sort_values([*by, "age"]).assign(kept=lambda t: t["active"] - t["returned"])
    before = known.groupby(by)["kept"].shift().fillna(known["size"])
    lost = pd.DataFrame({"periods": known["age"], "lost": True, "weights": before - known["kept"]})
    last = known.groupby(by).tail(1)
    kept = pd.DataFrame({"periods": last["age"], "lost": False, "weights": last["kept"]})
    rows = pd.concat([lost, kept]).groupby(["periods", "lost"])["weights"].sum().reset_index()
    return rows[rows["weights"] > 0].reset_index(drop=True)


def expected_subscription_cohorts(
    model: RenewalModel,
    cohorts: pd.DataFrame,
    *,
    ages: int = 24,
    level: float = 0.9,
    draws: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Share of each cohort of subscribers that a model expects still to be active, with intervals.

    Parameters
    ----------
    model : ShiftedBetaGeometric or BetaDiscreteWeibull
        Its unit is the period of the cohorts.
    cohorts : DataFrame
        From `summarise.subscription_cohorts`.
    ages : int
        Last age to project to, from 0.
    level : float
        Confidence level of the intervals, in (0, 1).
    draws : int
        Draws of the parameters from their posterior.
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    DataFrame
        One row per cohort and age: cohort, age, size, expected, expected_low, expected_high (NaN for a model built
        from published parameters), predicted_low, predicted_high, as from `expected_cohorts`.

    Raises
    ------
    ConfigError
        When the model is not one of renewals, or ages, level or draws cannot be used.
    DataError
        When columns are missing.

    Examples
    --------
    >>> from retention_kit.models import ShiftedBetaGeometric
    >>> table = pd.DataFrame({"cohort": 1, "age": [0, 1], "size": 100, "active": [100, 87], "returned": 0,
    ...                       "complete": True})
    >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year")
    >>> expected_subscription_cohorts(model, table, ages=3)[["cohort", "age", "size", "expected"]].round(3)
       cohort  age  size  expected
    0       1    0   100     1.000
    1       1    1   100     0.851
    2       1    2   100     0.747
    3       1    3   100     0.670
    """
    _need(cohorts)
    with Arguments() as check:
        level, ages = check.level("level", level), check.whole("ages", ages, least=0)
        draws, seed = check.whole("draws", draws, least=1), check.whole("seed", seed, least=0)
    if not isinstance(model, RenewalModel):
        raise ConfigError(f"ShiftedBetaGeometric or BetaDiscreteWeibull is needed; got {type(model).__name__}.")
    sizes = cohorts[cohorts["age"] == 0].groupby("cohort")["size"].sum().reset_index()
    table = sizes.merge(pd.DataFrame({"age": np.arange(ages + 1)}), how="cross")[["cohort", "age", "size"]]
    drawn = model.draws(draws, seed) if model.evidence is not None else np.empty((0, len(model.theta)))
    age, size = table["age"].to_numpy(), at_once(model.process, len(table))
    with np.errstate(over="ignore", invalid="ignore"):  # bands refuse a draw that is too extreme
        blocks = [drawn[i : i + size].T[:, :, None] for i in range(0, len(drawn), size)]
        curves = [line for theta in blocks for line in np.exp(model.process.log_survival(theta, age))]
    return table.assign(**bands(model.survival(age), curves, table["size"], level, seed))


def _need(cohorts: pd.DataFrame) -> None:
    if not isinstance(cohorts, pd.DataFrame):
        raise DataError(f"cohorts must be a DataFrame from summarise.subscription_cohorts; got {described(cohorts)}.")
    if missing := [name for name in _NEEDED if name not in cohorts.columns]:
        raise DataError(f"A cohort table of subscriptions has {', '.join(_NEEDED)}; missing: {', '.join(missing)}.")
