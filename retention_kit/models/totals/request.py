"""What both functions of this folder are asked, checked once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, caution
from retention_kit.formats import count, counted
from retention_kit.models.checks.holdout import known_model
from retention_kit.models.purchases.bgbb import BGBB
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.purchases.regular_buyers import BGCNBD, MBGCNBD
from retention_kit.models.totals.replay import SPREAD, Replay, replay
from retention_kit.summarise.by_customer.customer_table import check_clock
from retention_kit.summarise.common.calendar_periods import as_day

MODELS = ("MBGCNBD",)
"""The model that takes part in the combination where none is named: with k = 1 it is MBGNBD."""
_REGULAR: dict[Any, type[PurchaseModel]] = {"BGCNBD": BGCNBD, "MBGCNBD": MBGCNBD}
LONGEST = 3_653
"""Ten years of days."""


def replayed(
    orders: Any,
    *,
    as_of: str | dt.date,
    horizon: int | Sequence[int],
    origins: int,
    models: str | type[PurchaseModel] | Sequence[str | type[PurchaseModel]],
    measure: str,
    by: str | None,
    level: float,
    unit: str,
    grain: str,
) -> tuple[Replay, float]:
    """All past origins for a checked request, and its level."""
    with Arguments() as check:
        named = list(horizon) if isinstance(horizon, list | tuple) else [horizon]
        days = [check.whole("horizon (in days)", h, least=1, most=LONGEST) for h in named]
        check.fault("horizon needs at least one number of days; got none", when=not days)
        origins = check.whole("origins", origins, least=1)
        check.choice("measure", measure, SPREAD)
        level = check.level("level", level)
        check.fault(f"by is the name of one column; got {by!r}", when=by is not None and not isinstance(by, str))
    check_clock(unit, grain)
    chosen = [_REGULAR.get(m) or known_model(m) for m in ([models] if isinstance(models, str | type) else models)]
    if not chosen:
        raise ConfigError("A forecast needs at least one model; got none.")
    if any(issubclass(model, BGBB) for model in chosen):
        raise ConfigError("BGBB counts whole opportunities; a forecast in days needs a model such as MBGCNBD.")
    past = replay(
        orders,
        as_of=as_day(as_of),
        horizons=list(dict.fromkeys(days)),
        models=chosen,
        measure=measure,
        by=by,
        origins=origins,
        unit=unit,
        grain=grain,
    )
    age = int(past.origins[-1]) - past.past.start + 1
    if too_long := [h for h in past.horizons if h > age]:
        caution(
            f"The log is {counted(age, 'day')} old on {as_day(as_of)}. How purchases go on for {count(max(too_long))} "
            "days has never been seen in it, so no interval can be trusted there; a horizon no longer than the log can."
        )
    return past, level
