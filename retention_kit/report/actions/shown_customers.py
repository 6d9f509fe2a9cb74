"""The customers of a month who get a page of their own: the first of every list, with their histories.

All of them are made with one query for each table and without a fit: the model is the one of the page of segments.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from retention_kit import load
from retention_kit.errors import RetentionKitWarning
from retention_kit.load.dataset import is_saved
from retention_kit.report.actions.customer_lists import CustomerList
from retention_kit.report.actions.month_customers import Customers
from retention_kit.report.settings.config import SEGMENT_MAPS, Config
from retention_kit.report.settings.id_settings import hashed
from retention_kit.tables.customer_history import CustomerHistory, histories


@dataclass(frozen=True)
class ShownCustomer:
    """A customer with a page: the history, by the id that is shown, and the row on each list."""

    history: CustomerHistory
    lists: tuple[tuple[CustomerList, Mapping[str, Any]], ...]

    @property
    def row(self) -> Mapping[str, Any]:
        """The row of the customer as every list has it."""
        return self.lists[0][1]


def make(
    customers: Customers, lists: Sequence[CustomerList], config: Config, workspace: Path
) -> dict[str, ShownCustomer]:
    """The customers with a page, by the id that is shown; none where the report shows no customers."""
    ids = chosen(lists, config.customer_pages)
    if not ids:
        return {}
    real = _real_ids(customers, ids, config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetentionKitWarning)  # the pages show them, where the reader looks
        made = histories(
            customers.orders.table,
            [real[id] for id in ids],
            as_of=customers.as_of,
            model=_model(customers.pages.of_stake("model")),
            cuts=_cuts(customers.pages.of_stake("cuts")),
            segments=_segment_map(config),
            subscriptions=_table(workspace, "subscriptions"),
            surveys=_table(workspace, "surveys"),
        )
    rows = {id: tuple(_rows(id, lists)) for id in ids}
    currency = str(customers.orders.currency or "")
    return {
        id: ShownCustomer(replace(made[real[id]], customer_id=id, currency=currency), rows[id])
        for id in ids
        if real[id] in made
    }


def chosen(lists: Sequence[CustomerList], most: int) -> list[str]:
    """The first customer of each list, then the second of each, and so on, up to a number of customers."""
    tables = [listing.table["customer_id"].tolist() for listing in lists if listing.table is not None]
    turns = (id for turn in zip_longest(*(table[:most] for table in tables)) for id in turn if id is not None)
    return list(dict.fromkeys(turns))[:most]


def _rows(id: str, lists: Sequence[CustomerList]) -> Iterator[tuple[CustomerList, Mapping[str, Any]]]:
    for listing in lists:
        if listing.table is not None and id in listing.table.index:
            yield listing, {str(name): value for name, value in listing.table.loc[id].items()}


def _real_ids(customers: Customers, ids: Sequence[str], config: Config) -> dict[str, str]:
    """The ids of the data by those that are shown."""
    if config.secret_of_lists is None:
        return {id: id for id in ids}
    every = customers.table if customers.pages.customers is None else customers.pages.customers
    known = every["customer_id"].astype("str").tolist()
    return dict(zip(hashed(known, config.secret_of_lists), known, strict=True))


def _model(text: str) -> Any:
    """The fitted model of the page; None where there is none, or where its parameters have no finite covariance, so
    that its curves could not be given with their intervals."""
    from retention_kit import models  # takes a second to import, which a report without such pages saves

    model = getattr(models, json.loads(text)["model"]).from_json(text) if text else None
    return model if model is None or np.isfinite(model.log_covariance).all() else None


def _cuts(text: str) -> Any:
    from retention_kit.models import rfm

    return rfm.CutPoints.from_json(text) if text else None


def _segment_map(config: Config) -> Any:
    """The segment map of the report, as its page of segments reads it."""
    from retention_kit.models import rfm

    name = str(config.parameters.get("segment_map", "ten_segments"))
    if name in SEGMENT_MAPS:
        return getattr(rfm, name)
    return rfm.SegmentMap.from_table(pd.read_csv(name), groups=int(config.parameters.get("groups", 5)))


def _table(workspace: Path, name: str) -> Any:
    return getattr(load, name)(str(workspace)).table if is_saved(workspace, name) else None
