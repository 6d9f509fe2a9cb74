"""Pages of the package's notebooks in Polish and Chinese: nothing of them is left in English but names, code and the
columns of users. The pages are made from the stored outputs, so that no notebook has to run."""

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from retention_kit import plots, wording
from retention_kit.plots.drawing.in_language import put_in_language
from retention_kit.report.html import page
from retention_kit.report.language import LANGUAGES, notebook_texts, of, pages, report_wording
from retention_kit.report.notebooks import discovery

TRANSLATED = [code for code in LANGUAGES if code != "en"]
ENGLISH = frozenset(
    re.findall(
        r"\S+",
        "the of and are was were with for that this not but which their they has have than each been who what how when "
        "where into only customers orders months revenue days between after before share rate expected bought from it "
        "is one-time last first next number value all at",
    )
)
"""Common English words, of which a sentence in English has at least one."""
SAID_IN_ENGLISH = "code, pre, math, .formula, details.code, script, style"
OWN_COLUMNS = {"Number of cds"}
NAMES = re.compile(r"\b(?:Net Promoter Score|SaaS Quick Ratio|Shopify|Stripe|Baremetrics|ChartMogul|ProfitWell)\b")
FORMULA = re.compile(r"[\w\s()+\-*/]*\b[a-z]+_[a-z_]+\b[\w\s()+\-*/]*|\(?(?:end|lost|start)\b[ \w()+\-*/]*/ start")


def english(text):
    """The common English words of a text that is no formula of column names."""
    if FORMULA.fullmatch(text) or text in OWN_COLUMNS:
        return set()
    return ENGLISH & {word.lower() for word in re.findall(r"(?<!\w)[A-Za-z][A-Za-z'-]+(?!\w)", NAMES.sub("", text))}


@pytest.fixture(scope="module", params=TRANSLATED)
def spoken(request):
    return request.param, report_wording.wording(request.param)


@pytest.fixture(scope="module", params=[notebook.name for notebook in discovery.find(None)])
def notebook(request):
    return next(notebook for notebook in discovery.find(None) if notebook.name == request.param)


def test_no_sentence_of_a_page_is_left_in_english(notebook, spoken):
    code, wordings = spoken
    made = page.render(notebook.node, title=notebook.title, language=of(code), translation=wordings)
    tree = BeautifulSoup(made.html, "html.parser")
    for part in tree.select(SAID_IN_ENGLISH):
        part.decompose()
    comments = [cell for cell in tree.select("td") if cell.get_text(strip=True).endswith((".", "!"))]
    texts = {" ".join(str(text).split()) for text in tree.find_all(string=True)}
    texts -= {" ".join(cell.get_text().split()) for cell in comments if wordings.known(cell.get_text()) is None}
    assert {text: english(text) for text in texts if english(text)} == {}


def test_the_description_of_every_figure_is_in_the_language(notebook, spoken):
    _, wordings = spoken
    outputs = [output["data"] for cell in notebook.node.cells for output in cell.get("outputs", []) if "data" in output]
    alts = [data["text/plain"] for data in outputs if any(kind.startswith("image/") for kind in data)]
    spoken_alts = {alt: wordings.known(alt) for alt in alts}
    assert {alt for alt, known in spoken_alts.items() if known is None or english(known)} == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_figure_of_a_report_has_its_title_labels_and_ticks_in_the_language(code):
    months = pd.date_range("1998-01-01", periods=6, freq="MS")
    frame = pd.DataFrame({"period": months, "value": [1010.0, 2020, 3030, 4040, 12050, 16060]})
    token = wording.CURRENT.set(report_wording.wording(code))
    try:
        ax = plots.trend(frame, label="Active customers", unit="count")
        put_in_language(ax.figure)
        ax.figure.canvas.draw()
        ticks = [label.get_text() for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    finally:
        wording.CURRENT.reset(token)
        plt.close("all")
    title = {
        "pl": "Aktywni klienci: wzrost z 1010 (styczeń 1998) do 16 060 (czerwiec 1998)",
        "zh-Hant": "活躍客戶由 1998 年 1 月的 1,010 上升至 1998 年 6 月的 16,060",
    }[code]
    assert "".join(ax.get_title(loc="left").split()) == "".join(title.split())
    assert not english(" ".join(ticks))
    assert not re.search("Jan|Feb|Mar", " ".join(ticks))


def test_a_figure_outside_a_report_stays_as_it_is():
    ax = plots.trend(pd.DataFrame({"period": pd.date_range("1998-01-01", periods=3, freq="MS"), "value": [1.0, 2, 3]}),
                     label="Active customers", unit="count")  # fmt: skip
    before = [text.get_text() for text in ax.figure.findobj(plt.Text)]
    put_in_language(ax.figure)
    assert [text.get_text() for text in ax.figure.findobj(plt.Text)] == before
    plt.close("all")


def test_cells_of_a_users_own_column_are_not_translated():
    heads, body = "<tr><th>{}</th><th>Customers</th></tr>", "<tr><td>new</td><td>2</td></tr>"
    html = f"<table><thead>{heads}</thead><tbody>{body}</tbody></table>"
    cells = {}
    for heading in ("Loyalty level", "Segment"):
        tree = BeautifulSoup(html.format(heading), "html.parser")
        pages.tables_and_notes(tree, report_wording.wording("pl"))
        cells[heading] = [cell.get_text() for cell in tree.find_all(["th", "td"])]
    assert cells["Loyalty level"] == ["Loyalty level", "Klienci", "new", "2"]
    assert cells["Segment"] == ["Segment", "Klienci", "nowi", "2"]


def test_prose_keeps_its_formulas_links_and_headings():
    wordings = wording.Wording(
        {"language": "pl", "messages": {"The rate {f1}, see [here]({u1}).": ["Zob. [tu]({u1}): {f1}."]}}
    )
    source = "## The rate $r_{10}$, see [here](a.html).\n\nUnknown text."
    assert notebook_texts.prose(source, wordings) == "## Zob. [tu](a.html): $r_{10}$.\n\nUnknown text."


@pytest.mark.parametrize(
    ("count", "rows"), [("1", "wiersz"), ("3", "wiersze"), ("12", "wierszy"), ("22", "wiersze"), ("1,000", "wierszy")]
)
def test_a_recognised_count_chooses_the_plural_form(count, rows):
    spoken = wording.Wording({"language": "pl", "messages": {"{n} rows": ["{n} wiersz", "{n} wiersze", "{n} wierszy"]}})
    assert spoken(f"{count} rows").split()[-1] == rows


def test_a_message_never_swallows_the_sentences_after_it():
    messages = {"Revenue by {what}.": ["Przychód według: {what}."], "{a}: {n} rows.": ["{a}: {n}."]}
    spoken = wording.Wording({"language": "pl", "messages": messages})
    assert spoken("Revenue by day. PL: 3 rows. US: 12,500 rows.") == "Przychód według: day. PL: 3. US: 12\u00a0500."
