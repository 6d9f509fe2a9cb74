"""Surveys as their services export them: languages, lines of headers, previews, and which question is the score."""

# ruff: noqa: E501 (one case per line)

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
ANN, BEN = "ann@shop.example", "ben@shop.example"


def answers(data):
    frame = data.to_pandas()
    moments = frame["answered_at"].astype("datetime64[s]").astype("str")
    customers = [None if pd.isna(customer) else customer for customer in frame["customer_id"]]
    return list(zip(moments, frame["score"].fillna(-1), customers, strict=True))


@pytest.mark.parametrize("language", ["de", "fr", "es", "pl", "zh", "ja", "pt"])
def test_the_sheet_of_a_google_form_is_read_in_the_language_of_its_owner(language):
    data = load.surveys(EXPORTS / f"google_forms.{language}.csv", timezone="Europe/Warsaw")
    assert data.source.preset == "google_forms"
    assert answers(data) == [("2026-05-13 19:01:33", 9, ANN), ("2026-06-02 09:00:00", 4, BEN)]
    assert data.to_pandas()["comment"].tolist() == ["a", "b"]


def test_a_google_form_as_downloaded_names_its_offset():
    data = load.surveys(EXPORTS / "google_forms.csv", timezone="UTC")
    assert answers(data) == [
        ("2026-05-28 17:01:33", 9, ANN), ("2026-05-28 21:14:09", 10, BEN), ("2026-11-30 23:05:00", 3, "cid@shop.example"),
        ("2026-12-02 08:00:00", 6, None),
    ]  # fmt: skip
    assert data.refused["rule"].tolist() == ["score_out_of_range"]
    data = load.surveys(EXPORTS / "google_forms.es_form.csv", timezone="UTC")
    assert answers(data) == [
        ("2026-02-14 01:26:52", 9, "ana@shop.example"),
        ("2026-02-14 12:00:00", 0, "luis@shop.example"),
    ]


def test_answers_of_qualtrics_are_in_the_time_zone_that_its_headers_name_and_previews_do_not_count():
    data = load.surveys(EXPORTS / "qualtrics.csv")
    assert data.timezone == "America/Denver"
    assert answers(data) == [
        ("2026-05-31 22:30:00", 9, ANN), ("2026-06-01 08:00:00", 10, "C-3"), ("2026-06-02 09:00:00", 7, None),
    ]  # fmt: skip
    assert Counter(data.refused["rule"]) == {"preview": 1, "not_finished": 1}
    assert data.refused["row"].tolist() == [5, 7]
    assert data.source.columns["score"] == "Q1"
    assert data.source.columns["comment"] == "Q2"


def test_another_business_time_zone_moves_the_answers_of_qualtrics():
    data = load.surveys(EXPORTS / "qualtrics.csv", timezone="Europe/Warsaw")
    assert [moment for moment, _, _ in answers(data)] == [
        "2026-06-01 06:30:00", "2026-06-01 16:00:00", "2026-06-02 17:00:00",
    ]  # fmt: skip
    note = "answered_at: times without an offset are those of America/Denver, shown in Europe/Warsaw"
    assert note in data.source.assumptions


def test_codes_of_qualtrics_are_read_like_its_words():
    data = load.surveys(EXPORTS / "qualtrics.numbers.csv")
    assert data.timezone == "UTC"
    assert answers(data) == [("2026-05-31 22:30:00", 9, ANN), ("2026-06-01 08:00:00", 10, "C-3")]
    assert Counter(data.refused["rule"]) == {"preview": 1, "not_finished": 1}


def test_qualtrics_is_read_from_a_workbook_too(tmp_path):
    rows = pd.read_csv(EXPORTS / "qualtrics.csv", header=None, dtype=str)
    rows.to_excel(tmp_path / "answers.xlsx", index=False, header=False)
    data = load.surveys(tmp_path / "answers.xlsx")
    assert answers(data) == answers(load.surveys(EXPORTS / "qualtrics.csv"))
    assert data.timezone == "America/Denver"


@pytest.mark.parametrize(
    ("name", "expected", "rules"),
    [
        ("tally", [("2024-08-11 23:25:40", 10, ANN), ("2024-08-12 08:00:00", 4, BEN), ("2024-08-13 08:00:00", -1, None)], {}),
        ("typeform", [("2023-01-23 06:24:12", 9, ANN), ("2023-01-31 23:30:00", 2, BEN)], {"missing_answered_at": 1}),
        ("surveymonkey", [("2024-05-13 09:58:12", 10, ANN), ("2024-05-14 23:58:12", 3, "cus_2")], {"missing_answered_at": 1}),
        ("delighted", [("2024-05-01 22:30:00", 9, ANN), ("2024-05-02 09:00:00", 4, BEN)], {}),
    ],
)  # fmt: skip
def test_an_export_of_a_survey_service_is_recognised(name, expected, rules):
    data = load.surveys(EXPORTS / f"{name}.csv", timezone="UTC")
    assert data.source.preset == name
    assert answers(data) == expected
    assert Counter(data.refused["rule"]) == rules


OPEN, SCALE = "Would you recommend us to others and why?", "How likely are you to recommend us?"


@pytest.mark.parametrize("headers", [[OPEN, SCALE], [SCALE, OPEN]])
@pytest.mark.parametrize("scores", [["9", "10", "0"], ["9 - likely", "", "10 (very)"], ["", "", "7"]])
def test_the_score_is_the_question_that_holds_numbers_whichever_comes_first(headers, scores):
    cells = {OPEN: ["yes, the tea", "no", "of course"], SCALE: scores}
    frame = pd.DataFrame({"Timestamp": "2026-05-13 10:00:00", **{h: cells[h] for h in headers}})
    data = load.surveys(frame)
    assert data.source.preset == "google_forms"
    assert data.source.columns["score"] == SCALE
    assert data.source.columns["comment"] == OPEN


@pytest.mark.parametrize("sign", [" | ", " + ", "/", "(0-10) ?"])
def test_a_question_may_hold_the_signs_of_the_language_of_presets(sign):
    question = f"How likely{sign}to recommend us"
    data = load.surveys(pd.DataFrame({"Timestamp": ["2026-05-13"], "Recommend, why?": ["tea"], question: ["9"]}))
    assert data.source.columns["score"] == question
    assert data.to_pandas()["score"].tolist() == [9.0]


def test_the_question_that_the_user_names_goes_first():
    frame = pd.DataFrame({"Timestamp": ["2026-05-13"], SCALE: ["9"], "Recommend the tea?": ["4"]})
    data = load.surveys(frame, columns={"score": "Recommend the tea?"})
    assert data.to_pandas()["score"].tolist() == [4.0]


def scale_warning(scores, kind="nps"):
    data = load.surveys(pd.DataFrame({"answered_at": "2026-05-13", "kind": kind, "score": scores}))
    return [(note.rows, note.text) for note in data.source.warnings if note.name == "short_scale"]


@pytest.mark.parametrize(("scores", "highest"), [([1, 2, 3, 4, 5] * 3, 5), ([4, 4, 3, None], 4), ([1, 7] * 5, 7)])
def test_answers_that_go_no_higher_than_another_scale_are_warned_about_with_the_highest(scores, highest):
    [(rows, text)] = scale_warning(scores)
    assert rows == len([score for score in scores if score is not None])
    assert f"the highest is {highest};" in text


@pytest.mark.parametrize(
    ("scores", "kind"),
    [([5, 4], "nps"), ([1, 2, 6], "nps"), ([1, 2, 9] * 9, "nps"), ([1, 5] * 9, "csat"), ([None], "nps")],
)
def test_few_answers_high_answers_and_other_questions_are_not(scores, kind):
    assert scale_warning(scores, kind) == []


def test_a_form_of_five_stars_is_warned_about_and_can_be_read_as_csat(tmp_path):
    path = tmp_path / "form.csv"
    path.write_text(f"Timestamp,{SCALE}\n" + "".join(f"2026-05-{i:02} 10:00:00,{i % 5 + 1}\n" for i in range(1, 16)))
    assert "short_scale" in [note.name for note in load.surveys(path).source.warnings]
    data = load.surveys(path, columns={"kind": "=csat"})
    assert "short_scale" not in [note.name for note in data.source.warnings]
    assert set(data.to_pandas()["kind"]) == {"csat"}


def test_a_form_with_no_question_of_the_kind_says_what_it_looked_for():
    frame = pd.DataFrame(
        {"Submission ID": ["1"], "Respondent ID": ["r"], "Submitted at": ["2026-05-13"], "Colour": ["red"]}
    )
    with pytest.raises(DataError, match="preset tally reads score from"):
        load.surveys(frame)
