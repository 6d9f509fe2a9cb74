"""The report in Traditional Chinese and Polish: every text of its frame is translated, dates and numbers are written
as the language does, and the English report stays what it was."""

import email
import email.policy
import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from report_cases import NUMBERS, notebook, orders_csv

import retention_kit
from retention_kit import report
from retention_kit.metrics.catalogue import CATALOGUE
from retention_kit.report.delivery import mail
from retention_kit.report.html.month_page import templates
from retention_kit.report.language import LANGUAGES, notebook_texts, of
from retention_kit.report.language import __main__ as messages
from retention_kit.report.language import report_wording as wordings
from retention_kit.report.language.language import CATALOGUES
from retention_kit.report.notebooks import discovery
from retention_kit.report.numbers import alerts, changed_numbers, notebook_numbers, targets
from retention_kit.report.numbers.measures import Measure
from retention_kit.report.settings.alert_settings import Alert
from retention_kit.report.settings.target_settings import Target

TRANSLATED = [code for code in LANGUAGES if code != "en"]
EVIL = "<script>alert(1)</script> 100 % %(n)s"


def entries(code, folder=CATALOGUES):
    """Every entry of a language's file but its head."""
    with (folder / f"{code}.po").open("rb") as file:
        return [entry for entry in read_po(file, locale=code.replace("-", "_")) if entry.id]


def forms(value):
    return value if isinstance(value, tuple) else (value,)


def blanks(text):
    """Placeholders, fields of labels, and the tags of links of a text."""
    return sorted(re.findall(r"%\(\w+\)s|%%|#|</?a[^>]*>|\{\w*\}", text))


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_files_of_a_language_have_exactly_the_texts_that_are_used(code):
    texts = messages.collected()
    assert {entry.id for entry in entries(code)} == {entry.id for entry in texts if entry.id}
    of_notebooks = messages.collected_of_notebooks(texts)
    assert {entry.id for entry in entries(code, wordings.NOTEBOOKS)} == {entry.id for entry in of_notebooks if entry.id}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated_in_every_plural_form_with_its_blanks(code):
    for entry in (*entries(code), *entries(code, wordings.NOTEBOOKS)):
        assert not entry.fuzzy
        *first, last = forms(entry.string)
        assert all(forms(entry.string)), entry.id
        assert blanks(last) == blanks(forms(entry.id)[-1]), entry.id
        assert all(set(blanks(form)) <= set(blanks(last)) for form in first), entry.id
    counted = {len(entry.string) for entry in entries(code) if isinstance(entry.string, tuple)}
    assert counted == {{"zh-Hant": 1, "pl": 3}[code]}


def test_bringing_the_files_up_to_date_leaves_them_as_they_are(tmp_path, monkeypatch):
    folders = {tmp_path: CATALOGUES, tmp_path / "notebooks": wordings.NOTEBOOKS}
    (tmp_path / "notebooks").mkdir()
    for copy, folder in folders.items():
        for code in TRANSLATED:
            (copy / f"{code}.po").write_bytes((folder / f"{code}.po").read_bytes())
    monkeypatch.setattr(messages, "CATALOGUES", tmp_path)
    monkeypatch.setattr(wordings, "NOTEBOOKS", tmp_path / "notebooks")
    messages.update()
    for copy, folder in folders.items():
        for code in TRANSLATED:
            assert (copy / f"{code}.po").read_bytes() == (folder / f"{code}.po").read_bytes()


@pytest.mark.parametrize(
    ("label", "name"), [("Retention rate", "retention_rate"), ("Churn rate", "churn_rate"), ("NPS", "nps")]
)
@pytest.mark.parametrize("code", TRANSLATED)
def test_a_label_that_names_a_metric_is_translated_as_the_catalogue_of_metrics_has_it(code, label, name):
    term = {"zh-Hant": CATALOGUE[name].zh, "pl": CATALOGUE[name].pl}[code]
    assert term.lower() in of(code).metric(name, label).lower()


def test_the_label_of_a_users_own_number_stays_and_its_metric_alone_is_named_by_the_catalogue():
    assert of("pl").metric("churn_rate", "Churn of gold members") == "Churn of gold members"
    assert of("pl").metric("average_order_value", "Average order value") == "Średnia wartość zamówienia"
    assert of("zh-Hant").metric("csat", "csat") == "客戶滿意度（CSAT）"


def test_polish_counts_have_three_forms():
    days = [of("pl").ngettext("%(n)s\u00a0day", "%(n)s\u00a0days", n) for n in (1, 2, 5, 12, 22)]
    assert [day.split("\u00a0")[1] for day in days] == ["dzień", "dni", "dni", "dni", "dni"]
    told = [of("pl").ngettext("%(n)s alert tripped", "%(n)s alerts tripped", n) for n in (1, 3, 5, 1000)]
    assert told == ["zadziałał 1 alert", "zadziałały 3 alerty", "zadziałało 5 alertów", "zadziałało 1000 alertów"]


def test_numbers_and_changes_are_written_as_in_the_language():
    item = {"name": "revenue", "label": "Revenue", "unit": "money", "value": 1234567.5, "previous": 1000000.0}
    shown = [notebook_numbers.row(item, of(code)) for code in ("en", "pl", "zh-Hant")]
    assert [row.value for row in shown] == ["1,234,568", "1\u00a0234\u00a0568", "1,234,568"]
    assert [row.change for row in shown] == ["+23.5\u00a0%", "+23,5%", "+23.5%"]
    item = {"name": "churn", "unit": "rate", "value": 0.1, "low": 0.05, "high": 0.125, "last_year": 0.12}
    shown = [notebook_numbers.row(item, of(code)) for code in ("en", "pl", "zh-Hant")]
    wanted = ["5.0~% to 12.5~%", "5,0%; 12,5%", "5.0%~至~12.5%"]
    assert [row.interval for row in shown] == [text.replace("~", "\u00a0") for text in wanted]
    assert [row.change_year for row in shown] == ["−2.0\u00a0points", "−2,0\u00a0p.p.", "−2.0\u00a0個百分點"]


def test_a_number_of_days_says_day_or_days():
    assert [notebook_numbers.written(x, "days") for x in (1, 0.6, 12)] == ["1\u00a0day", "1\u00a0day", "12\u00a0days"]
    assert notebook_numbers.written(float("inf"), "days", of("pl")).endswith("\u00a0dni")
    assert changed_numbers.signed(-1234.5, "") == "−1,234.5"


def test_a_target_tells_its_way_and_its_day_in_the_language():
    target = Target("churn_rate", 0.05, "at_most", due=date(2026, 7, 2))
    number = Measure("churn_rate", "Wskaźnik odpływu klientów", "rate", 0.1, 0.08, 0.13)
    (measured,) = targets.measured([target], [number], date(2026, 6, 30))
    found = measured.shown(of("pl"))
    assert found.now == "10,0% (przedział ufności 95%: 8,0%; 13,0%)"
    assert (found.aim, found.due) == ("co najwyżej 5,0%", "2 lipca 2026, za 2 dni")
    assert found.state == "not met"  # the page translates it: it is also the name of a style


def test_the_numbers_in_a_formula_have_the_decimal_mark_of_the_language():
    item = {"name": "churn_rate", "value": 0.125, "inputs": {"start": 80, "lost": 10}, "unit": "rate"}
    for code, number in (("pl", "<mn>0,125</mn>"), ("en", "<mn>0.125</mn>")):
        formula = notebook_numbers.row(item, of(code)).formula
        assert number in templates(code).filters["formula_of_numbers"](formula.numbers)


@pytest.fixture(scope="module", params=TRANSLATED)
def made(request, tmp_path_factory):
    """Two months in a language, twice, with all that the frame has: a page fails, targets, alerts, lists, a change."""
    case = tmp_path_factory.mktemp("spoken")
    notebook(case / "own", "01_first", NUMBERS, title="Overview")
    notebook(case / "own", "02_broken", "1 / 0")
    orders, own = orders_csv(case, country=["PL", "PL", "TW", "TW", "TW", "PL"]), case / "own"
    options = {
        "title": EVIL, "language": request.param, "orders": orders, "notebooks": own, "output": case / "reports",
        "targets": [{"metric": "churn_rate", "value": 0.05, "owner": EVIL, "due": "2026-12-31"}],
        "alerts": [
            {"metric": "churn_rate", "condition": "> 0.05", "by": "segment", "mail": ["a@example.com"]},
            {"metric": "orders", "condition": "change > 5"}, {"metric": "none", "condition": "> 5"},
        ],
        "actions": {"lists": ["champions"]}, "split_by": "country",
    }  # fmt: skip
    config = report.Config(**options)
    report.run(config, months=["2026-04", "2026-05"], jobs=2)
    notebook(own, "01_first", NUMBERS.replace("0.1,", "0.12,"), title="Overview")
    report.run(config, months="2026-05", jobs=2)
    return config


def shown(folder):
    """The words of the frame of every page in a folder, those that are only read out too; not those of a notebook."""
    for path in sorted(folder.rglob("*.html")):
        tree = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for part in tree.select("style, main .prose, main pre, .with-contents h1, nav.contents ol"):
            part.decompose()
        spoken = [tag[name] for name in ("aria-label", "alt") for tag in tree.find_all(attrs={name: True})]
        yield path, tree, "\n".join([tree.get_text("\n"), *spoken])


def test_no_text_of_the_frame_is_left_in_english(made):
    ids = {form for entry in entries(made.language) for form in forms(entry.id) if form not in forms(entry.string)}
    english = {text.replace("%%", "%") for text in ids if not re.search(r"%\(|#|<", text)}
    pages = list(shown(made.output))
    assert {path.name for path, _, _ in pages} >= {
        "index.html",
        "analyst.html",
        "01_first.html",
        "02_broken.html",
        "restated.html",
    }
    for path, tree, translation in pages:
        assert tree.html["lang"] == made.language
        assert not english & {line.strip() for line in translation.splitlines()}, path


def test_titles_names_and_months_are_those_of_the_language(made):
    index = (made.output / "2026-05" / "analyst.html").read_text(encoding="utf-8")
    for text in {"pl": ["maj 2026", "31 maja 2026", "Przegląd", "Wskaźnik odpływu klientów", "12,0%"],
                 "zh-Hant": ["2026\u00a0年\u00a05\u00a0月", "總覽", "客戶流失率", "12.0%"]}[made.language]:  # fmt: skip
        assert text in index


def test_columns_are_sorted_by_their_numbers_however_the_language_writes_them(made):
    tree = BeautifulSoup((made.output / "2026-05" / "analyst.html").read_text(encoding="utf-8"), "html.parser")
    shown = {cell.get_text(strip=True): cell["data-key"] for cell in tree.find_all("td", attrs={"data-key": True})}
    assert float(shown[{"pl": "12,0%", "zh-Hant": "12.0%"}[made.language]]) == 0.12
    assert all(re.fullmatch(r"(-?[0-9.]+(e-?[0-9]+)?)?", key) for key in shown.values())


def test_what_people_wrote_stays_escaped_and_as_they_wrote_it(made):
    for _, tree, translation in shown(made.output):
        assert EVIL in " ".join(translation.split())
        assert not [script for script in tree.find_all("script") if "alert(" in script.get_text()]


def test_data_for_programs_stays_english(made):
    month = made.output / "2026-05"
    alerts = (month / "alerts.json").read_text()
    assert "Churn rate is 12.0\\u00a0% (95\\u00a0% interval 8.0\\u00a0% to 13.0\\u00a0%)" in alerts
    assert "all of the interval is above 5\\u00a0%" in alerts
    assert (month / "data" / "numbers.csv").read_text().startswith("page,name,label,value,unit")
    assert "Churn rate" in (month / "data" / "numbers.csv").read_text()
    assert "(95" not in (month / "alert-mail.eml").read_text()


@pytest.mark.parametrize(
    ("code", "subject"),
    [
        ("pl", "Raport, maj 2026: zadziałały 2 alerty"),
        ("zh-Hant", "Raport，2026\u00a0年\u00a05\u00a0月：已觸發 2 則警示"),
    ],
)
def test_the_subject_of_a_mail_is_one_message(code, subject):
    alerts_of_month = [alerts.check(Alert("orders", "> 100"), [Measure("orders", "Orders", "count", 120.0)], segment)
                       for segment in ("TW", None)]  # fmt: skip
    draft = mail.mail(["a@example.com"], [checked.record(of(code)) for checked in alerts_of_month],
                      title="Raport", month="2026-05", language=of(code))  # fmt: skip
    message = email.message_from_bytes(draft, policy=email.policy.default)
    assert message["Subject"] == subject
    assert {"pl": "TW: Zamówienia", "zh-Hant": "TW：訂單"}[code] in message.get_body(("plain",)).get_content()


def test_a_condition_of_an_alert_is_said_in_words():
    number = Measure("churn_rate", "Churn rate", "rate", 0.1, before={"previous": 0.12})
    change, level = (alerts.check(Alert("churn_rate", condition), [number]) for condition in ("change < -0.1", "> 0.2"))
    assert [checked.condition(of("pl")) for checked in (change, level)] == [
        "zmiana m/m: poniżej −10\u00a0p.p.",
        "powyżej 20%",
    ]
    assert [checked.condition(of("zh-Hant")) for checked in (change, level)] == [
        "較上月變動低於 −10\u00a0個百分點",
        "高於 20%",
    ]


def test_the_words_of_the_listed_texts_are_those_of_the_package():
    package = Path(retention_kit.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py")))
    source += "".join(str(cell.source) for notebook in discovery.find(None) for cell in notebook.node.cells)
    known = set(re.findall(r"[a-z]+", source.lower()))
    unknown = {}
    for _, text in notebook_texts.of_package():
        translation = re.findall(r"[a-z]{5,}", re.sub(r"\{\w+\}", "", text.lower()))
        if left := [word for word in translation if word not in known and word.removesuffix("s") not in known]:
            unknown[text] = left
    assert unknown == {}


def test_chinese_texts_have_no_space_after_a_mark_and_one_beside_a_number():
    number = r"(?:%\((?:n\d*|before|months|rows|customers|earlier|said)\)s|\{n\d*\}|\d)"
    wrong = rf"[。：；，！？][*]* |[\u4e00-\u9fff]{number}"
    texts = [
        text for entry in (*entries("zh-Hant"), *entries("zh-Hant", wordings.NOTEBOOKS)) for text in forms(entry.string)
    ]
    assert [text for text in texts if re.search(wrong, text)] == []


def test_polish_months_are_counted_in_the_genitive():
    message = "Revenue expected of these customers in %(months)s months, by the model of value of the report."
    texts = [of("pl").gettext(message, months=months) for months in ("1", "12", "21")]
    assert [re.search(r"\d+ mies\w+", text)[0] for text in texts] == ["1 miesiąca", "12 miesięcy", "21 miesięcy"]
