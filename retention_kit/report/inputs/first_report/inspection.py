"""Inspection of a file: its table, the roles of its columns, values that can be read in two ways, what is missing."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from babel.numbers import list_currencies

from retention_kit import load
from retention_kit.errors import DataError, RetentionKitWarning
from retention_kit.load.columns.header_words import language, speaks_of
from retention_kit.load.columns.mapping import match
from retention_kit.load.files import encodings
from retention_kit.load.files.kinds import Layout
from retention_kit.load.files.textfile import open_bytes
from retention_kit.load.one_source.opening import open_source
from retention_kit.load.presets import choosing as presets
from retention_kit.load.sources.raw_table import Raw
from retention_kit.report.inputs.first_report import ambiguities, column_roles
from retention_kit.report.inputs.first_report.ambiguities import Doubt
from retention_kit.report.inputs.first_report.column_roles import Column
from retention_kit.report.settings.config import OF_THE_REPORT
from retention_kit.schema import TABLES
from retention_kit.summarise.answers.survey_answers import SCALES

ANY: Final = ""
"""Stands for any table: options under this name apply to a file whatever table it turns out to be."""

MOST_VALUES: Final = 24
"""A column with more distinct values is not offered as a dimension to split a report by."""
MOST_STATES: Final = 12
"""A column with more distinct values is not a status."""
_MAY_BE_OPEN: Final = {"subscriptions": (("mrr",), ("subscription_id",)), "surveys": (("kind",),)}
"""Required columns without which a file is still recognised as that table; `init` then asks for one of them."""
_SAID: Final = ("encoding", "decimal", "day_first", "sheet", "keep", "unit", "ends")
"""Options of a source that are written into report.toml as they were given."""
_MARKS: Final = {
    "zł": "PLN", "€": "EUR", "£": "GBP", "Kč": "CZK", "Ft": "HUF", "₩": "KRW", "₹": "INR", "Rs": "INR", "Rs.": "INR",
    "₺": "TRY", "₴": "UAH", "₽": "RUB", "฿": "THB", "₫": "VND", "₪": "ILS", "₱": "PHP", "₦": "NGN", "৳": "BDT",
    "RM": "MYR", "lei": "RON", "NT$": "TWD", "HK$": "HKD", "US$": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD",
    "AU$": "AUD", "NZ$": "NZD", "S$": "SGD", "R$": "BRL", "MX$": "MXN", "円": "JPY", "元": "TWD", "圓": "TWD",
}  # fmt: skip
"""Signs that name one currency; $, kr and Fr. are used by several."""


@dataclass(frozen=True)
class Look:
    """The results of an inspection of a file.

    `columns` maps our columns to headers, without those that a preset reads. `others` has further headers that could be
    each column. `options` are needed to read the file, `doubts` are options with two possible values. `states` has the
    shares of the values of columns that look like a status. `data` is the loaded table, None if something is `missing`
    before the file can be read; `possible` has the columns of the file that could be what is missing.
    """

    file: Path
    table: str
    headers: tuple[Column, ...] = ()
    preset: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    states: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    dimensions: Mapping[str, int] = field(default_factory=dict)
    currency: str | None = None
    data: load.Dataset | None = None
    missing: str = ""
    possible: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)

    @property
    def choices(self) -> bool:
        """Whether report.toml offers lines to choose from for what is missing."""
        return bool(self.missing) and (bool(self.doubts) or any(self.possible.values()))

    def column(self, header: str) -> Column:
        """The column under a header."""
        return next((column for column in self.headers if column.header == header), Column(header))


def at(file: Path, of_tables: Mapping[str, Mapping[str, Any]] | None = None, **given: Any) -> Look:
    """Inspect a file; DataError where it cannot be opened, or has headers and no rows.

    Options that the user gives (`given`, and in `of_tables` those of single tables, under `ANY` of every table) take
    precedence over what is recognised.
    """
    given = {name: value for name, value in given.items() if value not in (None, {}, ())}
    by_table = {name: {**given, **(of_tables or {}).get(ANY, {}), **(of_tables or {}).get(name, {})} for name in TABLES}
    raw, found_options = _opened(file, by_table["orders"])
    columns = column_roles.columns_of(raw)
    table, preset = _table(columns, by_table)
    given = _for(table, by_table[table])
    options = found_options | {name: given[name] for name in _SAID if name in given}
    if given.get("preset") == "none":
        options["preset"] = "none"
    if not any(column.filled for column in columns):
        raise DataError(
            f"{file} holds headers but no rows ({', '.join(raw.headers)}); give a file with at least one row"
        )
    named = given.get("columns", {})
    chosen, others = dict(named), {}
    if preset is None and table == "orders":
        candidates = column_roles.roles(columns)
        chosen = {name: able[0].header for name, able in candidates.items() if able}
        chosen = {n: h for n, h in chosen.items() if h not in named.values()} | named
        others = {name: tuple(c.header for c in able[1:3]) for name, able in candidates.items() if able[1:]}
    elif preset is None:
        open_ones = _left_open(table, columns, named) or ()
        matched = match(TABLES[table], raw.headers, {**dict.fromkeys(open_ones, "=0"), **named})
        chosen = dict(matched.headers) | {n: f"={v}" for n, v in matched.constants.items() if n not in open_ones}
        if "kind" in open_ones and (kind := _kind(chosen["score"])):
            chosen["kind"] = f"={kind}"
    look = Look(file, table, columns, preset, chosen, others, options)
    look = _with_currency(look, given)
    return _with_rest(_tried(look, raw, given), raw)


def _opened(file: Path, given: Mapping[str, Any]) -> tuple[Raw, dict[str, Any]]:
    """The opened file, and its encoding if that is not UTF-8: the first likely one in which it can be opened."""
    layout = Layout(given.get("encoding"), sheet=given.get("sheet"))
    try:
        return open_source(str(file), None, None, layout), {}
    except DataError:
        if "encoding" in given or not file.is_file():
            raise
        with open_bytes(file) as stream:
            likely = encodings.likely(b"".join(line for line in stream if not line.isascii())[:1_000_000])
        for encoding in likely:
            raw = open_source(str(file), None, None, Layout(encoding, sheet=given.get("sheet")))
            return raw, {"encoding": encoding}
        raise


def _for(table: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that apply to a table, without those of the report that do not."""
    idle = {name for name, tables in OF_THE_REPORT.items() if table not in tables}
    return {name: value for name, value in given.items() if name not in idle}


def _table(columns: Sequence[Column], by_table: Mapping[str, Mapping[str, Any]]) -> tuple[str, str | None]:
    """The table that the file holds, and the preset that reads it."""
    headers = tuple(column.header for column in columns)
    for table, given in by_table.items():
        wish = given.get("preset", "auto")
        if any(p.table == table for p in presets.all_presets().values()) and wish != "none":
            able = wish == "auto" or any(
                p.table == table and p.name.startswith(wish) for p in presets.all_presets().values()
            )
            preset = presets.choose(wish, table, headers).preset if able else None
            if preset is not None:
                return table, preset.name
    open_ones = {table: _left_open(table, columns, given.get("columns", {})) for table, given in by_table.items()}
    complete = [table for table, names in open_ones.items() if names == ()]
    if complete[:1] == ["order_lines"] and all(column_roles.roles(columns)[name] for name in TABLES["orders"].required):
        return "orders", None  # products with customer, moment and amount are orders line by line
    nearly = [table for table, names in open_ones.items() if names]
    return next(iter([*complete, *nearly]), "orders"), None


def _left_open(table: str, columns: Sequence[Column], named: Mapping[str, str]) -> tuple[str, ...] | None:
    """The required columns without a header, at most one; None if the file does not hold this table."""
    headers = tuple(column.header for column in columns)
    for names in ((), *_MAY_BE_OPEN.get(table, ())):
        try:
            matched = match(TABLES[table], headers, {**dict.fromkeys(names, "=0"), **named})
        except DataError:
            continue
        return names if not names or table != "surveys" or _are_answers(matched.headers["score"], columns) else None
    return None


def _are_answers(score: str, columns: Sequence[Column]) -> bool:
    """Whether a column holds answers on a scale, in a file without a column of money."""
    (answers,) = [column for column in columns if column.header == score]
    money = any(column.says("amount") and (column.fraction > 0 or column.sign > 0.5) for column in columns)
    return answers.number >= 0.9 and answers.small and not money


def _kind(score: str) -> str | None:
    """The kind of survey that the header of the answers names."""
    return next((kind for kind in SCALES if speaks_of(score, kind)), None)


def _with_currency(look: Look, given: Mapping[str, Any]) -> Look:
    """Add the currency that the header or the cells of the amounts name, if no column does."""
    if "currency" in given or look.preset or "currency" in look.columns or "amount" not in look.columns:
        return replace(look, currency=given.get("currency"))
    amount = look.column(look.columns["amount"])
    named = re.findall(r"[A-Z]{3}|[A-Z]{0,2}\$|zł|Kč|[€£₩₹₺₴₽฿₫₪]|円|元", amount.header)
    marks = [amount.mark, *named]
    if amount.mark in ("¥", "￥") and language(tuple(c.header for c in look.headers)) == "ja":
        marks.append("円")
    codes = [_MARKS.get(mark, mark if mark in list_currencies() else "") for mark in marks]
    return replace(look, currency=next(filter(None, codes), None))


def _tried(look: Look, raw: Raw, given: Mapping[str, Any]) -> Look:
    """The inspection with the loaded data, or with what is missing."""
    options = dict(look.options) | {k: v for k, v in given.items() if k not in ("columns", "currency")}
    arguments = {"columns": dict(look.columns) or None, "currency": look.currency, **options}
    lacking = [] if look.preset else [n for n in TABLES[look.table].required if n not in look.columns]
    try:
        return replace(look, data=_loaded(look, arguments))
    except DataError as fault:
        if lacking:
            return _lacking(look, lacking, str(fault))
        amounts_in = _currencies(look, raw)
        open_ones = _open_options(look, arguments, amounts_in)
        if not open_ones:
            return replace(look, missing=str(fault))
    tongue = language(raw.headers)
    decided = {name: _doubt(name, look, raw, tongue, amounts_in) for name in open_ones}
    settled = {name: doubt.value for name, doubt in decided.items() if doubt.value is not None}
    look = replace(look, doubts=tuple(decided.values()), options={**look.options, **settled})
    undecided = [doubt for doubt in decided.values() if doubt.value is None]
    if undecided:
        return replace(look, missing=" ".join(map(_question, undecided)))
    return replace(look, data=_loaded(look, arguments | settled))


def _loaded(look: Look, arguments: Mapping[str, Any]) -> load.Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetentionKitWarning)
        dataset: load.Dataset = getattr(load, look.table)(str(look.file), **arguments)
        return dataset


def _currencies(look: Look, raw: Raw) -> Doubt | None:
    """Which rows to keep where a column holds several currencies; None if no column does."""
    codes = [c for c in look.headers if c.code >= 0.95 and 1 < c.distinct <= MOST_STATES]
    return (
        ambiguities.of_currencies(codes[0].header, column_roles.counts(raw.table, codes[0].header)) if codes else None
    )


def together(looks: Sequence[Look], **given: Any) -> str:
    """Why several files of one table cannot be combined; empty if they can."""
    if any(look.missing or look.data is None for look in looks):
        return ""
    table = looks[0].table
    options = {name: value for name, value in _for(table, given).items() if name in ("timezone", "rates", "identities")}
    parts = [
        load.Part(where=str(look.file), columns=dict(look.columns) or None, currency=look.currency, **_of_part(look))
        for look in looks
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RetentionKitWarning)
            getattr(load, table)(parts, currency=given.get("currency"), **options)
    except DataError as fault:
        return str(fault)
    return ""


def _of_part(look: Look) -> dict[str, Any]:
    """The options of one of several files, as report.toml has them."""
    preset = {} if look.preset is None or look.file.is_dir() else {"preset": look.preset}
    return {**preset, **look.options}


def _open_options(look: Look, arguments: Mapping[str, Any], amounts_in: Doubt | None) -> tuple[str, ...]:
    """The smallest set of day_first, decimal and keep with which the file can be read; empty if none helps."""
    ways: list[dict[str, Any]] = [{}, {"day_first": True}, {"decimal": "."}, {"day_first": True, "decimal": "."}]
    if amounts_in is not None:
        ways += [{**way, "keep": amounts_in.meanings[0][0]} for way in ways]
    for way in ways[1:]:
        if not set(way) & set(arguments):
            try:
                _loaded(look, {**arguments, **way})
            except DataError:
                continue
            return tuple(way)
    return ()


def _doubt(name: str, look: Look, raw: Raw, tongue: str, amounts_in: Doubt | None) -> Doubt:
    if name == "keep" and amounts_in is not None:
        return amounts_in
    ours = ("ordered_at", "started_at", "answered_at", "day") if name == "day_first" else ("amount", "mrr")
    named = [look.columns[column] for column in ours if column in look.columns]
    header = named[0] if named else next(iter(c.header for c in look.headers if c.moment > 0.8))
    values = raw.table.select(header).limit(100_000).to_pandas()[header].dropna()
    if name == "day_first":
        return ambiguities.of_dates(values, tongue)
    code = look.column(look.columns.get("currency", ""))
    return ambiguities.of_numbers(values, tongue, look.currency or (code.example if code.distinct == 1 else None))


def _question(doubt: Doubt) -> str:
    if doubt.option == "keep":
        amounts = ", ".join(meaning for _, meaning in doubt.meanings)
        return f"Amounts are in {amounts}: keep the rows of one currency, or name currency and rates to convert them."
    (first, meaning_of_first), (second, meaning_of_second) = doubt.meanings
    say: dict[bool | str, str] = {True: "day_first = true", False: "day_first = false"}
    names = [say.get(value, f'decimal = "{value}"') for value in (first, second)]
    return f"{doubt.example} may be {meaning_of_first} ({names[0]}) or {meaning_of_second} ({names[1]})."


_SCALES: Final = {"nps": "0 to 10, would recommend", "csat": "how content", "ces": "how easy it was"}
_QUESTIONS: Final = {
    "customer_id": "which column says who bought",
    "ordered_at": "which column says when",
    "amount": "which column is the money",
    "mrr": "which column is the price per month",
    "subscription_id": "which column is the number of the subscription",
    "kind": "which kind of survey it is (nps, csat or ces)",
}


def _lacking(look: Look, names: list[str], fault: str) -> Look:
    """Add columns that could not be recognised by header and content, and the remaining columns of the file."""
    free = [column for column in look.headers if column.header not in look.columns.values() and column.filled]
    asked = [_QUESTIONS[name] for name in names if name in _QUESTIONS]
    possible = {name: tuple(column for column in free if _fits(name, column))[:8] for name in names}
    if "kind" in names:
        possible["kind"] = tuple(Column(f"={kind}", example=_SCALES[kind]) for kind in SCALES)
    strange = [c for c in possible.get("ordered_at", ()) if c.moment <= 0.5 and c.counted <= 0.5]
    unread = "".join(f" {c.header} holds {c.example!r}, which cannot be read as a date." for c in strange)
    return replace(look, missing=f"{' and '.join(asked)}.{unread}" if asked else fault, possible=possible)


def _fits(name: str, column: Column) -> bool:
    if name == "ordered_at":
        return column.moment > 0.5 or column.counted > 0.5 or column.says("moment")
    return column.number > 0.5 if name in ("amount", "mrr") else column.moment < 0.5 and column.distinct > 1


def _with_rest(look: Look, raw: Raw) -> Look:
    """Add columns that look like a status, with their values, and columns that could split the report."""
    if look.table != "orders":
        return look
    free = [c for c in look.headers if c.header not in look.columns.values() and c.distinct > 1]
    states = [c.header for c in free if c.says("status") and c.distinct <= MOST_STATES and not look.preset]
    sizes = {c.header: c.distinct for c in free if c.distinct <= MOST_VALUES and not c.number and not c.moment}
    return replace(look, states={header: column_roles.shares(raw.table, header) for header in states}, dimensions=sizes)
