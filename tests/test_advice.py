"""Advice is spelled for where the reader is, and no message of the package advises an argument that cannot be."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import retention_kit
from retention_kit.advice import COMMAND, OPTIONS, PYTHON, Place, said
from retention_kit.cli.files import init
from retention_kit.cli.monthly_report import make_report
from retention_kit.cli.sources import described
from retention_kit.errors import SourcesError
from retention_kit.report import read_config
from retention_kit.schema import TABLES

PACKAGE = Path(retention_kit.__file__).parent
TOML = Place("toml")
PYTHON_ARGUMENT = re.compile(r"(?<![\w.\-])[a-z_]+=(?:True|False|None|[{'\"<…\[]|(?=[ ,;.)]|$))")
FREE = {"alt", "keys", "grain", "scale", "end"}
"""Arguments of functions that only notebooks and Python call: no command has them."""


@pytest.mark.parametrize(
    ("python", "command", "toml"),
    [
        ("pass timezone= so", "pass --timezone ZONE so", 'write timezone = "Europe/Warsaw" so'),
        ("pass encoding='cp1250'", "pass --encoding cp1250", 'write encoding = "cp1250" under [sources.orders]'),
        (
            "pass encoding='big5', encoding='shift_jis' or encoding='cp1250' …",
            "pass --encoding big5, --encoding shift_jis or --encoding cp1250 …",
            'write encoding = "big5", encoding = "shift_jis" or encoding = "cp1250" under [sources.orders] …',
        ),
        (
            "pass decimal='.' or decimal=','",
            "pass --decimal . or --decimal ,",
            'write decimal = "." or decimal = "," under [sources.orders]',
        ),
        ("preset=None is plain", "--preset none is plain", 'preset = "none" under [sources.orders] is plain'),
        (
            'Pass columns={"customer_id": "<its header>", "amount": "<its header>"}',
            "Pass --columns customer_id=HEADER --columns amount=HEADER",
            'Write columns = { customer_id = "HEADER", amount = "HEADER" } under [sources.orders]',
        ),
        (
            "Pass columns={...} as well",
            "Pass --columns NAME=HEADER as well",
            'Write columns = { NAME = "HEADER" } under [sources.orders] as well',
        ),
        (
            'pass keep={"Order Status": ["completed", "paid"]}',
            "pass --keep 'Order Status=completed' --keep 'Order Status=paid'",
            'write keep = { "Order Status" = ["completed", "paid"] } under [sources.orders]',
        ),
        (
            "pass currency='…' and rates=<table of day, currency, rate>, or keep",
            "pass --currency CODE and --rates FILE, or keep",
            'write currency = "EUR" and rates = "rates.csv", or keep',
        ),
    ],
)  # fmt: skip
def test_one_message_is_spelled_for_three_places(python, command, toml):
    assert said(python, PYTHON) == python
    assert said(python, COMMAND) == command
    assert said(python, TOML) == toml
    for place, text in ((COMMAND, command), (TOML, toml)):
        assert said(text, place) == text, "what is spelled stays as it is"


def test_tables_beside_the_orders_have_their_name_in_front():
    text = 'pass columns={"score": "Note"} or preset="typeform"'
    assert said(text, Place("command", ("surveys",)), "surveys") == "pass --columns score=Note or --preset typeform"
    both = Place("command", ("orders", "surveys"))
    assert said(text, both, "surveys") == "pass --columns surveys.score=Note or --preset surveys=typeform"
    assert said(text, TOML, "surveys").endswith("under [sources.surveys]")


@pytest.mark.parametrize("text", ["amount=12,50 is no number", "a_timezone=… stays", "x.columns={}", "--decimal ,"])
def test_what_is_no_advice_stays(text):
    assert said(text, COMMAND) == said(text, TOML) == text


@pytest.mark.parametrize("name", [name for name, option in OPTIONS.items() if option.sample])
def test_every_key_that_is_advised_is_toml(name):
    text = said(f"pass {name}=…", TOML).removeprefix("write ").split(" under ")[0]
    assert name in tomllib.loads(text)


def test_faults_of_several_sources_are_known_by_table():
    error = SourcesError({"orders": "orders.csv is empty", "surveys": "pass preset=…"})
    assert str(error) == "2 faults: (1) orders.csv is empty; (2) pass preset=…"
    assert error.faults["surveys"] == "pass preset=…"


def texts(path):
    """Every text of a file that is no docstring; what an f-string fills in is …"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    idle = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            idle.add(node.value)
        if isinstance(node, ast.JoinedStr):
            idle |= set(node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(v.value if isinstance(v, ast.Constant) else "…" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in idle:
            yield node.value


ADVICE = [
    (path.relative_to(PACKAGE).as_posix(), text)
    for part in ("load", "report")
    for path in sorted((PACKAGE / part).rglob("*.py"))
    for text in texts(path)
    if " " in text and PYTHON_ARGUMENT.search(text) and not re.match("<[a-z]", text)
]


def test_there_are_messages_with_advice():
    assert len(ADVICE) >= 10


@pytest.mark.parametrize(("file", "text"), ADVICE)
def test_every_message_that_advises_an_argument_is_spelled_for_the_command_and_for_toml(file, text):
    for place in (COMMAND, TOML):
        left = [found for found in PYTHON_ARGUMENT.findall(said(text, place)) if found.split("=")[0] not in FREE]
        assert left == [], f"{file} advises {left}"


FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
KEY = re.compile(r"(?<![\w.])([a-z_]+) = (true|false|\"[^\"]*\"|\{[^{}]*\}|\[[^\]]*\])")


def flags(command):
    return {flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)}


FOR_COMMAND = [*(f"pass {name}=…" for name in OPTIONS), "pass day_first=False", *(text for _, text in ADVICE)]


@pytest.mark.parametrize("text", FOR_COMMAND)
@pytest.mark.parametrize("table", TABLES)
def test_every_flag_that_is_advised_is_one_of_the_command(text, table):
    for tables in (("orders",), ("surveys",), tuple(TABLES)):
        advised = FLAG.findall(said(text, Place("command", tables), table))
        assert set(advised) <= flags(make_report), advised


@pytest.mark.parametrize("name", [name for name, option in OPTIONS.items() if option.section == "sources.{table}"])
def test_what_init_advises_of_a_source_it_takes_itself(name):
    if name != "query":  # of a database, which init does not look at
        assert OPTIONS[name].flag in flags(init)
    assert {OPTIONS[name].flag for name in ("rates", "identities", "timezone", "currency")} <= flags(init)


@pytest.mark.parametrize("table", TABLES)
def test_a_flag_with_the_table_in_front_is_taken_as_it_is_advised(table):
    place = Place("command", tuple(TABLES))
    for name in ("preset", "sheet", "query", "unit", "ends"):
        flag, value = said(f"pass {name}='word'", place, table).removeprefix("pass ").split(" ", 1)
        assert flag == f"--{name}"
        assert described({name: (value,)}, tuple(TABLES)) == {table: {name: "word"}}


@pytest.mark.parametrize(
    "text", [*(f"pass {name}=…" for name, o in OPTIONS.items() if o.sample), *(t for _, t in ADVICE)]
)
def test_every_key_that_is_advised_is_taken_by_report_toml(text, tmp_path):
    advised = KEY.findall(said(text, TOML))
    for name, value in advised:
        section = OPTIONS[name].section.format(table="orders")
        above = "" if section else f"{name} = {value}\n"
        lines = {"sources": f"{name} = {value}", "": 'orders = "a.csv"'}.get(section)
        source = f"[sources]\n{lines}\n" if lines else f'[sources.orders]\nfrom = "a.csv"\n{name} = {value}\n'
        (tmp_path / "report.toml").write_text(above + source, encoding="utf-8")
        read_config(tmp_path / "report.toml")
    assert len(advised) >= 1 or not any(
        OPTIONS[name].sample for name in re.findall(r"\b([a-z_]+)=", text) if name in OPTIONS
    )
