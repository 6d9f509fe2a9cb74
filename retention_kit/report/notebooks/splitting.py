"""Split the report by a dimension: each of its values gets its own workspace and plan."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import ibis

from retention_kit.errors import ConfigError
from retention_kit.load import shared_answers
from retention_kit.report.inputs.workspace import Workspace, begins, span
from retention_kit.report.notebooks.plan import LeftOut, Plan, Segment
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.value_types import closest
from retention_kit.schema import TABLES
from retention_kit.summarise.common.first_values import NO_VALUE, first_rows
from retention_kit.summarise.common.order_log import purchases

MOST: Final = 60
"""Most segments of a report; a column with more values is rarely a dimension."""
_GROUP: Final = "segment__"


@dataclass(frozen=True)
class Part:
    """A report on all customers or on one segment: its plan and its data."""

    plan: Plan
    data: Workspace

    @property
    def folder(self) -> str:
        """Its folder inside the folder of the month; empty for all customers."""
        return self.plan.segment.folder if self.plan.segment else ""


def parts(config: Config, plan: Plan, data: Workspace) -> tuple[Part, ...]:
    """The part for all customers, and the part for each segment.

    Customers belong to the value in their first order, so that segments add up to all customers; rows of other tables
    follow their customer, otherwise their order, otherwise their own value.
    """
    if config.split_by is None:
        return (Part(plan, data),)
    tables = {name: ibis.read_parquet(data.folder / f"{name}.parquet") for name in data.facts}
    if "orders" not in tables:
        raise ConfigError("A report is split by a column of the orders, and no orders are named (split_by).")
    dimension, orders = config.split_by, tables["orders"]
    dimensions = [name for name in orders.columns if TABLES["orders"].column(name) is None]
    if dimension not in dimensions:
        raise ConfigError(f"The orders cannot be split by {dimension}, {closest(dimension, dimensions)}")
    groups = first_rows(purchases(orders), [dimension], "ordered_at").rename(**{_GROUP: dimension}).cache()
    marked = {name: _marked(table, orders, groups, dimension) for name, table in tables.items()}
    values = _by_customer(orders, groups, dimension).select(_GROUP).distinct().to_pandas()[_GROUP].tolist()
    if len(values) > MOST:
        raise ConfigError(f"{dimension} has {len(values)} values; a report is split into at most {MOST}.")
    named = folders(dimension, values)
    segments = tuple(Segment(dimension, value, named[value]) for value in sorted(values))
    whole = Part(replace(plan, segments=segments), data)
    return (whole, *(_part(segment, marked, plan, data) for segment in segments))


def _marked(table: Any, orders: Any, groups: Any, dimension: str) -> Any | None:
    """A table with the segment of each row; None if the table has nothing that identifies it."""
    if "customer_id" in table.columns:
        return _by_customer(table, groups, dimension)
    if "order_id" in table.columns and "order_id" in orders.columns:
        buyers = orders.group_by("order_id").agg(customer_id=orders.customer_id.min())
        of_order = buyers.left_join(groups, "customer_id").select("order_id", _GROUP)
        joined = table.left_join(of_order, "order_id").drop("order_id_right")
    elif dimension in table.columns:
        joined = table.mutate(**{_GROUP: ibis.null("string")})
    else:
        return None
    return _or_own(joined, table, dimension)


def _by_customer(table: Any, groups: Any, dimension: str) -> Any:
    """A table with the segment of the customer of each row."""
    joined = table.left_join(groups, "customer_id").drop("customer_id_right")
    return _or_own(joined, table, dimension)


def _or_own(joined: Any, table: Any, dimension: str) -> Any:
    """Use a row's own value as the segment where its customer has none."""
    own = joined[dimension].cast("string") if dimension in table.columns else ibis.null("string")
    return joined.mutate(**{_GROUP: ibis.coalesce(joined[_GROUP], own, NO_VALUE)})


def _part(segment: Segment, marked: dict[str, Any], plan: Plan, data: Workspace) -> Part:
    folder = data.folder / "segments" / segment.folder
    folder.mkdir(parents=True)
    shared_answers.make_folder(folder)
    facts = {}
    for name, table in marked.items():
        if table is not None:
            rows = table.filter(table[_GROUP] == segment.value).drop(_GROUP)
            rows.order_by(list(rows.columns)).to_parquet(folder / f"{name}.parquet")
            facts[name] = _source_of_segment(name, segment, data, folder)
    kept = {name: ibis.read_parquet(folder / f"{name}.parquet") for name in facts}
    missing = {n.name: tuple(table for table in n.tables if table not in facts) for n in plan.notebooks}
    left_out = tuple(LeftOut(n, missing[n.name], segment.dimension) for n in plan.notebooks if missing[n.name])
    runs = tuple(n for n in plan.notebooks if not missing[n.name])
    narrowed = replace(plan, notebooks=runs, left_out=plan.left_out + left_out, segment=segment)
    return Part(narrowed, Workspace(folder, facts, *span(kept), begins(kept), data))


def _source_of_segment(name: str, segment: Segment, data: Workspace, folder: Path) -> Any:
    """The table's source with a note on the segment, which is also written beside its rows."""
    note = f"of the rows kept, only those of the segment {segment.dimension} = {segment.value}"
    source_facts = json.loads((data.folder / f"{name}.json").read_text(encoding="utf-8"))
    source_facts["assumptions"].append(note)
    (folder / f"{name}.json").write_text(json.dumps(source_facts, ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(data.folder / f"{name}.refused.parquet", folder / f"{name}.refused.parquet")
    return replace(data.facts[name], assumptions=(*data.facts[name].assumptions, note))


def folders(dimension: str, values: Sequence[str]) -> dict[str, str]:
    """A folder for each value: safe on every system, different for different values, readable where it can be.

    Examples
    --------
    >>> folders("country", ["PL", "pl", "../../etc"])
    {'pl': 'country=pl', '../../etc': 'country=etc-74ccf3c5', 'PL': 'country=pl-293650de'}
    """
    names: dict[str, str] = {}
    for value in sorted(values, key=lambda v: (v != _plain(v), v)):
        name = _plain(value)
        if value.lower() != name or name in names.values():
            name = f"{name}-{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        names[value] = name
    return {value: f"{_plain(dimension)}={name}" for value, name in names.items()}


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", ascii_only).strip("-")[:40] or "value"
