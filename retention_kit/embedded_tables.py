"""IPython extension of the report: outputs of cells contain the tables behind them, for the month's data folder.

Only the report's kernels load it, so a notebook that is run by hand or by nbval is not changed.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from retention_kit import wording
from retention_kit.tables.numbers import MIME as NUMBERS
from retention_kit.tables.sheet import Sheet

MIME: Final = "application/vnd.retention-kit.tables"
"""The tables of an output as one JSON text. As nested values they would take a line of the notebook's file for each
number, and every step that copies, checks or writes the notebook would process all of them."""
CUSTOMERS: Final = "application/vnd.retention-kit.customers"
"""The customers behind the numbers of a table: its id, a space, and a Parquet file in base64. The report takes them out
of a finished notebook, before anything of it is written."""
MOST_CUSTOMERS: Final = 200_000
"""Most customers behind a table that a report makes lists of."""
UNLISTED: Final = "application/vnd.retention-kit.unlisted-customers"
"""The number of customers behind a table, where they are more than that."""
OPTION: Final = "RetentionKit.wording"
"""Option of a kernel: the file with the wording of its figures, of a report that is not in English."""
MEMORY: Final = "RetentionKit.memory"
"""Option of a kernel: how many bytes its engine may use."""
SPILL: Final = "RetentionKit.spill"
"""Option of a kernel: the private folder in which its engine writes what needs more memory."""
_MOMENT: Final = pa.timestamp("us")
_TYPES: Final = {
    **{"whole": pa.int64(), "truth": pa.bool_(), "text": pa.string()},
    **{"date": _MOMENT, "moment": _MOMENT},
}
"""Arrow types of the kinds of columns; all other kinds are numbers."""
_DIGITS: Final = 9
"""Significant digits of stored numbers: sums are exact to these on every machine."""


def load_ipython_extension(shell: Any) -> None:
    """Add tables to the outputs of a kernel: to tables and figures of the package, and to plain DataFrames."""
    # imported here, since the report only reads tables and draws nothing
    from retention_kit.plots.drawing.display import Picture, draw_vectors

    draw_vectors()
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type(Sheet, _of_sheet)
    formatter.for_type(pd.DataFrame, _of_frame)
    formatter.for_type(Picture, _of_picture)
    if file := _option(shell, OPTION):
        wording.CURRENT.set(wording.read(Path(file)))
    if memory := _option(shell, MEMORY):
        from retention_kit.load.sources.engine import limit

        limit(int(memory), Path(_option(shell, SPILL)))


def _option(shell: Any, name: str) -> Any:
    """The value of an option of the kernel; None where it has none."""
    owner, option = name.split(".")
    return shell.config.get(owner, {}).get(option)


def _of_sheet(sheet: Sheet) -> dict[str, Any]:
    bundle = sheet.for_a_page()
    if NUMBERS in bundle:
        return bundle  # the report stores these numbers in one file for all pages
    return {**bundle, MIME: _packed([(sheet.id, sheet.frame)], sheet.title), **_behind(sheet)}


def _behind(sheet: Sheet) -> dict[str, str]:
    """The customers behind a table with the texts about them, as a Parquet file in base64; only their number for a
    shop so large that lists of all its customers help nobody."""
    behind = sheet.behind
    if behind is None:
        return {}
    is_frame = isinstance(behind, pd.DataFrame)
    customers = len(behind) if is_frame else int(behind.count().to_pandas())
    if customers > MOST_CUSTOMERS:
        return {UNLISTED: str(customers)}
    frame = pd.DataFrame(behind if is_frame else behind.to_pandas())
    frame.attrs |= dict(sheet.about)
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return {CUSTOMERS: f"{sheet.id} {base64.b64encode(buffer.getvalue()).decode()}"}


def _of_picture(picture: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    data, metadata = picture._repr_mimebundle_()
    shown = [(id, frame) for id, frame in picture.tables if "customer_id" not in frame.columns]
    return {**data, MIME: _packed(shown, picture.alt)}, metadata  # single customers cannot be identified in a figure


def _of_frame(frame: pd.DataFrame) -> dict[str, Any] | None:
    """A plain DataFrame, if the page shows all of it."""
    if len(frame) > (pd.get_option("display.max_rows") or math.inf):
        return None
    plain = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    return {MIME: _packed([("table", frame if plain else frame.reset_index(allow_duplicates=True))])}


def _packed(frames: Iterable[tuple[str, pd.DataFrame]], title: str = "") -> str:
    """The tables that plain values can represent; other tables are omitted, and the cell is still shown."""
    tables = []
    for id, frame in frames:
        with contextlib.suppress(TypeError, ValueError, ArithmeticError):
            tables.append(packed(id, frame, title))
    return as_text(tables)


def as_text(tables: Sequence[Mapping[str, Any]]) -> str:
    """Packed tables as the text that is stored in an output."""
    return json.dumps(tables, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def as_values(text: str) -> list[dict[str, Any]]:
    """The tables stored in an output, each as it was `packed`."""
    tables: list[dict[str, Any]] = json.loads(text)
    return tables


def converted(node: Any, convert: Callable[[Any], Any]) -> Any:
    """Convert the stored tables of each output from text to values or back; the notebook is changed and returned."""
    for data in _outputs(node):
        if MIME in data:
            data[MIME] = convert(data[MIME])
    return node


def of_notebook(node: Any) -> Iterator[dict[str, Any]]:
    """The tables stored in the outputs of an executed notebook, in order."""
    for data in _outputs(node):
        yield from as_values(data.get(MIME, "[]"))


def customers_taken(node: Any) -> dict[str, bytes]:
    """Take the customers behind the tables out of an executed notebook: Parquet files by the id of the table."""
    taken = {}
    for data in _outputs(node):
        if CUSTOMERS in data:
            id, _, file = data.pop(CUSTOMERS).partition(" ")
            taken[id] = base64.b64decode(file)
    return taken


def unlisted(node: Any) -> int:
    """The largest number of customers behind a table that are too many to be listed; 0 without such a table."""
    return max((int(data[UNLISTED]) for data in _outputs(node) if UNLISTED in data), default=0)


def _outputs(node: Any) -> Iterator[Any]:
    return (output["data"] for cell in node.cells for output in cell.get("outputs", []) if "data" in output)


def packed(id: str, frame: pd.DataFrame, title: str = "") -> dict[str, Any]:
    """A table as plain values for JSON: columns in order, each with name, type and values.

    The index is left out. Numbers have nine significant digits; missing and infinite values are None.

    Examples
    --------
    >>> packed("kept", pd.DataFrame({"rate": [0.1234567891234, None]}))["columns"]
    [{'name': 'rate', 'type': 'number', 'values': [0.123456789, None]}]
    """
    pairs = zip(_names(frame.columns), frame.items(), strict=True)
    return {"id": id, "title": title, "columns": [_column(name, values) for name, (_, values) in pairs]}


def unpacked(table: Mapping[str, Any]) -> pa.Table:
    """The table that was `packed`: dates, numbers, truth values and text are restored, other types are not.

    Examples
    --------
    >>> unpacked(packed("kept", pd.DataFrame({"cohort": ["a", None], "size": [3, 4]}))).to_pylist()
    [{'cohort': 'a', 'size': 3}, {'cohort': None, 'size': 4}]
    """
    return pa.table({column["name"]: _array(column) for column in table["columns"]})


def _names(columns: pd.Index) -> list[str]:
    """The columns' names as text, made unique."""
    names: list[str] = []
    for column in columns:
        name = "_".join(map(str, column)) if isinstance(column, tuple) else str(column)
        number = sum(name == other.rsplit("~", 1)[0] for other in names)
        names.append(f"{name}~{number + 1}" if number else name)
    return names


def _column(name: str, values: pd.Series) -> dict[str, Any]:
    kind = _kind(values)
    writers: dict[str, Callable[[Any], Any]] = {
        **{"number": _rounded, "whole": int, "truth": bool},
        **{"date": lambda moment: str(moment.date()), "moment": _moment},
    }
    write = writers.get(kind, str)
    pairs = zip(values.tolist(), values.isna().tolist(), strict=True)
    return {"name": name, "type": kind, "values": [None if missing else write(x) for x, missing in pairs]}


def _kind(values: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.dropna()
        return "date" if (days == days.dt.normalize()).all() else "moment"
    if pd.api.types.is_bool_dtype(values) or pd.api.types.infer_dtype(values) == "boolean":
        return "truth"
    inferred = pd.api.types.infer_dtype(values)
    if pd.api.types.is_integer_dtype(values) or inferred == "integer":
        return "whole"
    is_number = pd.api.types.is_numeric_dtype(values) or inferred in ("decimal", "floating", "mixed-integer-float")
    return "number" if is_number else "text"


def _rounded(x: Any) -> float | None:
    return float(f"{float(x):.{_DIGITS}g}") if math.isfinite(x) else None


def _moment(t: pd.Timestamp) -> str:
    return t.isoformat(sep=" ", timespec="seconds")


def _array(column: Mapping[str, Any]) -> pa.Array:
    kind, values = _TYPES.get(column["type"], pa.float64()), column["values"]
    if kind == _MOMENT:
        values = [None if text is None else datetime.fromisoformat(text) for text in values]
    return pa.array(values, kind)
