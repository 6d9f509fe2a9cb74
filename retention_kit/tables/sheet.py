"""What a table function returns: great_tables' HTML for people, plain text for everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from great_tables import GT, loc, style

from retention_kit import formats
from retention_kit.errors import ConfigError, DataError

__all__ = ["UNITS", "Sheet", "formatted", "need", "plain", "styled", "written"]

UNITS = (*formats.DIGITS, "date", "text")


@dataclass(frozen=True, repr=False)
class Sheet:
    """A rendered table: HTML by great_tables, plain text, and what else its cell carries.

    Parameters
    ----------
    gt : GT
        The table; more of great_tables can be applied to it.
    plain : str
        The same as text.
    extra : mapping
        Further MIME types and their data.

    Examples
    --------
    >>> from great_tables import GT, loc, style
    >>> Sheet(GT(pd.DataFrame({"x": [1]}), id="x"), "x\\n1")
    x
    1
    """

    gt: GT
    plain: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.plain

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:  # noqa: ARG002
        return {"text/html": self.gt.as_raw_html(), "text/plain": self.plain, **self.extra}


def need(frame: pd.DataFrame, function: str, *columns: str) -> pd.DataFrame:
    """The frame with a plain index, if it has these columns."""
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"tables.{function} needs a DataFrame; got {type(frame).__name__}. Call .to_pandas() first.")
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        found = ", ".join(map(str, frame.columns))
        raise DataError(f"tables.{function} needs the columns {', '.join(missing)}; found {found}.")
    return frame.reset_index(drop=True)


def formatted(gt: GT, column: str, unit: str, rows: list[int] | None = None) -> GT:
    """One column, or some of its rows, written in a unit."""
    if unit not in UNITS:
        raise ConfigError(f"A unit is one of {', '.join(UNITS)}; got {unit!r} for {column}.")
    if unit == "date":
        return gt.fmt_date(columns=column, rows=rows)
    return gt if unit == "text" else written(gt, column, lambda x: plain(formats.written(x, unit)), rows)


def written(gt: GT, column: str, write: Callable[[float], str], rows: list[int] | None = None) -> GT:
    """One column, or some of its rows, written by a function; what is missing is left to `styled`."""
    return gt.fmt(lambda x: x if pd.isna(x) else write(x), columns=column, rows=rows)


def plain(text: str) -> str:
    """A written number with ordinary spaces: cells do not break their lines."""
    return text.replace(formats.SPACE, " ")


def styled(gt: GT, blank: Sequence[str] = ()) -> GT:
    """The look that all tables share: quiet lines, the page's font, a dash where a number is missing.

    The columns in `blank` stay empty where a number is missing.
    """
    frame = gt._tbl_data
    gt = gt.sub_missing([str(c) for c in frame.columns if c not in blank], missing_text=formats.MISSING)
    numeric = [str(c) for c in frame.columns if not pd.api.types.is_string_dtype(frame[c])]
    if numeric:
        gt = gt.tab_style(style.css("white-space: nowrap;"), loc.body(numeric))
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
