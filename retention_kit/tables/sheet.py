"""The result of a table function: HTML by great_tables for readers, plain text for everything else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from great_tables import GT, loc, style

from retention_kit.errors import DataError
from retention_kit.tables.cells import Cells, keyed, rendered


@dataclass(frozen=True, repr=False)
class Sheet:
    """A table for display: HTML by great_tables, plain text, and further data of its cell.

    Parameters
    ----------
    frame : DataFrame
        The finished rows, numbers as numbers.
    plain : str
        The same as text.
    id : str
        Name of the table, unique on its page.
    cells : sequence of Cells
        Formats of columns; others are text.
    finish : function of a GT, optional
        Further changes by great_tables: headings, hidden or merged columns, notes.
    title : str
        What the table shows, in its first line.
    blank : collection of str
        Columns that stay empty where a number is missing; other columns show a dash.
    extra : mapping
        Further MIME types and their data.
    behind : DataFrame or Ibis table, optional
        The customers behind the numbers of the table, with a column customer_id. They are not displayed; in a report
        they become searchable lists.

    Examples
    --------
    >>> Sheet(pd.DataFrame({"x": [1]}), "x\\n1", id="x")
    x
    1
    """

    frame: pd.DataFrame
    plain: str
    id: str
    cells: Sequence[Cells] = ()
    finish: Callable[[GT], GT] | None = None
    title: str = ""
    blank: Collection[str] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    behind: Any = None
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def gt(self) -> GT:
        """The table with its numbers, for further changes by great_tables."""
        return self._styled(rendered(self.frame, self.cells, self.blank, self.id))

    def __repr__(self) -> str:
        return self.plain

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:  # noqa: ARG002
        return self._bundle(self.gt)

    def for_a_page(self) -> dict[str, Any]:
        """The display data for a page of the report, where readers can sort the table by its numbers."""
        return self._bundle(self._styled(rendered(self.frame, map(keyed, self.cells), self.blank, self.id)))

    def _bundle(self, gt: GT) -> dict[str, Any]:
        return {"text/html": gt.as_raw_html(), "text/plain": self.plain, **self.extra}

    def _styled(self, gt: GT) -> GT:
        numeric = [str(c) for c in self.frame.columns if not pd.api.types.is_string_dtype(self.frame[c])]
        if numeric:
            gt = gt.tab_style(style.css("white-space: nowrap;"), loc.body(numeric))
        gt = gt.tab_header(title=self.title) if self.title else gt
        return _quiet(self.finish(gt) if self.finish else gt)


def need(frame: pd.DataFrame, function: str, *columns: str) -> pd.DataFrame:
    """The frame with a plain index; DataError unless it has these columns and no column twice."""
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"tables.{function} needs a DataFrame; got {type(frame).__name__}. Call .to_pandas() first.")
    missing = [name for name in columns if name not in frame.columns]
    columns_of_frame = ", ".join(map(str, frame.columns))
    if missing:
        raise DataError(f"tables.{function} needs the columns {', '.join(missing)}; found {columns_of_frame}.")
    if isinstance(frame.columns, pd.MultiIndex) or len(set(map(str, frame.columns))) < len(frame.columns):
        raise DataError(f"tables.{function} needs columns with plain names, each one once; found {columns_of_frame}.")
    return frame.reset_index(drop=True)


def with_notes(gt: GT, labels: Iterable[str], notes: Iterable[str]) -> GT:
    """The table with a line for each note, after the labels of the rows to which it applies; rows without a label are
    left out."""
    labels_by_line: dict[str, list[str]] = {}
    for label, note in zip(labels, notes, strict=True):
        for line in note.splitlines() if label else ():
            labels_by_line.setdefault(line, []).append(label)
    for line, labels_of_line in labels_by_line.items():
        gt = gt.tab_source_note(f"{', '.join(labels_of_line)}: {line}")  # great_tables escapes it
    return gt


def _quiet(gt: GT) -> GT:
    """The look that all tables share: quiet lines and the page's font."""
    return gt.tab_options(
        table_font_names="inherit",
        table_font_size="0.95em",
        table_font_color="#222222",
        table_width="auto",
        table_margin_left="0",
        table_border_top_style="none",
        table_border_bottom_color="#767676",
        heading_align="left",
        heading_title_font_size="1em",
        heading_title_font_weight="bold",
        heading_border_bottom_style="none",
        column_labels_font_weight="bold",
        column_labels_border_top_style="none",
        column_labels_border_bottom_color="#767676",
        table_body_hlines_color="#DDDDDD",
        table_body_border_bottom_color="#767676",
        source_notes_font_size="0.9em",
        data_row_padding="6px",
    )
