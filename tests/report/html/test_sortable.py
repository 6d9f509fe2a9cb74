"""Long tables that readers can sort: what is marked, how numbers are read, and what a browser makes of it."""

import pandas as pd
import pytest
from browser import WIDTHS, chromium, opened
from bs4 import BeautifulSoup
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit import report, tables
from retention_kit.report.html import sortable
from retention_kit.report.html.markup.sanitise import parse, sanitise
from retention_kit.report.language import of
from retention_kit.report.numbers import notebook_numbers

FRAME = {
    "name": ["pear", "Ärmel", "apple", "fig 10", "fig 9", "", "zebra", "apple", "Total"],
    "money": [1234.5, -3, None, 99.9, None, 0.5, 1200, 12, 9999],
    "share": [0.123, 0.02, 1, 0.099, None, -0.01, 0.03, 0.031, 0.5],
    "day": ["1998-06-09", "1997-12-31", "1998-01-01", "", "1998-01-02", "1999-01-01", "1998-06-10", "1998-02-01", "–"],
}
COLUMNS = FRAME | {
    "money": ["1,234", "−3", "–", "100", "–", "0", "1,200", "12", "9,999"],
    "share": ["12.3 %", "2.0 %", "100.0 %", "9.9 %", "–", "−1.0 %", "3.0 %", "3.1 %", "50.0 %"],
}
ASCENDING = {
    "name": ["apple", "apple", "Ärmel", "fig 9", "fig 10", "pear", "zebra", "", "Total"],
    "money": ["−3", "0", "12", "100", "1,200", "1,234", "–", "–", "9,999"],
    "share": ["−1.0 %", "2.0 %", "3.0 %", "3.1 %", "9.9 %", "12.3 %", "100.0 %", "–", "50.0 %"],
    "day": ["1997-12-31", "1998-01-01", "1998-01-02", "1998-02-01", "1998-06-09", "1998-06-10", "1999-01-01", "", "–"],
}
SHOWS = f"""\
import pandas as pd
from retention_kit import tables
from IPython.display import display
frame = pd.DataFrame({FRAME})
display(tables.table(frame, id="long", caption="Long"), frame.head(7))
"""
EVIL = {
    "a script": "<script>window.robbed=1</script>",
    "a handler": "<img src=data:, onerror='window.robbed=1'>",
    "a script from a file": "<script src='data:text/javascript,window.robbed=1'></script>",
    "a link": "<a id=evil href='javascript:window.robbed=1'>x</a>",
    "a button": "<button id=evil onclick='window.robbed=1'>x</button>",
    "our script with a word more": "<script>OURS;window.robbed=1</script>",
}


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sorted")
    notebook(folder / "own", "01_first", SHOWS, NUMBERS)
    made = {"orders": orders_csv(folder), "notebooks": folder / "own", "output": folder / "reports"}
    (made,) = report.run(report.Config(**made, single_file=True), months="2026-04")
    assert made.failures == {}
    return made.index.parent


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def page(month, browser):
    """The page with the long table."""
    with opened(browser, month / "01_first.html", width=WIDTHS["desk"]) as seen:
        yield seen.page


def column(page, name):
    """The cells of a column from top to bottom."""
    number = list(COLUMNS).index(name) + 1
    texts = page.locator(f"table[data-sortable] tbody tr > :nth-child({number})").all_text_contents()
    return [" ".join(text.split()) for text in texts]


def heading(page, name):
    return page.get_by_role("columnheader", name=name.capitalize(), exact=True)


@pytest.mark.parametrize("name", COLUMNS)
def test_numbers_begin_with_the_largest_and_texts_with_a_blanks_are_last_and_the_total_at_the_bottom(page, name):
    up = ASCENDING[name]
    known, blank = [x for x in up[:-1] if x not in ("", "–")], [x for x in up[:-1] if x in ("", "–")]
    button, orders = heading(page, name).get_by_role("button"), []
    states = ["ascending", "descending"] if name in ("name", "day") else ["descending", "ascending"]
    for state in (*states, None):
        button.click()
        assert heading(page, name).get_attribute("aria-sort") == state
        orders.append(column(page, name))
    down = [*known[::-1], *blank, up[-1]]
    assert orders[:2] == ([up, down] if states[0] == "ascending" else [down, up])
    assert orders[2] == COLUMNS[name]


def test_rows_that_are_equal_keep_their_order_and_rows_stay_whole(page):
    rows = list(zip(*COLUMNS.values(), strict=True))
    for name in ("money", "name"):
        heading(page, name).get_by_role("button").click()
    sorted_rows = list(zip(*(column(page, name) for name in COLUMNS), strict=True))
    assert sorted(sorted_rows) == sorted(rows)
    apples = [row[1] for row in sorted_rows if row[0] == "apple"]
    assert apples == ["12", "–"], "as they were by money"
    assert page.locator("th[aria-sort]").count() == 1


def test_the_keyboard_sorts_and_the_focus_stays(page):
    button = heading(page, "money").get_by_role("button")
    button.focus()
    for key in ("Enter", " "):
        page.keyboard.press(key)
        assert button.evaluate("it => it === document.activeElement")
    assert heading(page, "money").get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize("name", ["01_first.html", "report.html"])
def test_a_sorted_page_has_no_fault_on_a_phone(month, browser, name):
    with opened(browser, month / name, width=WIDTHS["phone"]) as seen:
        seen.page.get_by_role("button", name="Money").first.click()
        known, rest = ASCENDING["money"][:6], ASCENDING["money"][6:]
        assert column(seen.page, "money") == [*known[::-1], *rest], "the largest number first"
        assert seen.faults(axe=True) == []


def test_without_its_script_and_on_paper_the_table_has_no_controls(month, browser):
    context = browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto((month / "01_first.html").resolve().as_uri())
    assert still.locator("th button").count() == 0
    assert column(still, "name") == COLUMNS["name"]
    context.close()
    with opened(browser, month / "01_first.html", width=WIDTHS["desk"]) as seen:
        sign = "it => getComputedStyle(it, '::after').content"
        button = seen.page.locator("th button").first
        assert button.evaluate(sign) != "none"
        seen.page.emulate_media(media="print")
        assert button.evaluate(sign) == "none"


@pytest.mark.parametrize("kind", EVIL)
@pytest.mark.parametrize("name", ["01_first.html", "index.html", "analyst.html", "report.html", "../index.html"])
def test_no_other_script_runs_on_a_page_even_where_one_gets_in(month, browser, tmp_path, name, kind):
    html = (month / name).read_text(encoding="utf-8")
    evil = EVIL[kind].replace("OURS", sortable.script())
    bad = tmp_path / "bad.html"
    bad.write_text(html.replace("</main>", f"{evil}</main>"), encoding="utf-8")
    with opened(browser, bad, width=WIDTHS["desk"]) as seen:
        if "evil" in evil:
            seen.page.locator("#evil").click()
        assert seen.page.evaluate("window.robbed") is None
        assert [error for error in seen.errors if "Content Security Policy" in error]


def marked(head, *rows):
    cells = ["".join(f"<td>{text}</td>" for text in row) for row in rows]
    html = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in cells)}</tbody></table>"
    tree = BeautifulSoup(html, "html.parser")
    sortable.mark(tree)
    return tree.table


HEAD = "<th>One</th><th>Two</th>"


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        (HEAD, [["a", "1"]] * 7),
        (HEAD, [["a", "1"]] * 8 + [["b"]]),
        ("<th colspan=2>Both</th>", [["a", "1"]] * 9),
    ],
)
def test_short_tables_and_those_with_cells_over_several_columns_stay_as_they_are(head, rows):
    assert "data-sortable" not in marked(head, *rows).attrs


def test_a_column_is_of_numbers_only_where_every_cell_has_a_number_as_its_key():
    key = '<data value="1234.5">1,234.50</data>'
    table = marked(HEAD, *[[key, f"{n}"] for n in range(7)], ["–", "n/a"])
    assert [th["data-sort"] for th in table.find_all("th")] == ["number", "text"]
    assert [td["data-key"] for td in table.find_all("td") if "data-key" in td.attrs] == ["1234.5"] * 7 + [""]


def test_numbers_as_programs_write_them_are_sorted_as_numbers_and_those_of_a_language_as_text():
    table = marked(HEAD, *[["-1.5e3", "1,234.5"]] * 8)
    assert [th["data-sort"] for th in table.find_all("th")] == ["number", "text"]


def test_every_number_of_a_table_carries_its_value():
    frame = pd.DataFrame({"money": [1234.5678, None], "customers": [12, 3], "day": pd.to_datetime(["2026-01-31"] * 2)})
    html = tables.table(frame, id="t").for_a_page()["text/html"]
    cells = [" ".join(str(td.decode_contents()).split()) for td in sanitise(parse(html)).find_all("td")]
    assert cells[0] == '<data value="1234.5678">1,235</data>'
    assert cells[1:3] == ['<data value="12">12</data>', "2026-01-31"]
    assert cells[3] == "–"
    assert "<data" not in tables.table(frame, id="t")._repr_mimebundle_()["text/html"]


def test_the_index_is_sorted_by_the_numbers_themselves(month):
    tree = parse((month / "analyst.html").read_text(encoding="utf-8"))
    keys = [row.find("td")["data-key"] for row in tree.select("h2#numbers ~ div.table tbody tr")]
    values = pd.read_csv(month / "data" / "numbers.csv")["value"]
    assert [float(key or "nan") for key in keys] == pytest.approx(values.tolist(), nan_ok=True)


def test_the_language_of_a_page_does_not_change_what_its_tables_are_sorted_by():
    item = {"name": "revenue", "label": "Revenue", "value": 1234.5, "unit": "money", "previous": 1000.0, "n": 12}
    shown = notebook_numbers.row(item, of("pl"))
    assert shown.value == "1234"
    assert shown.keys == {"value": "1234.5", "interval": "", "n": "12", "change": "0.2345", "change_year": ""}


def test_what_a_cell_only_shows_when_opened_does_not_count():
    opened = "<b>pear</b><details><summary>2</summary>3</details> 7"
    table = marked(HEAD, *[[opened, f"<i>{n}</i>"] for n in range(8)])
    assert [td["data-key"] for td in table.find_all("td") if "data-key" in td.attrs] == ["pear 7"] * 8


def test_marks_in_the_data_never_reach_the_script():
    tree = sanitise(parse('<table data-sortable data-total><tr><th data-sort="text" data-key="1">x</th></tr></table>'))
    assert str(tree) == "<table><tr><th>x</th></tr></table>"
