"""`retention-kit customer ID`: the page of one customer, its name and rights, and what is refused in one line."""

import hashlib
import hmac
import re
import stat

import pandas as pd
import pytest
from click.testing import CliRunner

from retention_kit.cli import main

DAYS = ["2026-01-03", "2026-02-02", "2026-03-07", "2026-04-05", "2026-05-30"]


@pytest.fixture(autouse=True)
def case(tmp_path, monkeypatch):
    """Ten customers who order every month, and one who has ordered once; a report.toml that names them."""
    rows = [(f"person{i}@shop.example", day, 10.0 + i) for i in range(10) for day in DAYS[: 2 + i % 4]]
    rows.append(("<b>&once", "2026-05-31", 5.0))
    table = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    table.to_csv(tmp_path / "orders.csv", index=False)
    (tmp_path / "report.toml").write_text('currency = "PLN"\n[sources]\norders = "orders.csv"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(main, ["customer", *arguments])


def test_the_page_has_the_orders_of_the_customer_and_is_for_the_owner(case):
    result = call("person3@shop.example", "--month", "2026-05")
    assert result.exit_code == 0, result.output
    (name,) = result.stdout.split()
    assert "person3" not in name
    assert stat.S_IMODE((case / name).stat().st_mode) == 0o600
    text = (case / name).read_text(encoding="utf-8")
    assert re.search(r"<h1[^>]*>person3@shop\.example", text)
    assert "65" in text, "five orders of 13"
    assert "PLN" in text
    assert not list(case.glob("reports/2026-*")), "no month is made"


def test_orders_after_the_month_do_not_count_and_ids_are_escaped(case):
    early = call("person3@shop.example", "--month", "2026-03", "-o", "early.html")
    assert early.exit_code == 0, early.output
    assert "39" in (case / "early.html").read_text(encoding="utf-8")
    odd = call("<b>&once", "--orders", "orders.csv", "--month", "2026-05", "-o", "odd.html")
    assert odd.exit_code == 0, odd.output
    text = (case / "odd.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp;once" in text
    assert "<b>&once" not in text


def test_a_hashed_page_shows_the_hash_for_the_id_and_for_the_hash(case, monkeypatch):
    monkeypatch.setenv("CUSTOMER_SALT", "pepper")
    settings = 'customer_ids = "hashed"\nsalt = "env:CUSTOMER_SALT"\n'
    (case / "report.toml").write_text(settings + (case / "report.toml").read_text(encoding="utf-8"), encoding="utf-8")
    code = hmac.new(b"pepper", b"person4@shop.example", hashlib.sha256).hexdigest()
    pages = []
    for id in ("person4@shop.example", code):
        result = call(id, "--month", "2026-05", "-o", "page.html")
        assert result.exit_code == 0, result.output
        pages.append((case / "page.html").read_text(encoding="utf-8"))
    assert pages[0] == pages[1]
    assert code in pages[0]
    assert "shop.example" not in pages[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["person33@shop.example"], "person3@shop.example"),
        (["<b>&once", "--month", "2026-04"], "2026-04"),
        (["person3@shop.example", "--customer-ids", "none"], 'customer_ids = "none"'),
        (["person3@shop.example", "--month", "May"], "YYYY-MM"),
        (["person3@shop.example", "-o", "no/page.html"], "there is no folder no"),
        (["person3@shop.example", "-o", "."], "it is a folder"),
        (["-1-2"], "Write -- before an id"),
        (["-o"], "requires an argument"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(arguments, says, case):
    result = call(*arguments)
    assert result.exit_code == 2
    (line,) = result.stderr.strip().splitlines()[-1:]
    assert says in line
    assert not list(case.glob("*.html"))


def test_the_page_of_a_polish_shop_is_polish_and_doubts_of_models_are_one_line(case):
    (case / "report.toml").write_text('language = "pl"\n' + (case / "report.toml").read_text(encoding="utf-8"))
    result = call("person3@shop.example", "--month", "2026-05", "-o", "page.html")
    assert result.exit_code == 0, result.output
    text = (case / "page.html").read_text(encoding="utf-8")
    assert "Utrzymanie klientów" in text
    assert "Customer retention" not in text
    assert not re.search("champions|loyal|potential|promising|risk", re.search(r'class="crumbs".*', text)[0])
    assert "boundary" not in result.stderr
    assert len([line for line in result.stderr.splitlines() if line.startswith("retention-kit:")]) <= 1
