"""The data folder: the dictionary agrees with the schema, and the small copies with what makes them."""

import re
from pathlib import Path

import pandas as pd
import pytest

from retention_kit import load, schema, simulate
from retention_kit.errors import ConfigError
from retention_kit.load.presets.choosing import all_presets
from retention_kit.simulate.__main__ import main

DATA = Path(__file__).parents[1] / "data"
SAMPLE = DATA / "sample"
TABLES = list(schema.TABLES)


def dictionary(table):
    """The rows that data/README.md must have for a table."""
    for c in table.columns:
        needed = "yes" if c.required else "no"
        yield f"| {c.name} | {c.type} | {needed} | {c.meaning} | {', '.join(c.also)} |".replace("|  |", "| |")


@pytest.mark.parametrize("table", [*schema.TABLES.values(), schema.CUSTOMERS], ids=lambda t: t.name)
def test_the_dictionary_lists_exactly_the_columns_of_the_schema(table):
    text = (DATA / "README.md").read_text(encoding="utf-8")
    section = text.split(f"### {table.name}\n")[1].split("\n#")[0]
    assert f"One row is {table.row}." in section
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert rows == list(dictionary(table))


def listed(preset):
    """The line of data/README.md for an export."""
    kind = "refused" if preset.refused else preset.table
    return f"| `{preset.name}` | {kind} | {preset.source} | {preset.grade} | {preset.seen or '–'} | {preset.trap} |"


def test_the_list_of_exports_is_that_of_the_presets():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    section = text.split("## Exports of vendors\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [listed(preset) for _, preset in sorted(all_presets().items())]


def test_at_least_26_layouts_of_vendors_are_recognised():
    layouts = [p.name for p in all_presets().values() if p.grade != "M" and not p.name.endswith("_lines")]
    assert len(layouts) >= 26


def test_the_dictionary_states_the_truth_of_the_shop():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    stated = re.findall(r"\| (r|alpha|a|b|p|q|gamma|beta) \| ([0-9.]+) \|", text)
    stories = ["bgnbd", "gamma_gamma", "shifted_beta_geometric"]
    truth = [item for story in stories for item in simulate.STORE_TRUTH[story].items()]
    assert [(name, float(value)) for name, value in stated] == truth
    for pair in simulate.STORE_TRUTH["affinities"]:
        assert re.search(r"\s+and\s+".join(pair), text)
    for day in ["price_rise", "first_day", "last_day"]:
        assert simulate.STORE_TRUTH[day] in text


def test_the_small_copies_equal_a_rebuild_byte_for_byte(tmp_path):
    main([str(tmp_path)])
    rebuilt = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.csv")}
    committed = {path.relative_to(SAMPLE): path.read_bytes() for path in SAMPLE.rglob("*.csv")}
    assert sorted(rebuilt) == sorted(committed)
    assert len(rebuilt) == 11
    differing = [str(path) for path, content in rebuilt.items() if committed[path] != content]
    assert not differing, "run python -m retention_kit.simulate data/sample"


def test_the_small_copies_are_small_plain_text_without_carriage_returns():
    contents = [path.read_bytes() for path in SAMPLE.rglob("*.csv")]
    assert sum(map(len, contents)) < 1_500_000
    assert not any(b"\r" in c or c.startswith(b"\xef\xbb\xbf") for c in contents)


def test_writing_replaces_files_only_where_that_is_asked_for_and_names_them(tmp_path):
    folder = tmp_path / "new" / "folder"
    first = simulate.write(folder, customers=10)
    assert simulate.write(folder, customers=10) == first, "the same files are there already"
    (folder / "orders.csv").write_text("mine")
    (folder / "visits.csv").unlink()
    with pytest.raises(ConfigError, match=r"orders.csv would be overwritten; choose another folder or ask for it"):
        simulate.write(folder, customers=10)
    assert (folder / "orders.csv").read_text() == "mine"
    assert not (folder / "visits.csv").exists()
    assert simulate.write(folder, customers=10, replace=True) == first
    assert first[0].read_text(encoding="utf-8").startswith("order_id,customer_id,ordered_at,amount,")


def test_amounts_and_moments_are_written_in_one_way():
    orders = (SAMPLE / "orders.csv").read_text(encoding="utf-8").splitlines()[1:]
    row = re.compile(r"S\d{5}(-R)?,C\d{5},\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,-?\d+\.\d\d,EUR,(PL|TW|US),(web|app)")
    assert all(row.fullmatch(line) for line in orders)


@pytest.mark.parametrize("name", TABLES)
def test_every_clean_row_is_kept(name):
    data = getattr(load, name)(SAMPLE / f"{name}.csv", as_of="2026-09-30")
    assert data.source.rows_refused == 0


@pytest.mark.parametrize("name", TABLES)
def test_the_answer_key_names_exactly_the_rows_and_rules_that_load_refuses(name):
    key = pd.read_csv(SAMPLE / "as_exported" / "answer_key.csv", keep_default_na=False)
    key = key[(key["table"] == name) & (key["rule"] != "")]
    refused = getattr(load, name)(SAMPLE / "as_exported" / f"{name}.csv", as_of="2026-09-30").refused
    assert len(key) > 0
    assert set(zip(refused["row"], refused["rule"], strict=True)) == set(zip(key["row"], key["rule"], strict=True))


def test_the_answer_key_quotes_what_stands_in_the_file():
    key = pd.read_csv(SAMPLE / "as_exported" / "answer_key.csv", keep_default_na=False)
    for name, part in key[key["column"] != ""].groupby("table"):
        table = pd.read_csv(SAMPLE / "as_exported" / f"{name}.csv", dtype=str, keep_default_na=False)
        written = [table[column].iloc[row - 2] for row, column in zip(part["row"], part["column"], strict=True)]
        assert written == part["written"].tolist()


def test_one_to_five_per_cent_of_the_rows_are_spoilt():
    shop = simulate.store(dirty=True)
    key = shop.pop("answer_key")
    for name, table in shop.items():
        assert 0.008 < (key["table"] == name).sum() / len(table) < 0.05


def test_dirt_and_key_lead_back_to_the_clean_table():
    clean, dirty = simulate.store(60), simulate.store(60, dirty=True)
    key = dirty["answer_key"].query("table == 'surveys'")
    mended = dirty["surveys"].copy()
    for row, column, was in zip(key["row"], key["column"], key["was"], strict=True):
        mended.loc[row - 2, column] = was
    scores = pd.to_numeric(mended["score"], errors="raise")
    pd.testing.assert_series_equal(scores, clean["surveys"]["score"])
    assert mended["kind"].tolist() == clean["surveys"]["kind"].tolist()
