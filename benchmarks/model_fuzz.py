"""Random customer tables through every model: fit, every prediction, draws, forecasts, lifetime value.

    python benchmarks/model_fuzz.py [tables] [first seed] [--minutes M] [--write]

Tables are of all shapes: shops with a constant chance of leaving after an order, all one-time buyers, everybody loyal,
nobody watched at all, one customer, thousands of purchases, times of very different length, weights. What is refused
must be refused with DataError, ConfigError or FitError. What is answered must be finite; expected purchases never fall
as time goes on and never pass the rate without leaving; probabilities lie in [0, 1]; intervals are in order; and no
numpy warning gets out.
"""

from __future__ import annotations

import argparse
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from sections import machine, write_section

from retention_kit import models
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.models.base.model import Model

REFUSED = (DataError, ConfigError, FitError)
CHANCES = (0.0, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0)
TIMES = (4.0, 26.0, 104.0, 1_000.0)
ENDS = ("expected_low", "expected_high", "predicted_low", "predicted_high")
NEAR = 1e-9
"""Relative slack of comparisons between numbers that are right to 1e-10."""


def shop(rng: np.random.Generator, n: int, chance: float, T: Any) -> pd.DataFrame:
    """Customers who buy at gamma rates and leave with the same chance after every order."""
    T = np.broadcast_to(T, n).astype(float)
    rate = rng.gamma(rng.choice([0.3, 0.8, 3.0]), 1.0, n) * rng.choice([0.02, 0.1, 0.5])
    x, t_x = np.zeros(n), np.zeros(n)
    for i in range(n):
        at = 0.0
        while rng.random() >= chance and (at := at + rng.exponential() / max(rate[i], 1e-9)) <= T[i]:
            x[i], t_x[i] = x[i] + 1, max(np.floor(at * 7) / 7, 1 / 7) if T[i] >= 1 / 7 else at
    return table(x, np.minimum(t_x, T), T)


def table(x: Any, t_x: Any, T: Any) -> pd.DataFrame:
    """A customer table with values of purchases."""
    return pd.DataFrame({"frequency": x, "recency": t_x, "T": T}, dtype=float).assign(unit="week")


def tables(seed: int) -> tuple[str, pd.DataFrame]:
    """One random table and what kind of shop it is."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([1, 2, 5, 20, 60, 150, 400]))
    T = rng.choice([1 / 7, 1.0, 13.0, 26.0, 104.0, 500.0]) * np.where(rng.random() < 0.5, 1.0, rng.random(n))
    T = np.round(T * 7) / 7
    kind = KINDS[rng.integers(len(KINDS))]
    customers = MAKERS[kind](rng, n, T)
    customers["monetary_value"] = np.where(
        customers["frequency"] > 0, rng.gamma(rng.choice([0.3, 3.0, 50.0]), 10.0, len(customers)).round(2) + 0.01, 0.0
    )
    if rng.random() < 0.1:
        customers["monetary_value"] = np.where(customers["frequency"] > 0, 20.0, 0.0)
    return kind, customers.assign(weights=rng.integers(1, 50, len(customers)) if rng.random() < 0.2 else 1)


def _loyal(rng: np.random.Generator, n: int, T: Any) -> pd.DataFrame:
    x = np.broadcast_to(np.maximum(np.floor(np.asarray(T) / rng.choice([1.0, 4.0])), 1), n)
    return table(x, T, T).query("T > 0") if np.max(T) > 0 else table(np.zeros(n), 0.0, T)


def _bought_often(rng: np.random.Generator, n: int, T: Any) -> pd.DataFrame:
    T = np.broadcast_to(np.maximum(T, 1.0), n)
    return table(np.ceil(10 ** rng.uniform(0, 5, n)), T * (1 - rng.random(n) * rng.choice([1e-3, 0.5])), T)


def _anything(rng: np.random.Generator, n: int, T: Any) -> pd.DataFrame:
    T = np.broadcast_to(T, n)
    x = rng.poisson(10 ** rng.uniform(-2, 2), n) * (T > 0)
    return table(x, np.where(x > 0, T * np.maximum(rng.random(n), 1e-3), 0.0), T)


def _far_apart(rng: np.random.Generator, n: int, _: Any) -> pd.DataFrame:
    x, T = rng.integers(0, 5, min(n, 20)), 10 ** rng.uniform(-6, 6, min(n, 20))
    return table(x, np.where(x > 0, T * 0.7, 0.0), T)


MAKERS: dict[str, Callable[[np.random.Generator, int, Any], pd.DataFrame]] = {
    **{f"leaving {c}": lambda rng, n, T, c=c: shop(rng, n, c, T) for c in CHANCES},
    "one-time buyers": lambda _, n, T: table(np.zeros(n), 0.0, T),
    "loyal": _loyal,
    "not watched": lambda _, n, __: table(np.zeros(n), 0.0, np.zeros(n)),
    "hardly watched": lambda rng, n, T: table(np.zeros(n), 0.0, np.where(rng.random(n) < 0.9, 0.0, T)),
    "bought often": _bought_often,
    "all alike": lambda rng, n, T: table(np.full(n, rng.integers(1, 9)), float(np.max(T) / 2 + 0.1), np.max(T) + 0.2),
    "anything": _anything,
    "times from 1e-6 to 1e6": _far_apart,
}
KINDS = tuple(MAKERS)


class FaultError(Exception):
    """A property that does not hold."""


def ask(name: str, call: Callable[[], Any]) -> Any:
    """The answer, or None where it is refused as it should be."""
    try:
        answer = call()
    except REFUSED:
        return None
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1]
        raise FaultError(f"{name}: {type(error).__name__}: {error} ({line.name}:{line.lineno})") from error
    if answer is not None and not isinstance(answer, Model):
        numbers = answer.select_dtypes("number") if isinstance(answer, pd.DataFrame) else answer
        if name == "lifetime_value by" and numbers[list(ENDS)].isna().all(axis=None):
            numbers = numbers.drop(columns=list(ENDS))  # with a warning: some draws have no mean
        if not np.isfinite(np.asarray(numbers, dtype=float)).all():
            raise FaultError(f"{name}: not finite")
    return answer


def hold(name: str, holds: Any) -> None:
    """The property, or a fault of this name."""
    if not np.all(holds):
        raise FaultError(name)


def purchases(model: Any, customers: pd.DataFrame, spend: Any, seed: int) -> None:
    """Everything that a model of purchases answers."""
    discrete = isinstance(model, models.BGBB)
    alive = ask("probability_alive", lambda: model.probability_alive(customers))
    if alive is None:
        return
    alive = alive.to_numpy()
    hold("probability_alive within [0, 1]", (alive >= 0) & (alive <= 1))
    x, T = customers["frequency"].to_numpy(), customers["T"].to_numpy()
    rate = (model.alpha + x) / (model.alpha + model.beta + T) if discrete else (model.r + x) / (model.alpha + T)
    before, there, worth_before = 0.0, alive, 0.0
    for t in TIMES:
        bought = ask("expected_purchases", lambda t=t: model.expected_purchases(customers, t)).to_numpy()
        hold(f"expected_purchases never fall (t = {t})", bought >= before * (1 - NEAR))
        hold(f"expected_purchases below the rate (t = {t})", bought <= alive * rate * t * (1 + NEAR))
        later = ask("probability_alive", lambda t=t: model.probability_alive(customers, after=t)).to_numpy()
        hold(f"probability_alive never rises (t = {t})", (later >= 0) & (later <= there * (1 + NEAR)))
        worth = ask(
            "discounted_purchases", lambda t=t: model.discounted_purchases(customers, t, annual_discount_rate=0.1)
        ).to_numpy()
        hold(f"discounted_purchases never fall (t = {t})", worth >= worth_before * (1 - 1e-8))
        hold(f"discounted_purchases below the undiscounted (t = {t})", worth <= bought * (1 + 1e-8))
        p = [
            ask("probability_of_n", lambda t=t, n=n: model.probability_of_n_purchases(n, t, customers)).to_numpy()
            for n in (0, 2, 30)
        ]
        hold(
            f"probability_of_n_purchases within [0, 1] (t = {t})", (np.array(p) >= 0) & (np.sum(p, axis=0) <= 1 + NEAR)
        )
        before, there, worth_before = bought, later, worth
    endless = ask("discounted endless", lambda: model.discounted_purchases(customers, annual_discount_rate=0.1))
    hold("discounted_purchases never fall (endless)", endless is None or (endless >= worth_before * (1 - 1e-8)).all())
    new = ask("expected_purchases_new", lambda: model.expected_purchases_new(np.array(TIMES)))
    most = model.alpha / (model.alpha + model.beta) if discrete else model.r / model.alpha
    hold("expected_purchases_new never fall", np.diff(new) >= -NEAR * new[1:])
    hold("expected_purchases_new below the rate", new <= most * np.array(TIMES) * (1 + NEAR))
    p = ask("probability_of_n_purchases", lambda: model.probability_of_n_purchases(np.arange(60), 13.0))
    hold("probabilities of a new customer sum to 1 at most", (p >= 0).all() and p.sum() <= 1 + 1e-6)
    drawn = ask("sample", lambda: model.sample(50, seed))
    hold("draws above 0", drawn is None or (drawn > 0).all(axis=None))
    for by in (None, []):
        ordered("forecast", ask("forecast", lambda by=by: model.forecast(customers, 13.0, by=by, draws=10, seed=seed)))
    if spend is None or discrete:
        return
    before = 0.0
    for months in (3, 12, 24):
        value = ask("lifetime_value", lambda m=months: value_of(model, spend, customers, m))
        if value is None:
            break
        hold(f"lifetime_value never falls (months = {months})", value.to_numpy() >= before * (1 - 1e-8))
        before = value.to_numpy()
    ordered("lifetime_value", ask("lifetime_value by", lambda: value_of(model, spend, customers, 12, by=[], draws=10)))


def value_of(model: Any, spend: Any, customers: pd.DataFrame, months: int, **settings: Any) -> Any:
    """Lifetime value at 10 % a year."""
    return models.lifetime_value(model, spend, customers, months=months, annual_discount_rate=0.1, **settings)


def ordered(name: str, answer: pd.DataFrame | None) -> None:
    """Intervals with their ends in order."""
    for kind in ("expected", "predicted") if answer is not None else ():
        hold(f"{name}: {kind}_low above {kind}_high", ~(answer[f"{kind}_low"] > answer[f"{kind}_high"] * (1 + NEAR)))
        hold(f"{name}: {kind}_low below 0", ~(answer[f"{kind}_low"] < 0))


def renewing(model: Any, contracts: pd.DataFrame, seed: int) -> None:
    """Everything that a model of renewals answers."""
    stays = ask("survival", lambda: model.survival(np.arange(200)))
    hold("survival falls within [0, 1]", (np.diff(stays) <= NEAR).all() and stays.min() >= 0 and stays[0] <= 1 + NEAR)
    ahead = [ask("expected_renewals", lambda t=t: model.expected_renewals(contracts, t)) for t in (1, 12, 60, 240)]
    hold("expected_renewals never fall", np.diff(ahead, axis=0) >= -NEAR)
    hold("expected_renewals below t", np.array(ahead) <= np.array([[1], [12], [60], [240]]) * (1 + NEAR))
    worth = ask("expected_renewals", lambda: model.expected_renewals(contracts, annual_discount_rate=0.1))
    hold("endless renewals below 1 / (1 - discount)", worth <= 1 / (1 - 1.1 ** (-1 / 12)) * (1 + NEAR))
    drawn = ask("sample", lambda: model.sample(50, seed))
    hold("draws above 0", drawn is None or (drawn > 0).all(axis=None))


def faults(seed: int) -> Iterator[tuple[str, str, str]]:
    """(model, kind of table, fault) of one table; a fault of its own name where a numpy warning gets out."""
    kind, customers = tables(seed)
    whole = customers.assign(T=np.ceil(customers["T"]), recency=np.ceil(customers["recency"]))
    whole["frequency"] = np.minimum(whole["frequency"], whole["recency"])
    periods = np.maximum(whole["frequency"].clip(upper=200), 0)
    contracts = pd.DataFrame({"periods": periods, "lost": (periods > 0) & (whole["recency"] < whole["T"])})
    contracts = contracts.assign(unit="month", weights=whole["weights"])
    runs: list[tuple[str, Any, pd.DataFrame]] = [
        *((m.__name__, m, customers) for m in (models.GammaGamma, models.BGNBD, models.MBGNBD, models.ParetoNBD)),
        ("BGBB", models.BGBB, whole.query("T <= 600")),
        *((m.__name__, m, contracts) for m in (models.ShiftedBetaGeometric, models.BetaDiscreteWeibull)),
    ]
    spend = None
    for name, model, rows in runs:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", RuntimeWarning)
            try:
                fitted = ask("fit", lambda model=model, rows=rows: model.fit(rows, weights="weights"))
                if fitted is None:
                    yield name, kind, ""
                    continue
                rows = rows.drop(columns="weights")
                if name == "GammaGamma":
                    spend = fitted
                    ask("expected_value", lambda fitted=fitted, rows=rows: fitted.expected_value(rows))
                    ask("sample", lambda fitted=fitted: fitted.sample(50, seed))
                elif name in ("ShiftedBetaGeometric", "BetaDiscreteWeibull"):
                    renewing(fitted, rows, seed)
                else:
                    purchases(fitted, rows, spend, seed)
            except FaultError as fault:
                yield name, kind, str(fault)
                continue
        yield name, kind, "answered"


def main() -> None:
    """Run all tables, print what fails, and store the counts with --write."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("tables", nargs="?", type=int, default=1_000)
    parse.add_argument("seed", nargs="?", type=int, default=0)
    parse.add_argument(
        "--minutes", type=float, default=np.inf, help="stop after this time, with the tables done by then"
    )
    parse.add_argument("--write", action="store_true")
    asked = parse.parse_args()
    count: Counter[tuple[str, str]] = Counter()
    start, done = time.perf_counter(), 0
    for seed in range(asked.seed, asked.seed + asked.tables):
        if time.perf_counter() - start > 60 * asked.minutes:
            break
        done += 1
        for name, kind, outcome in faults(seed):
            end = outcome if outcome in ("", "answered") else "fault"
            count[name, {"": "refused", "answered": "answered"}.get(end, "fault")] += 1
            if end == "fault":
                print(f"{seed} {kind} {name}: {outcome}", flush=True)
    lines = ["| model | answered in full | fit refused | faults |", "|---|---|---|---|"]
    lines += [
        f"| {name} | " + " | ".join(str(count[name, k]) for k in ("answered", "refused", "fault")) + " |"
        for name in dict.fromkeys(name for name, _ in count)
    ]
    text = f"{done:,} random customer tables (seeds from {asked.seed}), {time.process_time():.0f} processor seconds. "
    text += machine()
    print("\n".join([text, "", *lines]))
    if asked.write:
        write_section("models: random customer tables", "\n".join([text, "", *lines]))


if __name__ == "__main__":
    main()
