"""The page of one customer by itself, for a question between two reports."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from retention_kit import __version__, formats, load, signals
from retention_kit.errors import ConfigError, RetentionKitWarning, caution
from retention_kit.report import language
from retention_kit.report.actions import action_lists, list_rules, month_customers
from retention_kit.report.html import month_page
from retention_kit.report.html.customers import customer_view, list_view
from retention_kit.report.inputs import workspace
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.output import foreign_files, lock, working_folder
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.id_settings import hashed, secret_in
from retention_kit.report.settings.months import parse_month
from retention_kit.tables import customer
from retention_kit.tables.one_customer import OneCustomer

_HASH: Final = re.compile("[0-9a-f]{64}")


def write(config: Config, customer_id: str, *, month: str | None = None, file: Path | None = None) -> Path:
    """Write the page of one customer as of the end of a month, readable by its owner only.

    Parameters
    ----------
    config : Config
        Its sources are read; its parameters, actions, language and ``customer_ids`` apply as in a report.
    customer_id : str
        The customer's id; where ids are hashed also its hash, which the page then shows.
    month : str, optional
        ``"YYYY-MM"``; by default the last month that the data cover to its end.
    file : Path, optional
        Where to write; by default ``customer-….html`` in the working folder, named without the id.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ConfigError
        ``customer_ids`` is none, the month cannot be read, or another run is writing into the same folder.
    DataError
        A source cannot be read, or the customer did not order by then; similar ids are named.
    """
    if config.customer_ids == "none":
        raise ConfigError('No page shows a customer with customer_ids = "none"; set it to shown or hashed.')
    asked = parse_month(month) if month else None
    if file is not None:
        _refuse_unwritable(file)
    with signals.tidied(), foreign_files.unwritable_in_one_line(config.output), lock.held(config.output):
        working_folder.recover(config.output)
        with (
            working_folder.working(config.output) as folder,
            workspace.opened(replace(config, order_lines=None, visits=None), folder / "data") as data,
        ):
            text, id = _page(config, customer_id, asked or data.last_month(), data)
    path = file or Path(Path(customer_view.name_of(id)).name.join(["customer-", ""]))
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:
            os.fchmod(target.fileno(), 0o600)
            target.write(text)
    except OSError as fault:
        raise ConfigError(f"Cannot write the page {path}: {fault.strerror}.") from fault
    return path


def _refuse_unwritable(file: Path) -> None:
    """Refuse a place that no file can be written to, before the data are read."""
    if file.is_dir():
        raise ConfigError(f"Cannot write the page {file}: it is a folder; name a file, such as {file / 'page.html'}.")
    if not file.parent.is_dir():
        raise ConfigError(f"Cannot write the page {file}: there is no folder {file.parent}; make it first.")


def _page(config: Config, asked: str, month: str, data: Workspace) -> tuple[str, str]:
    """The page and the id that it shows."""
    if "orders" not in data.facts:
        raise ConfigError("A page of one customer needs orders.")
    id = asked if config.customer_ids == "shown" or _HASH.fullmatch(asked) else _hash(asked, config)
    settings = month_customers.Settings.of(config)
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always", RetentionKitWarning)
        one = _one(config, id, month, data)
        lists = tuple(_lists(config, id, data.last_counted(month), data.folder, settings.model))
    if kinds := {str(doubt.message) for doubt in doubts if issubclass(doubt.category, RetentionKitWarning)}:
        caution(
            f"{formats.counted(len(kinds), 'warning')} of the models; the pages of the report of {month} say which."
        )
    shown = hashed([id], config.secret_of_lists)[0]
    view = list_view.View(config, one.history.currency)
    segments = one.history.segments["segment"].tolist()
    page = customer_view.of_history(
        replace(one.history, customer_id=shown),
        view,
        about=", ".join(view.segment(segment) for segment in segments[-1:]),
        value=dict(one.history.value),
        lists=lists,
    )
    spoken, end = language.of(config.language), data.last_counted(month)
    head = month_page.Heading(
        month_page.title_of(config), spoken.month(month), end.isoformat(), spoken.day(end), __version__, (), (), ""
    )
    return month_page.customer_page(page, head, config, alone=True, unknown=one.unknown), shown


def _hash(id: str, config: Config) -> str:
    return hashed([id], secret_in(config.salt or ""))[0]


def _one(config: Config, id: str, month: str, data: Workspace) -> OneCustomer:
    settings = month_customers.Settings.of(config)
    others: dict[str, Any] = {
        name: getattr(load, name)(str(data.folder)) for name in ("subscriptions", "surveys") if name in data.facts
    }
    return customer(
        load.orders(str(data.folder)),
        id,
        as_of=data.last_counted(month),
        model=settings.model,
        months=settings.months,
        annual_discount_rate=settings.annual_discount_rate,
        margin=settings.margin,
        **others,
    )


def _lists(config: Config, id: str, as_of: date, folder: Path, model: str) -> Iterator[tuple[str, str, str]]:
    """Title and reason of each action list with the customer, if the report makes lists."""
    spoken = language.of(config.language)
    made: Sequence[Any] = action_lists.make(as_of, config=config, workspace=folder, model=model)
    for listing in made:
        table = pd.DataFrame() if listing.table is None else listing.table
        for reason in table.loc[table["customer_id"] == id, "reason"] if len(table) else ():
            yield spoken.gettext(list_rules.TITLES[listing.name]), "", str(reason)
