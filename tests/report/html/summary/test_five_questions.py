"""Five plain questions about a month are answered by the first page alone, in each language, for five kinds of month:
Is the shop doing better? Why? Which customers need attention and what are they worth? What is next quarter's revenue?
Can I trust it?"""

import functools
import re

import pytest
from summary_months import LANGUAGES, MONTHS, page

PLACES = {
    "better": "h1",
    "why": ".leads > div:nth-of-type(1) .lead",
    "who": ".leads > div:nth-of-type(2) .lead, .finding.do h2",
    "next": ".finding.next .text",
    "trust": ".finding.trust",
}
"""Where the page answers each question."""
ANSWERS = {
    "good": {
        "better": "Revenue was €39,211 in May, more than twice as much as in May 2025 (+120%). The rise since "
        "April, +10.4%, is within "
        "chance. A third of that is one more day.",
        "why": "Nearly all of the growth is more customers: 637 bought, against 303 in May 2025. Orders per "
        "customer (1.49) and value "
        "per order (€41) are what they were.",
        "who": "91 good customers are going quiet, and €20,900 of the next 12 months’ revenue is at stake. "
        "Write to 82; 9 are left alone "
        "as the control group.",
        "next": "The next three months should bring about €118,000 In the 91 days until 30 August 2026. Nine in "
        "ten: €96,000–146,000.",
        "trust": "Of the last 10 forecasts of three months 8 held.",
    },
    "bad": {
        "better": "Revenue was €24,000 in May, 20.0% less than in May 2025. Since April it fell by 25.0%, more "
        "than chance (about 1 in 200).",
        "why": "Nearly all of the decline is smaller orders: €29 on average, against €37 in May 2025. The other "
        "parts moved within chance.",
        "who": "Alert: Revenue is €24,000: below €25,000 (limit). 91 good customers are going quiet",
        "next": "Of the last 10 such forecasts 6 held. They have been too narrow so far. On average they were "
        "12% too high.",
        "trust": "Rows were refused, and the forecasts were too narrow so far",
    },
    "mixed": {
        "better": "Revenue was €33,000 in May, about what it was a year ago (+3.1%, within chance). Since April it "
        "rose by 13.8%, more than "
        "chance (about 1 in 300).",
        "why": "Two parts pulled against each other, and the gain won: “Customers who bought” (+€9,000) and "
        "“Value per order” (−€5,000).",
        "who": "436 customers are due to reorder; €146,000 of the next 12 months’ revenue is expected of them. "
        "Write to 392; 44 are left "
        "alone as the control group.",
        "next": "€86,800 of it from today’s customers, €31,700 from people who have not bought yet.",
        "trust": "Asked about purchases that it had not seen, it expected 2,685; there were 2,729.",
    },
    "partial": {
        "better": "In the first 14 days of May revenue was €17,500. In the same days of April 2026 it was €16,800; "
        "the change, +4.2%, is "
        "within chance. That is 113% more than €8,200 in the same days of May 2025, more than chance.",
        "why": "Nearly all of the growth is more customers: 637 bought, against 303 in May 2025.",
        "who": "91 good customers are going quiet; €20,900 is at stake",
        "next": "The next three months should bring about €118,000",
        "trust": "The data cover only 14 days of the month.",
    },
    "first": {
        "better": "Revenue was €4,200 in May, the first month of the data.",
        "why": None,
        "who": None,
        "next": None,
        "trust": "Next quarter: the data are too short for a forecast.",
    },
}  # fmt: skip
TRANSLATED = {
    ("pl", "good", "better"): "Przychód w maju wyniósł 39 211 €, ponad dwa razy więcej niż w maju 2025 (+120%). "
    "Wzrost od kwietnia, +10,4%, "
    "mieści się w granicach przypadku. Jedna trzecia z tego to jeden dodatkowy dzień.",
    ("pl", "good", "who"): "Milknie 91 dobrych klientów; w grze jest 20 900 € przychodu",
    ("pl", "bad", "better"): "Przychód w maju wyniósł 24 000 €, o 20,0% mniej niż w maju 2025. Od kwietnia spadł o "
    "25,0%",
    ("pl", "partial", "better"): "W pierwszych 14 dniach maja przychód wyniósł 17 500 €. W tych samych dniach "
    "kwietnia 2026 było to 16 800 €",
    ("pl", "first", "better"): "Przychód w maju wyniósł 4200 €; to pierwszy miesiąc danych.",
    ("zh-Hant", "good", "better"): "5 月營收為 €39,211，是 2025 年 5 月的兩倍以上（+120%）。"
    "較 4 月的上升（+10.4%）在偶然範圍內。其中三分之一只是多了 1 天。",
    ("zh-Hant", "mixed", "better"): "5 月營收為 €33,000，與一年前相當（+3.1%，在偶然範圍內）。"
    "較 4 月上升 13.8%，超出偶然（約 1/300）。",
    ("zh-Hant", "partial", "better"): "5 月前 14 天營收為 €17,500。2026 年 4 月同期為 €16,800",
}  # fmt: skip


def plain(text):
    """Text with plain spaces, and none where a tag has ended before a mark."""
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


@functools.cache
def answer(kind, code, question):
    """What the page of a month says where it answers a question."""
    return plain(" ".join(tag.get_text("", strip=False) for tag in made(kind, code).select(PLACES[question])))


@functools.cache
def made(kind, code):
    return page(MONTHS[kind], code)


@pytest.mark.parametrize("question", PLACES)
@pytest.mark.parametrize("kind", MONTHS)
def test_the_page_answers_the_question(kind, question):
    expected = ANSWERS[kind][question]
    assert (expected or "") in answer(kind, "en", question)
    assert bool(answer(kind, "en", question)) == (expected is not None)


def digits(text):
    """The numbers of a text without the marks of a language."""
    return re.findall(r"\d+", re.sub(r"(?<=\d)[.,\u00a0\u202f ](?=\d{3}(?!\d))|(?<=\d)[.,](?=\d)", "", text))


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("kind", MONTHS)
@pytest.mark.parametrize("question", ["better", "why", "who"])
def test_every_number_of_the_answer_is_in_the_translation_too(kind, question, code):
    english = ANSWERS[kind][question]
    if english is None:
        assert answer(kind, code, question) == ""
        return
    given = set(digits(answer(kind, code, question)))
    expected = {x for x in digits(english) if int(x) > 2}  # Polish and Chinese say 1 and 2 in other ways
    assert expected <= given


@pytest.mark.parametrize(
    ("case", "sentence"), TRANSLATED.items(), ids=lambda value: "-".join(value) if isinstance(value, tuple) else ""
)
def test_the_sentences_are_whole_in_polish_and_chinese(case, sentence):
    code, kind, question = case
    assert sentence in answer(kind, code, question)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_section_without_data_is_left_out_and_said_at_the_end(code):
    tree = made("first", code)
    assert [section["class"][1] for section in tree.select(".finding")] == ["trust"]
    assert len(tree.select(".finding.trust dl > div:last-of-type dd")) == 6


def test_each_number_of_the_first_sentence_opens_what_is_behind_it():
    from retention_kit.report import language
    from retention_kit.report.html.summary.rules import what_changed
    from retention_kit.report.html.summary.writer import Writer

    html = Writer(language.of("en"), "EUR").html(what_changed.what_changed(MONTHS["good"])[0])
    buttons = re.findall(r'popovertarget="([^"]+)">([^<]+)<', html)
    assert [text for _, text in buttons] == ["€39,211", "+120%"]
    for name, _ in buttons:
        assert f'popover id="{name}"' in html
    assert "95% interval: €35,000–43,600" in html
    assert "more than chance: less than 1 in 1,000" in html
