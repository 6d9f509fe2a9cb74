"""report.toml: what it can say, every fault at once, and a first one written from a look at the data."""

import re

import pytest
from report_cases import notebook, orders_csv

from retention_kit import report
from retention_kit.errors import ConfigError
from retention_kit.report import Source, init, read_config


def written(folder, text):
    path = folder / "report.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_that_a_report_can_be_told(tmp_path):
    path = written(tmp_path, '''
title = "Sklep – „Herbata”"
language = "pl"
currency = "PLN"
timezone = "Europe/Warsaw"
output = "out"
notebooks = ["standard", "own/churn.ipynb", "cohorts"]
only = ["overview"]
split_by = "country"
pdf = true
cell_timeout = 60
[parameters]
lapse_after = 90
[sources.orders]
from = "export/orders.csv"
columns = { customer_id = "Klient" }
[sources.surveys]
from = "env:SHOP_URL"
query = "SELECT * FROM answers"
[sources]
visits = "store"
''')  # fmt: skip
    config = read_config(path)
    assert (config.title, config.language, config.pdf, config.split_by) == ("Sklep – „Herbata”", "pl", True, "country")
    assert config.output == tmp_path / "out"
    assert config.notebooks == ["standard", tmp_path / "own/churn.ipynb", "cohorts"]
    assert config.parameters == {"lapse_after": 90}
    where, columns = str(tmp_path / "export/orders.csv"), {"customer_id": "Klient"}
    assert config.sources == {
        "orders": Source(where, columns, written="export/orders.csv"),
        "surveys": Source("env:SHOP_URL", options={"query": "SELECT * FROM answers"}, written="env:SHOP_URL"),
        "visits": Source("store", written="store"),
    }


def test_unknown_keys_and_wrong_types_are_one_error_that_lists_all(tmp_path):
    path = written(tmp_path, '''
titel = "Shop"
pdf = "yes"
split_by = 3
[sources]
order = "orders.csv"
visits = 5
[sources.surveys]
form = "surveys.csv"
sheet = 2
columns = { score = 1 }
''')  # fmt: skip
    with pytest.raises(ConfigError) as raised:
        read_config(path)
    text = str(raised.value)
    assert "\n" not in text
    for fault in (
        "unknown key titel, did you mean title?",
        "pdf must be true or false, got 'yes'",
        "split_by must be text, got 3",
        "unknown table sources.order, did you mean orders?",
        "sources.visits must be text or a table with from, preset and columns, got 5",
        "unknown key sources.surveys.form, did you mean from?",
        "sources.surveys.sheet must be text, got 2",
        "sources.surveys.columns.score must be text, got 1",
        "sources.surveys needs a key from",
    ):
        assert fault in text


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "`retention-kit init` writes one"), ("a = ", "is not TOML"), ("sources = 3", "sources must be a table")],
)
def test_a_file_that_is_missing_or_no_toml(tmp_path, content, says):
    path = tmp_path / "report.toml" if content is None else written(tmp_path, content)
    with pytest.raises(ConfigError, match=says):
        read_config(path)


def test_a_first_file_is_written_from_a_look_at_a_csv_and_makes_a_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    orders_csv(tmp_path, land=["PL", "PL", "TW", "PL", "TW", "TW"], note=list("abcdef"))
    path = init("orders.csv")
    text = path.read_text(encoding="utf-8")
    assert "6 rows: 6 kept, 0 refused" in text
    assert "land (2 values)" in text
    config = read_config(path)
    assert config.sources["orders"].written == "orders.csv"
    notebook(tmp_path / "own", "01_first", "as_of")
    path.write_text(text.replace("# notebooks =", 'notebooks = "own"  #'), encoding="utf-8")
    (month,) = report.run(read_config(path), months="2026-04")
    assert month.failures == {}
    with pytest.raises(ConfigError, match="already exists and is not overwritten"):
        init("orders.csv")


def test_a_first_file_names_the_preset_of_a_known_export(tmp_path):
    (tmp_path / "orders.csv").write_text(
        "Name,Email,Financial Status,Created at,Total,Lineitem name\n#1,a@b.c,paid,2024-05-01 10:00:00 +0200,10,Tea\n"
    )
    config = read_config(init(tmp_path / "orders.csv", path=tmp_path / "report.toml"))
    assert config.sources["orders"].preset == "shopify"


def test_a_first_file_of_a_csv_with_strange_headers_says_what_to_fill_in(tmp_path):
    (tmp_path / "orders.csv").write_text('"Kl""ient\n",Dzień,Kwota\n1,2024-01-02,3\n2,2024-01-03,4\n', encoding="utf-8")
    path = init(tmp_path / "orders.csv", path=tmp_path / "report.toml")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# MISSING: which column says who bought.")
    assert '# customer_id = "Kl\\"ient"   # who bought? such as 1' in text
    assert read_config(path).sources["orders"].columns == {"ordered_at": "Dzień", "amount": "Kwota"}


def test_a_first_file_without_data_makes_the_report_of_the_sample(tmp_path):
    assert read_config(init(path=tmp_path / "report.toml")).sources["orders"].where == "cdnow"
    with pytest.raises(ConfigError, match=r"There is no file .*nowhere.csv"):
        init(tmp_path / "nowhere.csv", path=tmp_path / "other.toml")


def test_every_line_of_a_first_file_that_is_commented_out_can_be_used(tmp_path):
    path = init(path=tmp_path / "report.toml")
    text = re.sub(r"(?m)^# (?=\[|\w+ = )", "", path.read_text(encoding="utf-8"))
    config = read_config(written(tmp_path, text))
    assert config.parameters == {"lapse_after": 90}
    assert config.targets[0]["metric"] == "retention_rate"
    assert config.alerts[0]["condition"] == "> 0.2"
    assert config.actions["holdout"] == 0.1
    assert config.sources["surveys"].written == "surveys.csv"


@pytest.mark.parametrize(
    ("file", "header"),
    [("orders.csv", "amount 💰"), ("orders 💰.csv", "amount"), ("orders.csv", "a\x01b\x1bc"), ("orders.csv", "a\x7fb")],
)
def test_a_first_file_is_toml_whatever_headers_and_files_are_called(tmp_path, file, header):
    dimension = [] if header.startswith("amount") else [header]
    amount = header if header.startswith("amount") else "amount"
    rows = [["customer_id", "ordered_at", amount, *dimension], ["a", "2026-03-01", "5", *["x" for _ in dimension]]]
    rows.append(["b", "2026-03-02", "6", *["y" for _ in dimension]])
    (tmp_path / file).write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    found = read_config(init(tmp_path / file, path=tmp_path / "report.toml")).sources["orders"]
    assert found.written == file
    assert found.columns == ({} if amount == "amount" else {"amount": amount})


@pytest.mark.parametrize("seconds", ["-1", "0", "nan", "inf"])
def test_a_time_limit_that_is_none_is_refused(tmp_path, seconds):
    with pytest.raises(ConfigError, match="cell_timeout must be a number of seconds above 0"):
        read_config(written(tmp_path, f"cell_timeout = {seconds}"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_may_begin_with_a_byte_order_mark_as_notepad_writes_it(tmp_path, encoding):
    path = tmp_path / "report.toml"
    path.write_bytes('title = "Sklep – „Herbata”"\r\n'.encode(encoding))
    assert read_config(path).title == "Sklep – „Herbata”"


@pytest.mark.parametrize("encoding", ["utf-16", "cp1250"])
def test_a_file_in_another_encoding_is_refused_with_what_to_do(tmp_path, encoding):
    path = tmp_path / "report.toml"
    path.write_bytes('title = "Sklep – „Herbata”"\n'.encode(encoding))
    with pytest.raises(ConfigError, match=r"report.toml is not written in UTF-8, which TOML asks for; save it again"):
        read_config(path)


@pytest.mark.parametrize("text", [f"cell_timeout = {'9' * 5000}", f"only = {'[' * 5000}"])
def test_a_file_that_the_parser_gives_up_on_is_one_error(tmp_path, text):
    with pytest.raises(ConfigError, match=r"report.toml is not TOML"):
        read_config(written(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "[parameters]\nlapse_after = 99999999999999999999",
        "[parameters]\nbands = [1, {to = -9223372036854775809}]",
        "[actions]\nlimit = 9223372036854775808",
        '[[targets]]\nmetric = "nps"\nvalue = 9223372036854775808',
        f"cell_timeout = {'9' * 400}",
    ],
)
def test_whole_numbers_beyond_64_bits_are_refused(tmp_path, text):
    with pytest.raises(ConfigError, match="has a whole number beyond 64 bits"):
        read_config(written(tmp_path, text))


def test_the_largest_and_the_smallest_whole_number_are_taken(tmp_path):
    text = "[parameters]\na = 9223372036854775807\nb = -9223372036854775808"
    assert read_config(written(tmp_path, text)).parameters == {"a": 2**63 - 1, "b": -(2**63)}
