"""One term for one thing: the translations keep to the names of the glossary, and to none that it replaced."""

import re

import pytest

from retention_kit.lesson.glossary import all_terms
from retention_kit.report.language.language import CATALOGUES, catalogue, forms
from retention_kit.report.language.report_wording import NOTEBOOKS, wording

REPLACED = {
    "zh-Hant": (
        "顧客", "用戶", "保留率", "贏回", "世代", "同期群", "貶低者", "速動", "十之八九", "擬合", "壽命", "歷月",
        "資訊清單", "超出偶然", "偶然範圍", "分界點", "被拒絕", "營業額",
    ),
    "pl": (
        "wskaźnik szybki", "recencj", "życiow[aąe] wartość", "milkn", "milcz[aą]", "cichn", "w grze", "nie przypadek",
        "niż może przypadek", "przychod\\w+ (brutto|netto)", "powroty w wieku", "progi podziału", "miesiąc do miesiąca",
        "kupującego klienta", "listy działań",
    ),
}  # fmt: skip
"""Names that other names have replaced, with the reason in the decisions."""
NAMED = {
    "at risk": "at risk", "champions": "champions", "hibernating": "hibernating",
    "more than chance": "more than chance",
    "renewal": "renewal", "bias": "Bias", "cohort": "Cohorts", "segment": "Segments", "lift": "Lift",
}  # fmt: skip
"""Terms of the glossary, and the message that is their name on a page."""


def translations(code):
    """Every form of every translation."""
    for path in (CATALOGUES / f"{code}.po", NOTEBOOKS / f"{code}.po"):
        for entry in catalogue(path, code):
            if entry.id:
                yield from forms(entry.string)


@pytest.mark.parametrize("code", REPLACED)
def test_no_translation_has_a_name_that_was_replaced(code):
    replaced = re.compile("|".join(REPLACED[code]), re.IGNORECASE)
    assert [text for text in translations(code) if replaced.search(text)] == []


@pytest.mark.parametrize("code", REPLACED)
def test_a_term_has_the_name_of_the_glossary_on_pages(code):
    terms, spoken = all_terms(), wording(code)
    names = {term: terms[term]["pl" if code == "pl" else "zh"] for term in NAMED}
    stems = {term: re.split("[ (（]", name)[0].lower()[:6] for term, name in names.items()}
    on_pages = {term: spoken(message).lower() for term, message in NAMED.items()}
    assert {term: text for term, text in on_pages.items() if not text.startswith(stems[term])} == {}


def test_every_term_of_the_glossary_has_a_name_in_each_language_and_a_meaning():
    assert [
        term for term, entry in all_terms().items() if not all(entry.get(k) for k in ("en", "zh", "pl", "meaning"))
    ] == []
