"""The five tables that can be loaded, one function each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypedDict, Unpack

import ibis
import pandas as pd

from retention_kit import schema
from retention_kit.errors import ConfigError
from retention_kit.load import dataset
from retention_kit.load.dataset import Dataset
from retention_kit.load.one_source import samples
from retention_kit.load.one_source.identities import as_identities
from retention_kit.load.one_source.judging import finish
from retention_kit.load.one_source.matching import judged, opened
from retention_kit.load.one_source.opening import local_engine, name_of
from retention_kit.load.several import combine
from retention_kit.load.several.parts import Part, parts_of
from retention_kit.load.sources.engine import readable
from retention_kit.load.values.moments.zones import given_zone


class How(TypedDict, total=False):
    """Further options of a load, as `orders` documents them."""

    as_of: str | date | None
    rates: pd.DataFrame | str | Path | None
    decimal: str | None
    day_first: bool | None
    encoding: str | None
    sheet: str | int | None
    query: str | None
    keep: Mapping[str, Sequence[str]] | None
    identities: pd.DataFrame | str | Path | None
    unit: str | None
    ends: str | None


def orders(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = "auto",
    timezone: str | None = None,
    currency: str | None = None,
    connection: ibis.BaseBackend | None = None,
    **how: Unpack[How],
) -> Dataset:
    """Orders and refunds: one row is one order, or a refund with a negative amount.

    Parameters
    ----------
    source : path, URL, DataFrame, Arrow or Ibis table, sample name, or a list of these
        A file: CSV, TSV or JSON lines (also .gz), Parquet, Excel; a folder or a pattern of such files; a folder written
        by `Dataset.save`; a table of a data lake, ``"delta:PATH"`` or ``"iceberg:CATALOG.NAMESPACE.TABLE"``, with
        ``@v3`` or ``@SNAPSHOT`` (an id, branch or tag) for an earlier version; the URL of a database, or ``"env:NAME"``
        for a URL that an environment variable holds; a DataFrame; an Arrow or Ibis table, or a frame of polars; the
        name of a sample. With `connection`, the name of a table or a query. Several sources, each read by its own
        preset, are a list, or a folder with exports of several vendors; `Part` and mappings of its names carry options
        of one source.
    columns : dict, optional
        Maps columns to headers, for example ``{"customer_id": "Email"}``; ``"=nps"`` gives every row the same value.
        Columns that are not named are found by their own or a usual name, and all other columns are dimensions.
    preset : str or None, default "auto"
        A vendor's export: shopify, stripe, paypal, ebay … for surveys google_forms, qualtrics, typeform …; all are in
        data/README.md. "auto" recognises them by their headers, and `Dataset.source` says which one it was; None
        (or "none") reads the columns alone. `columns` goes before the preset.
    timezone : str, optional
        Business time zone. Moments with an offset, and those under a header that ends in (UTC), are moved to it; others
        are taken as local. Without it the zone of the columns, if they name exactly one; else UTC, and a warning if
        offsets differ from it.
    currency : str, optional
        Currency of the amounts.
    connection : Ibis back end, optional
        Engine to read with; Ibis's default DuckDB otherwise.
    **how
        `as_of`: rows after that day are refused. `rates`: DataFrame or file of day, currency, rate (what one unit is
        worth in `currency`). `decimal`: "." or ",". `day_first`: whether 3/4/2024 is 3 April. `encoding`: of a text
        file that is not UTF-8. `sheet`: of an Excel file. `keep`: header to the values of rows that
        count, as in ``{"Status": ["completed"]}``; other rows are refused. `identities`: a table or its path with the
        columns alias and customer_id, by which accounts are merged. `query`: table or SELECT of a database given by
        its URL.
        `unit`: "cents" where money is in minor units, by the decimals of its currency: 1005 is 10.05 EUR, 1005 JPY,
        1.005 KWD. `ends`, of subscriptions: "inclusive" where ended_at is the last day, or 23:59 of it, "exclusive"
        where it is the moment of the end; left out, it is taken as that moment, with a warning where that looks wrong.

    Returns
    -------
    Dataset
        The validated table, the refused rows with reasons, and the source.

    Raises
    ------
    DataError
        If columns are missing, nothing can be read, or no row can be used; all faults in one message.
    ConfigError
        If the request itself is wrong: no such preset, time zone or environment variable, a password in a URL.

    Notes
    -----
    Every row is kept or refused by a named rule, so rows read = rows kept + rows refused. Duplicates are refused only
    when an order id proves that they are the same order. Of several sources, the row of a payment provider that repeats
    an order of a shop is refused as duplicate_of_other_source: by reference, or by customer, amount and minutes. The
    table then has the column source.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"Email": ["ann", "ben", ""], "Date": "2024-05-01", "Total": ["10,05", "7,50", "1,20"]})
    >>> data = orders(log, columns={"customer_id": "Email"})
    >>> data
    <orders from DataFrame: 3 rows read, 2 kept, 1 refused, 0 warnings>
    >>> data.to_pandas()["amount"].tolist()
    [10.05, 7.5]
    >>> data.refused["reason"].tolist()
    ['Email is empty']
    """
    return load_table("orders", source, columns, preset, timezone, currency, connection, **how)


def order_lines(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = "auto",
    timezone: str | None = None,
    currency: str | None = None,
    connection: ibis.BaseBackend | None = None,
    **how: Unpack[How],
) -> Dataset:
    """Products in orders: one row is one product in one order.

    Parameters
    ----------
    source, columns, preset, timezone, currency, connection, **how
        As for `orders`.

    Returns
    -------
    Dataset
        Columns order_id, product, and quantity and amount where the source has them.

    Examples
    --------
    >>> import pandas as pd
    >>> lines = pd.DataFrame({"order_id": ["1", "1"], "product": ["tea", "cup"], "quantity": ["2", "1"]})
    >>> order_lines(lines).to_pandas()["quantity"].sum()
    np.float64(3.0)
    """
    return load_table("order_lines", source, columns, preset, timezone, currency, connection, **how)


def subscriptions(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = "auto",
    timezone: str | None = None,
    currency: str | None = None,
    connection: ibis.BaseBackend | None = None,
    **how: Unpack[How],
) -> Dataset:
    """Subscriptions: one row is one stretch of one subscription at one price.

    Parameters
    ----------
    source, columns, preset, timezone, currency, connection, **how
        As for `orders`.

    Returns
    -------
    Dataset
        Columns customer_id, subscription_id, started_at, ended_at (empty while it runs) and mrr, then optional ones.

    Examples
    --------
    >>> import pandas as pd
    >>> one = {"customer_id": "ann", "subscription_id": "s1", "started_at": "2024-05-01", "ended_at": "", "mrr": "9.90"}
    >>> subscriptions(pd.DataFrame([one])).to_pandas()["ended_at"].isna().tolist()
    [True]
    """
    return load_table("subscriptions", source, columns, preset, timezone, currency, connection, **how)


def surveys(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = "auto",
    timezone: str | None = None,
    currency: str | None = None,
    connection: ibis.BaseBackend | None = None,
    **how: Unpack[How],
) -> Dataset:
    """Survey answers: one row is one answer to one question.

    Parameters
    ----------
    source, columns, preset, timezone, currency, connection, **how
        As for `orders`. A source without a column for the kind of question takes ``columns={"kind": "=nps"}``.

    Returns
    -------
    Dataset
        Columns answered_at, kind, score (empty: asked, not answered), then optional ones.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"date": ["2024-05-01", "2024-05-02"], "score": ["9", "11"]})
    >>> surveys(answers, columns={"kind": "=nps"}).refused["rule"].tolist()
    ['score_out_of_range']
    """
    return load_table("surveys", source, columns, preset, timezone, currency, connection, **how)


def visits(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = "auto",
    timezone: str | None = None,
    currency: str | None = None,
    connection: ibis.BaseBackend | None = None,
    **how: Unpack[How],
) -> Dataset:
    """Traffic: one row is one day.

    Parameters
    ----------
    source, columns, preset, timezone, currency, connection, **how
        As for `orders`.

    Returns
    -------
    Dataset
        Columns day, visitors, and conversions where the source has them.

    Examples
    --------
    >>> import pandas as pd
    >>> visits(pd.DataFrame({"day": ["2024-05-01"], "visitors": ["120"]})).to_pandas()["visitors"].tolist()
    [120]
    """
    return load_table("visits", source, columns, preset, timezone, currency, connection, **how)


def load_table(
    table: str,
    source: Any,
    columns: Mapping[str, str] | None = None,
    preset: str | None = "auto",
    timezone: str | None = None,
    currency: str | None = None,
    connection: ibis.BaseBackend | None = None,
    **how: Unpack[How],
) -> Dataset:
    """Open a source, find the columns, apply the rules; several sources are read one by one and combined."""
    unknown = sorted(how.keys() - How.__annotations__.keys())
    if unknown:
        raise TypeError(f"{table} cannot be loaded with {', '.join(unknown)}")
    named = {"columns": columns, "preset": preset, "timezone": timezone, "currency": currency, "connection": connection}
    options: dict[str, Any] = {**dict.fromkeys(How.__annotations__), **how, **named}
    options["identities"] = as_identities(options["identities"])
    if isinstance(source, Dataset):
        _refuse_unread(options, "a Dataset has been read already")
        return source
    if isinstance(source, str) and source in samples.NAMES:
        _refuse_unread(options, f"{source} is a sample")
        return samples.table(source, table)
    with readable(name_of(source)):
        if isinstance(source, str | Path) and dataset.is_saved(Path(source), table):
            _refuse_unread(options, f"{source} was saved after it was read")
            return dataset.restore(Path(source), table, local_engine(connection))
        parts = parts_of(source, table, options) or [Part(where=source)]
        if len(parts) > 1:
            return combine.load(schema.TABLES[table], source, parts, options)
        (only,) = parts
        if only.where is not source and not isinstance(source, str | Path):
            return load_table(table, only.where, **{**options, **only.options})
        return _single(table, only.where, options)


def _refuse_unread(options: Mapping[str, Any], why: str) -> None:
    """Raise where rows are to be kept or accounts merged, which is done while a source is read."""
    given = [name for name in ("keep", "identities") if options[name] is not None]
    if given:
        raise ConfigError(f"{' and '.join(given)} cannot be applied: {why}; name the source itself")


def _single(table: str, source: Any, options: Mapping[str, Any]) -> Dataset:
    """One source by itself."""
    source_and_columns = opened(schema.TABLES[table], source, options)
    zone = given_zone(options["timezone"]) or source_and_columns.zone
    return finish(judged(source_and_columns, zone or "UTC", options, zone_known=zone is not None))
