"""A preset never runs with half of its rules: any column taken out of any export changes nothing, or that is said."""

import csv
import functools
import io
import re
from pathlib import Path

import ibis
import pandas as pd
import pytest

from retention_kit import load, schema
from retention_kit.errors import DataError
from retention_kit.load.columns.mapping import match, plain
from retention_kit.load.presets.applying import prepare
from retention_kit.load.presets.choosing import all_presets, choose, pick
from retention_kit.load.sources.raw_table import Raw, headers_of

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
TEXT = sorted(file for file in EXPORTS.iterdir() if file.suffix in (".csv", ".txt", ".tsv"))
SUMS = {"orders": "amount", "subscriptions": "mrr", "surveys": "score"}


@functools.cache
def rows_of(file):
    """The cells of a file from its line of headers on, and the sign between them."""
    text = file.read_text(encoding="utf-8-sig").lstrip(",;\r\n")
    sign = max(",;\t", key=text.split("\n", 1)[0].count)
    rows = list(csv.reader(io.StringIO(text), delimiter=sign))
    return [headers_of([h.strip() for h in rows[0]]), *rows[1:]], sign


@functools.cache
def read_as(file):
    """The tables as which a preset reads a file, and which it is."""
    found = []
    for table in schema.TABLES:
        try:
            preset = choose("auto", table, tuple(rows_of(file)[0][0])).preset
        except DataError:
            continue
        found += [] if preset is None else [(table, preset.name)]
    return found


READ = [(file, table) for file in TEXT for table, _ in read_as(file)]
RECOGNISED = {name for file in TEXT for _, name in read_as(file)}


def outcome(table, path):
    """Sum and customers of a file, and its warnings; the message where it is refused."""
    try:
        data = getattr(load, table)(path)
    except DataError as fault:
        return str(fault)
    frame = data.to_pandas()
    total = frame[SUMS[table]].fillna(0).sum() if table in SUMS else len(frame)
    people = frame["customer_id"].nunique() if "customer_id" in frame else 0
    warnings = {note.text for note in data.source.warnings}
    return (round(float(total), 4), people), warnings


def said_of(headers, table):
    """What is said of headers alone, before a row is read: the warnings, or the message of a refusal.

    A question of a survey may be known by what is written below its header; then only the rows can tell.
    """
    raw = Raw(ibis.table(dict.fromkeys(headers, "string"), name="rows"), "rows", "csv")
    try:
        choice = choose("auto", table, raw.headers)
        prepared = prepare(choice, raw, schema.TABLES[table], None)
        match(prepared.table, raw.headers, prepared.columns)
    except DataError as fault:
        return str(fault)
    return {note.text for note in prepared.warnings}


def fills_a_column(preset, header):
    """Whether a header is read for more than a dimension: for a column of the table, a sum or a rule."""
    rules = (*preset.keep, *preset.drop, *preset.less, *preset.plus, *preset.zero, *preset.warn, *preset.needs)
    named = [[h] for h in preset.signature] + [list(preset.refund_of), *map(list, preset.sets)]
    columns = {c.name for c in schema.TABLES[preset.table].columns}
    named += [headers for name, headers in preset.optional.items() if name in columns - {"country", "channel"}]
    for group in (preset.columns, preset.per_month, preset.other_party):
        named += group.values()
    for rule in rules:
        parts = [rule, *(part for key in ("when", "unless") for part in [rule.get(key, {})] if isinstance(part, dict))]
        named += [part[key] for part in parts for key in ("header", "at", "per", "empty") if key in part]
    single = [h for group in named for candidate in group for h in re.split(r" [|+] ", candidate)]
    usual = {name for c in schema.TABLES[preset.table].columns for name in (c.name, *c.also)} - {"country", "channel"}
    return plain(header) in usual or pick(single, (header,)) is not None


def without(file, columns, folder):
    """A file without some of its columns: in memory, or as a file where headers stand on several lines."""
    rows, sign = rows_of(file)
    left = [i for i in range(len(rows[0])) if i not in columns]
    cut = [[row[i] if i < len(row) else "" for i in left] for row in rows if row]
    if all_presets()[dict(read_as(file))[next(table for table, _ in read_as(file))]].header_rows == 1:
        return pd.DataFrame(cut[1:], columns=list(cut[0]), dtype="str")
    path = folder / f"{min(columns, default=0)}{file.suffix}"
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, delimiter=sign).writerows(cut)
    return path


@pytest.mark.parametrize(("file", "table"), READ, ids=[f"{file.name}-{table}" for file, table in READ])
def test_no_column_can_be_taken_out_silently(tmp_path, file, table):
    """A column of which the headers alone say nothing is taken out of the rows; mere dimensions all together."""
    headers = rows_of(file)[0][0]
    preset = all_presets()[dict(read_as(file))[table]]
    at_first = said_of(headers, table)
    silent = []
    for i in range(len(headers)):
        said = said_of(headers[:i] + headers[i + 1 :], table)
        if not isinstance(said, str) and (isinstance(at_first, str) or not said - at_first):
            silent.append(i)
    alone = [[i] for i in silent if fills_a_column(preset, headers[i])]
    groups = [*alone, *([dimensions] if (dimensions := [i for i in silent if [i] not in alone]) else [])]
    before = outcome(table, without(file, [], tmp_path)) if groups else None
    assert not isinstance(before, str), before
    changed = []
    for columns in groups:
        after = outcome(table, without(file, columns, tmp_path))
        if not isinstance(after, str) and after[0] != before[0] and not after[1] - before[1]:
            changed.append(f"without {', '.join(headers[i] for i in columns)}: {before[0]} became {after[0]}")
    assert not changed, changed


@pytest.mark.parametrize(
    "preset", [p for p in all_presets().values() if p.table != "order_lines"], ids=lambda p: p.name
)
def test_every_preset_has_an_export_that_it_reads_or_refuses(preset):
    if preset.refused is None:
        assert preset.name in RECOGNISED
        return
    refusals = [said_of(tuple(rows_of(file)[0][0]), preset.table) for file in TEXT]
    assert any(f"this is the export {preset.name}" in text for text in refusals if isinstance(text, str))


SHOPS = [p for p in all_presets().values() if p.name.startswith(("shopify", "stripe", "woocommerce", "paypal_zh"))]
RULES = [(p, rule) for p in SHOPS for rule in (*p.drop, *p.keep)]


@functools.cache
def refused_rules(table):
    """The rules that refuse rows of the fixtures, by preset."""
    found = {}
    shops = {p.name for p in SHOPS}
    for file, name in READ:
        if name == table and dict(read_as(file))[table] in shops:
            data = getattr(load, table)(file)
            found.setdefault(data.source.preset, set()).update(data.refused["rule"])
    return found


@pytest.mark.parametrize(("preset", "rule"), RULES, ids=[f"{p.name}-{rule['rule']}" for p, rule in RULES])
def test_every_rule_of_a_shop_refuses_a_row_of_its_fixtures(preset, rule):
    assert rule["rule"] in refused_rules(preset.table).get(preset.name, set())


def test_a_file_that_nearly_fits_names_what_is_missing_where_it_cannot_be_read_at_all():
    shopify = pd.DataFrame({"Name": ["#1"], "Financial Status": ["paid"], "Email": ["a"], "Created at": ["2026-05-01"]})
    with pytest.raises(DataError, match="looks like the export shopify, but Total is missing"):
        load.orders(shopify.assign(**{"Lineitem name": "Tea", "Refunded Amount": "0"}))
