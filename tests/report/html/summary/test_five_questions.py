"""Five plain questions about a month are answered by the first page alone, in each language, for five kinds of month:
Is the shop doing better? Why? Which customers need attention and what are they worth? What is next quarter's revenue?
Can I trust it?"""

import functools
import math
import re
from dataclasses import replace

import pytest
from summary_months import LANGUAGES, MONTHS, changes, page, parts

from retention_kit.report.html.summary.facts import Restated

PLACES = {
    "better": "h1",
    "why": ".leads > div:nth-of-type(1) .lead",
    "who": ".leads > div:nth-of-type(2) .lead, .finding.do h2",
    "next": ".finding.next h2, .finding.next .text p",
    "trust": ".finding.trust",
}
"""Where the page answers each question."""
MISSING = ".finding.trust dl > div:last-of-type dd"
"""Where the page says why it does not answer a question."""

QUIET = (
    "91 good customers are going quiet, and €20,900 of the next 12 months’ revenue is at stake.",
    "Write to 82; 9 are left alone as the control group.",
)
FORECAST = (
    "The next three months should bring about €118,000 ",
    "In the 91 days until 30 August 2026. Nine in ten: €96,000–146,000.",
    "€86,800 of it from today’s customers, €31,700 from people who have not bought yet.",
)
GRADED = "Asked about purchases that it had not seen, it expected 2,685; there were 2,729."
ENGLISH = {
    "good": {
        "better": (
            "Revenue was €39,211 in May, more than twice as much as in May 2025 (+120%).",
            "The rise since April, +10.4%, is within chance. A third of that is one more day.",
        ),
        "why": (
            "Nearly all of the growth is more customers: 637 bought, against 303 in May 2025.",
            "Orders per customer (1.49) and value per order (€41) are what they were.",
        ),
        "who": QUIET,
        "next": (*FORECAST, "Of the last 10 such forecasts 8 held."),
        "trust": (
            "Trust the past as it stands, the forecast within its width",
            "14,804 rows were read; those from 1 October 2024 to 31 May 2026 count here: 2,437 customers.",
            "No row was refused, and none looks odd.",
            GRADED,
            "Of the last 10 forecasts of three months 8 held.",
            "24 comparisons are judged in this report;",
        ),
    },
    "bad": {
        "better": (
            "Revenue was €24,000 in May, 20.0% less than in May 2025.",
            "Since April it fell by 25.0%, more than chance (about 1 in 200).",
        ),
        "why": (
            "Nearly all of the decline is smaller orders: €29 on average, against €37 in May 2025.",
            "The other parts moved within chance.",
        ),
        "who": ("Alert: Revenue is €24,000: below €25,000 (limit).", *QUIET),
        "next": (
            *FORECAST,
            "Of the last 10 such forecasts 6 held. They have been too narrow so far.",
            "On average they were 12% too high.",
        ),
        "trust": (
            "Rows were refused, and the forecasts were too narrow so far",
            "1,300 rows were refused (8%).",
            "Of the last 10 forecasts of three months 6 held.",
        ),
    },
    "mixed": {
        "better": (
            "Revenue was €33,000 in May, about what it was a year ago (+3.1%, within chance).",
            "Since April it rose by 13.8%, more than chance (about 1 in 300).",
        ),
        "why": (
            "Two parts pulled against each other, and the gain won: “Customers who bought” (+€9,000) and "
            "“Value per order” (−€5,000).",
        ),
        "who": (
            "436 customers are due to reorder; €146,000 of the next 12 months’ revenue is expected of them.",
            "Write to 392; 44 are left alone as the control group.",
        ),
        "next": (*FORECAST, "Of the last 10 such forecasts 8 held."),
        "trust": ("Trust the past as it stands, the forecast within its width", GRADED),
    },
    "partial": {
        "better": (
            "In the first 14 days of May revenue was €17,500.",
            "In the same days of April 2026 it was €16,800; the change, +4.2%, is within chance.",
            "That is 113% more than €8,200 in the same days of May 2025, more than chance.",
        ),
        "why": ("Nearly all of the growth is more customers: 637 bought, against 303 in May 2025.",),
        "who": QUIET,
        "next": FORECAST,
        "trust": ("The data cover only 14 days of the month.", GRADED),
    },
    "first": {
        "better": ("Revenue was €4,200 in May, the first month of the data.",),
        "why": ("What revenue consists of: there is no earlier period to compare with.",),
        "who": ("Whom to write to: no customer has enough orders to say so.",),
        "next": ("Next quarter: the data are too short for a forecast.",),
        "trust": (
            "Trust the past as it stands; there is no forecast to trust yet",
            "110 rows were read; those from 2 May 2026 to 31 May 2026 count here: 90 customers.",
            "No change is judged yet: that needs an earlier period.",
        ),
    },
}
QUIET_PL = (
    "Przestaje kupować 91 dobrych klientów; zagrożone jest 20 900 € przychodu w ciągu 12 miesięcy.",
    "Napisz do 82; 9 osób to grupa kontrolna.",
)
FORECAST_PL = (
    "Następne trzy miesiące powinny przynieść około 118 000 € ",
    "W ciągu 91 dni, do 30 sierpnia 2026. W 9 przypadkach na 10: 96 000–146 000 €.",
    "Z tego 86 800 € od dzisiejszych klientów, 31 700 € od nowych.",
)
GRADED_PL = "Zakupy, których model nie widział: przewidział ich 2685, a było 2729."
POLISH = {
    "good": {
        "better": (
            "Przychód w maju wyniósł 39 211 €, ponad dwa razy więcej niż w maju 2025 (+120%).",
            "Wzrost od kwietnia, +10,4%, mieści się w granicach przypadku. Jedna trzecia z tego to jeden dodatkowy "
            "dzień.",
        ),
        "why": (
            "Prawie cały wzrost to większa liczba klientów: kupiło 637, w maju 2025 było to 303.",
            "Zamówienia na klienta (1,49) i wartość zamówienia (41 €) się nie zmieniły.",
        ),
        "who": QUIET_PL,
        "next": (*FORECAST_PL, "Z ostatnich 10 takich prognoz sprawdziło się 8."),
        "trust": (
            "Z 14 804 wczytanych wierszy liczą się te od 1 października 2024 do 31 maja 2026; "
            "pochodzą od 2437 klientów.",
            "Żadnego nie odrzucono, żaden nie budzi wątpliwości.",
            GRADED_PL,
            "Z ostatnich 10 prognoz na trzy miesiące sprawdziło się 8.",
            "W raporcie oceniono 24 porównania;",
        ),
    },
    "bad": {
        "better": (
            "Przychód w maju wyniósł 24 000 €, o 20,0% mniej niż w maju 2025.",
            "Od kwietnia spadł o 25,0%, bardziej, niż wynikałoby z przypadku (około 1 na 200).",
        ),
        "why": (
            "Prawie cały spadek to mniejsze zamówienia: średnio 29 €, w maju 2025 było to 37 €.",
            "Zmiany pozostałych składników mieszczą się w granicach przypadku.",
        ),
        "who": ("Alert: Revenue is €24,000: below €25,000 (limit).", *QUIET_PL),
        "next": (
            *FORECAST_PL,
            "Z ostatnich 10 takich prognoz sprawdziło się 6. Ich przedziały były dotąd zbyt wąskie. "
            "Średnio były za wysokie o 12%.",
        ),
        "trust": (
            "Odrzucono wiersze, a przedziały prognoz były dotąd zbyt wąskie",
            "Odrzucono 1300 wierszy (8%).",
            "Z ostatnich 10 prognoz na trzy miesiące sprawdziło się 6.",
        ),
    },
    "mixed": {
        "better": (
            "Przychód w maju wyniósł 33 000 €, mniej więcej tyle co rok temu (+3,1%, w granicach przypadku).",
            "Od kwietnia wzrósł o 13,8%, bardziej, niż wynikałoby z przypadku (około 1 na 300).",
        ),
        "why": (
            "Dwa składniki działały w przeciwnych kierunkach i wzrost przeważył: „Klienci, którzy kupili” (+9000 €) i "
            "„Wartość zamówienia” (−5000 €).",
        ),
        "who": (
            "Czas na kolejne zamówienie u 436 klientów; oczekiwany przychód: 146 000 € w ciągu 12 miesięcy.",
            "Napisz do 392; 44 osoby to grupa kontrolna.",
        ),
        "next": (*FORECAST_PL, "Z ostatnich 10 takich prognoz sprawdziło się 8."),
        "trust": (GRADED_PL,),
    },
    "partial": {
        "better": (
            "W pierwszych 14 dniach maja przychód wyniósł 17 500 €.",
            "W tych samych dniach kwietnia 2026 było to 16 800 €; zmiana, +4,2%, mieści się w granicach przypadku.",
            "To o 113% więcej niż w tych samych dniach maja 2025 (8200 €) – to więcej, niż wynikałoby z przypadku.",
        ),
        "why": ("Prawie cały wzrost to większa liczba klientów: kupiło 637, w maju 2025 było to 303.",),
        "who": QUIET_PL,
        "next": FORECAST_PL,
        "trust": ("Dane obejmują tylko 14 dni miesiąca.", GRADED_PL),
    },
    "first": {
        "better": ("Przychód w maju wyniósł 4200 €; to pierwszy miesiąc danych.",),
        "why": ("Z czego wynika zmiana przychodu: nie ma wcześniejszego okresu do porównania.",),
        "who": ("Do kogo pisać: żaden klient nie ma dość zamówień, by to powiedzieć.",),
        "next": ("Następny kwartał: dane obejmują zbyt krótki okres, by prognozować.",),
        "trust": (
            "Z 110 wczytanych wierszy liczą się te od 2 maja 2026 do 31 maja 2026; pochodzą od 90 klientów.",
            "Żadnej zmiany jeszcze nie oceniono: potrzebny jest wcześniejszy okres.",
        ),
    },
}
QUIET_ZH = (
    "91 位好客戶近期不再活躍，牽涉未來 12 個月營收中的 €20,900。",
    "請聯絡 82 位；另外 9 位不聯絡，作為對照組。",
)
FORECAST_ZH = (
    "未來三個月預計約 €118,000 ",
    "至 2026 年 8 月 30 日的 91 天。九成機率：€96,000–146,000。",
    "其中 €86,800 來自目前的客戶，€31,700 來自尚未購買過的人。",
)
GRADED_ZH = "對未見過的購買，模型預測 2,685 次，實際為 2,729 次。"
CHINESE = {
    "good": {
        "better": (
            "5 月營收為 €39,211，是 2025 年 5 月的兩倍以上（+120%）。",
            "較 4 月的上升（+10.4%）在隨機波動範圍內。其中三分之一只是多了 1 天。",
        ),
        "why": (
            "成長幾乎全來自客戶增加：637 位購買，2025 年 5 月為 303 位。",
            "每位客戶訂單數（1.49）與每筆訂單金額（€41）大致不變。",
        ),
        "who": QUIET_ZH,
        "next": (*FORECAST_ZH, "最近 10 次這樣的預測中，有 8 次落在範圍內。"),
        "trust": (
            "讀取 14,804 列資料；本頁採用 2024 年 10 月 1 日至 2026 年 5 月 31 日的部分，共 2,437 位客戶。",
            "沒有剔除任何一列，也沒有可疑之處。",
            GRADED_ZH,
            "最近 10 次三個月預測中，有 8 次落在範圍內。",
            "本報告判斷 24 項比較；",
        ),
    },
    "bad": {
        "better": (
            "5 月營收為 €24,000，比 2025 年 5 月少 20.0%。",
            "較 4 月下降 25.0%，超出隨機波動（機率約 1/200）。",
        ),
        "why": ("下滑幾乎全來自訂單金額降低：平均 €29，2025 年 5 月為 €37。", "其餘項目的變動都在隨機波動範圍內。"),
        "who": ("警示：Revenue is €24,000: below €25,000 (limit).", *QUIET_ZH),
        "next": (*FORECAST_ZH, "最近 10 次這樣的預測中，有 6 次落在範圍內。 至今的範圍都太窄。 平均高估 12%。"),
        "trust": (
            "有資料列遭剔除，且預測範圍至今太窄",
            "剔除 1,300 列（8%）。",
            "最近 10 次三個月預測中，有 6 次落在範圍內。",
        ),
    },
    "mixed": {
        "better": (
            "5 月營收為 €33,000，與一年前相當（+3.1%，在隨機波動範圍內）。",
            "較 4 月上升 13.8%，超出隨機波動（機率約 1/300）。",
        ),
        "why": ("兩個項目方向相反，增加的一方較大：「有購買的客戶」（+€9,000）與「每筆訂單金額」（−€5,000）。",),
        "who": (
            "436 位客戶即將回購，未來 12 個月預期營收 €146,000。",
            "請聯絡 392 位；另外 44 位不聯絡，作為對照組。",
        ),
        "next": (*FORECAST_ZH, "最近 10 次這樣的預測中，有 8 次落在範圍內。"),
        "trust": (GRADED_ZH,),
    },
    "partial": {
        "better": (
            "5 月前 14 天營收為 €17,500。",
            "2026 年 4 月同期為 €16,800；變化（+4.2%）在隨機波動範圍內。",
            "比 2025 年 5 月同期的 €8,200 多 113%，超出隨機波動。",
        ),
        "why": ("成長幾乎全來自客戶增加：637 位購買，2025 年 5 月為 303 位。",),
        "who": QUIET_ZH,
        "next": FORECAST_ZH,
        "trust": ("資料只涵蓋當月的 14 天。", GRADED_ZH),
    },
    "first": {
        "better": ("5 月營收為 €4,200，是資料的第一個月。",),
        "why": ("營收變化的組成：沒有較早的期間可比較。",),
        "who": ("建議聯絡的客戶：客戶的訂單都還太少，無從判斷。",),
        "next": ("下一季：資料期間太短，無法預測。",),
        "trust": (
            "讀取 110 列資料；本頁採用 2026 年 5 月 2 日至 2026 年 5 月 31 日的部分，共 90 位客戶。",
            "尚未判斷任何變化：需要較早的期間。",
        ),
    },
}
ANSWERS = {"en": ENGLISH, "pl": POLISH, "zh-Hant": CHINESE}
"""The sentences that answer each question, by language and kind of month."""
PAIRS = [(code, kind) for code in LANGUAGES for kind in MONTHS]


@functools.cache
def made(kind, code):
    return page(MONTHS[kind], code)


@functools.cache
def answer(kind, code, question):
    """What the page of a month says where it answers a question, with plain spaces."""
    place = MISSING if kind == "first" and question in ("why", "who", "next") else PLACES[question]
    text = " ".join(tag.get_text("", strip=False) for tag in made(kind, code).select(place))
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split()) + " "


@pytest.mark.parametrize("question", PLACES)
@pytest.mark.parametrize(("code", "kind"), PAIRS)
def test_the_page_answers_the_question(code, kind, question):
    said = answer(kind, code, question)
    assert [sentence for sentence in ANSWERS[code][kind][question] if sentence not in said] == []


def digits(sentences):
    """The numbers of a text without the marks of a language; Polish and Chinese say 1 and 2 in other ways."""
    numbers = re.findall(
        r"\d+", re.sub(r"(?<=\d)[.,\u00a0\u202f ](?=\d{3}(?!\d))|(?<=\d)[.,](?=\d)", "", " ".join(sentences))
    )
    return {number for number in numbers if int(number) > 2}


@pytest.mark.parametrize(("code", "kind"), [pair for pair in PAIRS if pair[0] != "en"])
def test_every_number_of_the_english_answers_is_in_the_translation_too(code, kind):
    for question in PLACES:
        assert digits(ANSWERS["en"][kind][question]) <= digits([answer(kind, code, question)])


WORTH = {
    "good": (
        "Two points more early returns would be worth about €5,800 a year",
        "If two more of every hundred new customers bought again within 30 days, that would be worth €5,800 a year "
        "(95%: €3,820–7,790), with 1,620 new customers as in the last 365 days.",
        "Whoever costs more than €207 (95%: €195–218) to win is not paid back in 12 months.",
    ),
    "mixed": (
        "What two points more early returns would be worth is not clear yet",
        "that would be worth €5,800 per 1,000 of them (95%: −€400 to +€7,790). Nobody was new in the last 365 days.",
    ),
}


@pytest.mark.parametrize("kind", WORTH)
def test_what_more_early_returns_would_be_worth_is_said_with_its_interval(kind):
    (section,) = made(kind, "en").select(".finding.what-if")
    said = " ".join(section.get_text("", strip=False).replace("\u00a0", " ").split())
    assert [sentence for sentence in WORTH[kind] if sentence not in said] == []
    links = [link["href"] for link in section.select("a")]
    expected = ["04_lifetime_value.html#break_even", "04_lifetime_value.html#what_if"]
    assert links == (expected if kind == "good" else expected[1:])


def test_numbers_that_were_reported_otherwise_are_said_above_everything_else():
    restated = replace(MONTHS["good"], restated=(Restated("April 2026", "Revenue", "€35,100.00", "€35,508.00"),))
    (line,) = page(restated, "en").select(".restated")
    said = "1 number of this page was reported otherwise before: Revenue, April 2026: €35,100.00 then, €35,508.00 now."
    assert " ".join(line.get_text().split()).startswith(said)
    assert line.a["href"] == "restated.html"
    assert line.find_next("h1") is not None
    assert made("good", "en").select(".restated") == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_section_without_data_is_left_out_and_said_at_the_end(code):
    tree = made("first", code)
    assert [section["class"][1] for section in tree.select(".finding")] == ["trust"]
    assert tree.select(".leads, .finding.next, .finding.do, .finding.what-if") == []
    assert len(tree.select(MISSING)) == 6


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


def test_a_part_that_moved_while_revenue_did_not_is_named():
    calm = replace(MONTHS["good"].numbers["revenue"], changes=changes(38_000, 37_000, 0.9, 0.4))
    causes = {"previous": parts(300, 0, 900), "last_year": parts(2_800, 100, -700, sure=("customers",))}
    facts = replace(MONTHS["good"], numbers={**MONTHS["good"].numbers, "revenue": calm}, causes=causes)
    first = page(facts, "en")
    said = first.select_one(PLACES["why"]).get_text(" ", strip=True)
    assert "Revenue as a whole moved within chance; “Customers who bought” moved by more: 637" in said
    assert "against 303 in May 2025 ( +€2,800 )." in said
    assert "No part of revenue" not in first.get_text()
    assert "one part of it by more" in first.select_one(".finding.why h2").get_text()
    assert "within chance (more than 1 in 2)" in first.get_text()


def test_a_large_change_within_chance_is_not_called_about_the_same():
    noisy = replace(MONTHS["good"].numbers["revenue"], changes=changes(38_000, 24_000, 0.9, 0.2))
    first = page(replace(MONTHS["good"], numbers={**MONTHS["good"].numbers, "revenue": noisy}), "en")
    said = first.select_one(PLACES["better"]).get_text(" ", strip=True)
    assert "in May; the change since a year ago, +63.4%" in said
    assert "about what it was" not in said


def test_a_part_larger_than_the_change_says_what_the_others_gave_back():
    causes = {"last_year": parts(-20_000, 3_000, 2_000, sure=("customers",))}
    first = page(replace(MONTHS["bad"], causes=causes), "en")
    said = first.select_one(PLACES["why"]).get_text(" ", strip=True)
    assert "“Customers who bought” alone made −€20,000" in said.replace(" :", ":")
    assert "The other parts made +€5,000." in said
    assert "The other parts moved within chance." in said
    assert "are in the part" not in first.get_text()


@pytest.mark.parametrize(
    ("value", "said"), [(4740.0, "; €4,740 of the next 12 months’ revenue is expected"), (math.nan, ".")]
)
def test_silent_customers_are_worth_what_their_list_says(value, said):
    facts = replace(MONTHS["good"], lists=(), overdue=5, overdue_value=value)
    first = page(facts, "en")
    lead = " ".join(first.select_one(".leads > div:nth-of-type(2) .lead").get_text(" ", strip=True).split())
    assert f"5 customers are silent for longer than is usual for them{said}" in lead.replace(" ;", ";")
    assert first.select_one(".finding.do h2").get_text() == "5 customers are silent for longer than usual"
    assert first.select_one("a.see")["href"] == "lists/overdue.html"


def test_advice_leads_to_its_own_list():
    first = page(MONTHS["good"], "en")
    assert {first.select_one("a.see")["href"], first.select_one(".finding.do .all a")["href"]} == {"lists/at_risk.html"}


def test_a_small_control_group_promises_nothing():
    few = replace(MONTHS["good"].lists[0], write_to=24, control=1)
    text = page(replace(MONTHS["good"], lists=(few,)), "en").select_one(".finding.do").get_text()
    assert "So few are left alone that the next month cannot say" in text
    assert "can say what writing brought" not in text
