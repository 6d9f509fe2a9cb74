"""The configuration of a report: one frozen object, from keyword arguments or from report.toml."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from retention_kit.errors import ConfigError, join_faults
from retention_kit.report.settings import action_settings, alert_settings, id_settings, target_settings, value_types
from retention_kit.report.settings.action_settings import ActionSettings
from retention_kit.schema import TABLES

SAMPLE: Final = "cdnow"
"""Orders of a report that names no table."""
COMPANIONS: Final = {
    "cdnow": {"surveys": "cdnow_surveys"},
    "store": {name: "store" for name in TABLES if name != "orders"},
}
"""Samples whose other tables belong to the orders of that name."""
SEGMENT_MAPS: Final = {"ten_segments": 5, "eleven_segments": 5}
"""Segment maps of the package, and the number of groups they are for."""
LANGUAGES: Final = ("en", "zh-Hant", "pl")
"""Codes of the languages of reports."""
CHOICES: Final = {"audience": ("summary", "analyst"), "paper": ("auto", "a4", "letter")}
"""Values of settings with a few."""
OF_THE_REPORT: Final = {"rates": ("orders", "subscriptions"), "identities": ("orders", "subscriptions", "surveys")}
"""Settings that a report states once for all of its tables, and the tables to which they apply."""


@dataclass(frozen=True)
class Source:
    """The source of one table, as the user wrote it.

    Parameters
    ----------
    where : str, Path, DataFrame or tuple of Source
        Sample name, path, folder, URL, or ``env:NAME`` for a URL in an environment variable; or several sources that
        are combined.
    columns : mapping, optional
        Our column name to the source's header.
    preset : str or None
        Name of a known export ("shopify" …); "auto" recognises it by its headers, None or "none" applies none.
    options : mapping, optional
        Further arguments of `retention_kit.load`: query, sheet, encoding, decimal, day_first, unit, ends, rates; for
        one of several sources also name, timezone, currency.
    written : str, optional
        Name of the source in the report if it is not `where`: for example a path as written in report.toml.
    """

    where: Any
    columns: Mapping[str, str] = field(default_factory=dict)
    preset: str | None = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)
    written: str | None = None

    @property
    def parts(self) -> tuple[Source, ...]:
        """The single sources: itself, or the sources that are combined."""
        return self.where if isinstance(self.where, tuple) else (self,)


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of a report: sources, pages, parameters and output folder.

    Parameters
    ----------
    title : str
        Heading of every page.
    orders, order_lines, subscriptions, surveys, visits : Source, str, Path, DataFrame or list of these, optional
        The tables. Orders from a sample include the sample's other tables. If no table is named, the report is made
        from the sample CDNOW; if any is named, pages whose tables are missing are left out.
    columns : mapping, optional
        Shorthand for the column names of the orders; orders must be named too.
    timezone, currency : str, optional
        Business time zone and ISO 4217 code, passed to `retention_kit.load`.
    rates : path or DataFrame, optional
        Exchange rates to that currency: columns day, currency, rate. For orders and subscriptions.
    identities : path or DataFrame, optional
        Accounts that belong to one customer: columns alias and customer_id. For every table with customers.
    language : {"en", "zh-Hant", "pl"}
        Language of names of metrics, dates and numbers; the prose of the notebooks is not translated.
    notebooks : Path or sequence of Path, optional
        Folder of the notebooks; or a list of folders, notebooks, and names of the package's notebooks, where
        ``"standard"`` stands for all of them. By default the package's notebooks.
    only : sequence of str
        Names of the notebooks to run, with or without number: ``("cohorts",)``. Other pages of an existing month are
        reused if they have the same data, parameters, code and versions, and are rebuilt otherwise.
    output : Path
        Folder of the reports; each month is a folder in it.
    parameters : mapping
        Values for the notebooks' parameters.
    cell_timeout : float
        Seconds that one cell may take on a processor of its own; longer where more notebooks run at a time than there
        are processors.
    split_by : str, optional
        Dimension column of the orders: the report is also made for each of its values.
    targets, alerts : sequence of mapping
        As ``[[targets]]`` and ``[[alerts]]`` in report.toml.
    actions : mapping
        As ``[actions]`` in report.toml: `action_settings.faults` names the keys. Without any key no lists are written.
    pdf, single_file : bool
        Whether the summary is also written as a PDF, and all pages of the month as one HTML file for mailing.
    audience : {"summary", "analyst"}
        For whom ``index.html`` is written; the other page is beside it.
    paper : {"auto", "a4", "letter"}
        Paper of printed pages; by default Letter where the language is English and the currency is one of a country
        that uses it, otherwise A4.
    hash_ids : bool
        Whether action lists contain hashes in place of customer ids.
    customer_ids : {"shown", "hashed", "none"}
        What pages, notebooks, data files and lists show: ids, HMAC-SHA256 of ids, or no lists of customers at all. By
        default ids are shown, because a list of customers is only useful with ids that its readers know; files with
        ids can be read by their owner only.
    salt : str, optional
        ``"env:NAME"``, the environment variable with the secret of hashed ids.
    list_rows : int
        Most customers on the page of a list; its files hold all of them.
    customer_pages : int
        Most customers of a month who get a page of their own; 0 for none.
    leave_in_place : bool
        Whether tables of a PostgreSQL database (``env:NAME``) stay there: it then makes every summary, and the run
        writes no copy of them. This takes longer than copying them.

    Raises
    ------
    ConfigError
        A value is wrong; all faults at once.

    Examples
    --------
    >>> config = Config(title="Shop", orders="cdnow")
    >>> sorted(config.sources)
    ['orders', 'surveys']
    >>> config.sources["surveys"].where
    'cdnow_surveys'
    """

    title: str = "Customer retention"
    orders: Any = None
    order_lines: Any = None
    subscriptions: Any = None
    surveys: Any = None
    visits: Any = None
    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    currency: str | None = None
    rates: Any = None
    identities: Any = None
    language: str = "en"
    notebooks: Path | str | Sequence[Path | str] | None = None
    only: Sequence[str] = ()
    output: Path = Path("reports")
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cell_timeout: float = 600.0
    split_by: str | None = None
    targets: Sequence[Mapping[str, Any]] = ()
    alerts: Sequence[Mapping[str, Any]] = ()
    actions: Mapping[str, Any] = field(default_factory=dict)
    pdf: bool = False
    single_file: bool = False
    audience: str = "summary"
    paper: str = "auto"
    hash_ids: bool = False
    customer_ids: str = "shown"
    salt: str | None = None
    list_rows: int = 200
    customer_pages: int = 100
    leave_in_place: bool = False

    def __post_init__(self) -> None:
        faults = [fault for item in fields(self) if (fault := value_types.fault(item.name, getattr(self, item.name)))]
        if isinstance(self.language, str) and self.language not in LANGUAGES:
            faults.append(f"language must be one of {', '.join(LANGUAGES)}, got {self.language!r}")
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if isinstance(value, str) and value not in choices:
                faults.append(f"{name} must be one of {', '.join(choices)}, got {value!r}")
        if isinstance(self.cell_timeout, (int, float)) and not 0 < self.cell_timeout < math.inf:
            faults.append(f"cell_timeout must be a number of seconds above 0, got {self.cell_timeout!r}")
        limits = {name: getattr(self, name) for name in ("list_rows", "customer_pages")}
        negative = {name: limit for name, limit in limits.items() if isinstance(limit, int) and limit < 0}
        faults += [f"{name} must be a whole number, 0 or more, got {limit!r}" for name, limit in negative.items()]
        faults += target_settings.faults(self.targets) + alert_settings.faults(self.alerts)
        faults += action_settings.faults(self.actions, hash_ids=self.hash_ids is True)
        faults += id_settings.faults(self.customer_ids, self.salt, lists=bool(self.actions))
        if self.columns and self.orders is None and any(getattr(self, name) is not None for name in TABLES):
            faults.append("columns are headers of the orders, and no orders are named; give each table its own columns")
        if faults:
            raise ConfigError(join_faults(faults))
        object.__setattr__(self, "output", Path(self.output))
        if isinstance(self.notebooks, str):
            object.__setattr__(self, "notebooks", Path(self.notebooks))

    @property
    def sources(self) -> dict[str, Source]:
        """Every table that is read, by name."""
        given = {name: getattr(self, name) for name in TABLES}
        if all(value is None for value in given.values()):
            given["orders"] = SAMPLE
        companions = COMPANIONS.get(_name(given["orders"]), {})
        chosen = {name: companions.get(name) if value is None else value for name, value in given.items()}
        return {name: self._source(name, value) for name, value in chosen.items() if value is not None}

    @property
    def action_lists(self) -> ActionSettings:
        """``[actions]`` with defaults."""
        return action_settings.read(self.actions)

    @property
    def secret_of_lists(self) -> bytes | None:
        """The secret with which ids in action lists are hashed; None if ids are written as in the data."""
        hashed = self.hash_ids and self.customer_ids == "shown"
        return id_settings.secret_in(self.actions["salt"]) if hashed else None

    def _source(self, name: str, value: Any) -> Source:
        if isinstance(value, Source):
            return value
        if isinstance(value, list | tuple):
            return Source(tuple(self._source(name, item) for item in value))
        return Source(value, self.columns if name == "orders" else {})


def _name(orders: Any) -> str:
    """The name or location of the orders, if it is text."""
    where = orders.where if isinstance(orders, Source) else orders
    return where if isinstance(where, str) else ""
