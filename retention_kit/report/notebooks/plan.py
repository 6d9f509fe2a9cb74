"""The plan of a report, checked before any data are read: which notebooks run, with which parameter values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from retention_kit.errors import ConfigError, join_faults
from retention_kit.report.inputs import workspace
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.notebooks import discovery, parameter_domains, parameters
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.settings import redaction, source_names
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.value_types import closest
from retention_kit.schema import TABLES

SET_BY_RUN: Final = {
    "as_of": "it is the last day of the month that counts; pass months='…'",
    "columns": "pass columns={…}",
    "preset": "pass preset='…'",
    **{name: f"pass {name}='…'" for name in TABLES},
}
"""Parameters that the run sets, with the way in which the user can set them."""


NAMES_OF_TABLES: Final = (
    gettext_noop("orders"),
    gettext_noop("order_lines"),
    gettext_noop("subscriptions"),
    gettext_noop("paid subscriptions"),
    gettext_noop("surveys"),
    gettext_noop("visits"),
)
"""Tables as a sentence names them."""


@dataclass(frozen=True)
class Segment:
    """One value of the dimension that the report is split by, and its folder inside the month's.

    The name of the folder is safe for any value; the value itself may be hostile.
    """

    dimension: str
    value: str
    folder: str


@dataclass(frozen=True)
class LeftOut:
    """A notebook that does not run, because required tables are missing, cannot be split by a dimension, or have no
    rows up to the end of a month."""

    notebook: Notebook
    tables: tuple[str, ...]
    dimension: str = ""
    month: str = ""

    def needs(self, language: Language = ENGLISH) -> str:
        """The missing tables in words; in a month only subscriptions with a price count."""
        names = {"subscriptions": "paid subscriptions"} if self.month else {}
        return language.listing(language.as_is(names.get(table, table)) for table in self.tables)

    def reason(self, language: Language = ENGLISH) -> str:
        """Reason why it does not run, as the end of a sentence."""
        tables = self.needs(language)
        if self.month:
            names = {"tables": tables, "month": language.month(self.month)}
            return language.gettext("it needs %(tables)s, of which there are none up to %(month)s", **names)
        if not self.dimension:
            return language.gettext("it needs %(tables)s", tables=tables)
        names = {"tables": tables, "dimension": self.dimension}
        return language.gettext("it needs %(tables)s, which cannot be split by %(dimension)s", **names)


@dataclass(frozen=True)
class Plan:
    """The notebooks that will run, and those left out with the reasons.

    `segments` are made in addition to the report on all customers; `segment` is the one that this plan is for, None for
    all customers.
    """

    notebooks: tuple[Notebook, ...]
    left_out: tuple[LeftOut, ...]
    given: Mapping[str, Mapping[str, Any]]
    segments: tuple[Segment, ...] = ()
    segment: Segment | None = None

    @property
    def all(self) -> tuple[Notebook, ...]:
        """All notebooks, including those left out."""
        return (*self.notebooks, *(omission.notebook for omission in self.left_out))


def make(config: Config, months: Sequence[str] = ()) -> Plan:
    """Check notebooks and parameters against each other and against the requested months; all faults at once."""
    notebooks = discovery.find(config.notebooks, config.only)
    faults = _unknown(config.parameters, notebooks)
    given: dict[str, dict[str, Any]] = {}
    wrong: dict[str, list[str]] = {}
    for notebook in notebooks:
        chosen = {name: value for name, value in config.parameters.items() if name in notebook.defaults}
        given[notebook.name], own = _checked(chosen, notebook, months)
        for fault in own:
            wrong.setdefault(fault, []).append(notebook.name)
    faults += [f"{', '.join(names)}: {fault}" for fault, names in wrong.items()]
    if faults:
        raise ConfigError(join_faults(faults))
    missing = {n.name: tuple(table for table in n.tables if table not in config.sources) for n in notebooks}
    left_out = tuple(LeftOut(n, missing[n.name]) for n in notebooks if missing[n.name])
    runs = tuple(n for n in notebooks if not missing[n.name])
    if not runs:
        reasons = "; ".join(f"{omission.notebook.name}: {omission.reason()}" for omission in left_out)
        raise ConfigError(f"No page can be made from {' and '.join(config.sources)} ({reasons}).")
    return Plan(runs, left_out, given)


def begun(plan: Plan, data: Workspace, month: str) -> Plan:
    """The plan of a month, without notebooks whose answers, visits or subscriptions begin after it."""
    end = data.last_counted(month)
    late = {
        n.name: tuple(t for t in _tables(n, plan) if (data.begins.get(t, end) or date.max) > end)
        for n in plan.notebooks
    }
    left_out = tuple(LeftOut(n, late[n.name], month=month) for n in plan.notebooks if late[n.name])
    return replace(
        plan, notebooks=tuple(n for n in plan.notebooks if not late[n.name]), left_out=plan.left_out + left_out
    )


def _tables(notebook: Notebook, plan: Plan) -> tuple[str, ...]:
    """The required tables of a notebook; surveys are required of the kind that it reports."""
    kind = {**notebook.defaults, **plan.given[notebook.name]}.get("kind") if notebook.has_standard_parameters else None
    return tuple(f"{kind} {table}" if table == "surveys" and kind else table for table in notebook.tables)


def refuse_what_data_lack(plan: Plan, data: Workspace, months: tuple[str, ...]) -> None:
    """Raise if a month has no data, or the pages are to compare by a column that none of their tables has."""
    workspace.refuse_months_without_data(data, months)
    asking = [n for n in plan.notebooks if n.has_standard_parameters and plan.given[n.name].get("dimension")]
    tables = dict.fromkeys(next(name for name in n.defaults if name in TABLES) for n in asking)
    if asking:
        parameter_domains.refuse_unknown_dimension(plan.given[asking[0].name]["dimension"], tables, data)


def _unknown(names: Mapping[str, Any], notebooks: tuple[Notebook, ...]) -> list[str]:
    names_of_parameters = {name for notebook in notebooks for name in notebook.defaults}
    faults = [f"parameter {n} is set by the run: {SET_BY_RUN[n]}." for n in names if n in SET_BY_RUN]
    for name in names:
        if name not in names_of_parameters and name not in SET_BY_RUN:
            hint = closest(name, names_of_parameters - set(SET_BY_RUN))
            faults.append(f"no notebook has a parameter {name}, {hint}")
    return faults


def _checked(chosen: Mapping[str, Any], notebook: Notebook, months: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    good, faults = {}, []
    for name, value in chosen.items():
        try:
            good[name] = parameters.check(name, value, notebook.defaults[name])
        except ConfigError as fault:
            faults.append(str(fault).removesuffix("."))
    if notebook.has_standard_parameters:
        faults += parameter_domains.faults(good, notebook.defaults, months)
    return good, faults


def read_parameters(assignments: Mapping[str, str], config: Config) -> dict[str, Any]:
    """Values of ``-p NAME=VALUE``, read by the type of the notebooks' defaults; unknown names stay text.

    Parameters
    ----------
    assignments : mapping of str to str
        Names and values as the user wrote them.
    config : Config
        Its notebooks have the defaults.

    Returns
    -------
    dict
        Plain values, never code.

    Raises
    ------
    ConfigError
        A value cannot be read as the type of its default.

    Examples
    --------
    >>> read_parameters({"lapse_after": "90"}, Config())
    {'lapse_after': 90}
    """
    defaults: dict[str, Any] = {}
    for notebook in discovery.find(config.notebooks, config.only):
        defaults = notebook.defaults | defaults
    return {name: parameters.from_text(name, text, defaults.get(name)) for name, text in assignments.items()}


def leaves_model_open(notebook: Notebook, plan: Plan) -> bool:
    """Whether the parameter `model` of a notebook is "auto", which leaves the choice to the report."""
    return {**notebook.defaults, **plan.given[notebook.name]}.get("model") == "auto"


def values(
    notebook: Notebook, plan: Plan, config: Config, data: Workspace, month: str, model: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Parameters for the kernel, and the same parameters as they are published.

    The kernel reads validated tables from the workspace, where the columns already have our names; the published
    notebook names the source as the user wrote it, so that it can be opened and run again. A segment has no source of
    its own, so its notebooks state the segment. `model` is the value model of the month, for notebooks that leave the
    choice to the report.
    """
    tables = [name for name in data.facts if name in notebook.defaults]
    inside: dict[str, Any] = dict.fromkeys(tables, str(data.folder))
    where = f" where {plan.segment.dimension} is {plan.segment.value}" if plan.segment else ""
    outside = {name: source_names.parameter(config.sources[name]) for name in tables}
    if where:
        outside = {name: source_names.published(config.sources[name]) + where for name in tables}
    missing = {name: None for name in TABLES if name in notebook.defaults and name not in tables}
    inside, outside = inside | missing, outside | missing
    first = next((config.sources[name] for name in notebook.defaults if name in tables), None)
    if "columns" in notebook.defaults and first is not None:
        inside["columns"], outside["columns"] = {}, dict(first.columns)
    if "preset" in notebook.defaults and first is not None:
        inside["preset"] = outside["preset"] = first.preset or "none"
    both = {"as_of": data.last_counted(month).isoformat(), "timezone": config.timezone, "currency": config.currency}
    both = {name: value for name, value in both.items() if name in notebook.defaults and value is not None}
    given = plan.given[notebook.name]
    if model and leaves_model_open(notebook, plan):
        given = {**given, "model": model}
    return inside | both | parameter_domains.located(given), outside | both | redaction.masked(given)
