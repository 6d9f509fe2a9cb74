"""Exchange rates at the boundaries of periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from retention_kit.errors import DataError, join_faults
from retention_kit.formats import counted
from retention_kit.summarise.common.calendar_periods import period_start


def checked_rates(rates: pd.DataFrame, currencies: Sequence[str], own: str | None) -> pd.DataFrame:
    """Rates in use (day, currency, rate as Decimal), sorted by day; DataError with all faults.

    A rate is the value of one unit of the currency in the currency of the result from that day on; `own` is the
    currency of the result, if it is known, whose rate is 1.
    """
    if missing := [name for name in ("day", "currency", "rate") if name not in rates.columns]:
        raise DataError(f"rates need the columns day, currency, rate; missing: {', '.join(missing)}")
    code, rate = rates["currency"].str.strip().str.upper(), rates["rate"].astype("float64")
    table = pd.DataFrame({"day": pd.to_datetime(rates["day"]), "currency": code, "rate": rate})
    lacking = [c for c in currencies if c != own and c not in set(table["currency"])]
    faults = [f"there is no rate for {c}; the currency of the result itself has the rate 1" for c in lacking]
    if bad := int((~(table["rate"] > 0) | table["day"].isna()).sum()):
        faults.append(f"{counted(bad, 'rate has', 'rates have')} no day or no value above 0")
    if twice := int(table.duplicated(["day", "currency"]).sum()):
        faults.append(f"{counted(twice, 'rate is', 'rates are')} given twice for one day and currency")
    if faults:
        raise DataError(join_faults(faults))
    exact = [Decimal(repr(rate)) for rate in table["rate"].tolist()]
    return table.assign(rate=pd.Series(exact, dtype="object", index=table.index)).sort_values("day", ignore_index=True)


def boundary_rates(
    rates: pd.DataFrame | None, currencies: Sequence[str], numbers: np.ndarray, period: str, as_of: dt.date
) -> list[list[Decimal]]:
    """Rates of each currency at the start of each period and at the end of the last; 1 if `rates` is None.

    Each list has one more entry than there are periods: the last rate known by the day before each period, and by
    as_of. Before the first day of a currency its first rate counts.
    """
    if rates is None:
        return [[Decimal(1)] * (len(numbers) + 1) for _ in currencies]
    days = (period_start(numbers, period) - pd.Timedelta(days=1)).append(pd.DatetimeIndex([pd.Timestamp(as_of)]))
    result = []
    for currency in currencies:
        own_rates = rates[rates["currency"] == currency]
        if own_rates.empty:
            result.append([Decimal(1)] * len(days))
            continue
        positions = np.maximum(own_rates["day"].searchsorted(days, side="right") - 1, 0)
        result.append([own_rates["rate"].iloc[position] for position in positions])
    return result
