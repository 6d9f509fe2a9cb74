"""Exchange rates, given as a table or as a file of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from retention_kit.errors import ConfigError
from retention_kit.load import files
from retention_kit.load.engine import default_engine, readable

__all__ = ["as_rates"]


def as_rates(rates: Any) -> pd.DataFrame | None:
    """Rates as a DataFrame; a path is read as any other file, every cell as text.

    Parameters
    ----------
    rates : DataFrame, path or None
        Columns day, currency, rate.

    Raises
    ------
    DataError
        The file is not there or cannot be read.
    ConfigError
        It is neither a table nor a path.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rates.csv"
    ...     _ = path.write_text("day,currency,rate\\n2024-05-01,USD,0.93\\n")
    ...     as_rates(path).values.tolist()
    [['2024-05-01', 'USD', '0.93']]
    """
    if rates is None or isinstance(rates, pd.DataFrame):
        return rates
    if not isinstance(rates, str | Path):
        raise ConfigError(f"rates are a table of day, currency, rate or the path of one; came {type(rates).__name__}")
    with readable(str(rates)):
        raw = files.read(rates, default_engine(), default_engine(), files.Layout())
        return raw.table.select(*raw.headers).to_pandas().rename(columns=lambda header: header.strip().lower())
