"""Presets of survey services, on hand-made exports with every trap of theirs, cell by cell."""

# ruff: noqa: E501 (exports have long lines)

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "export.csv"
    path.write_bytes(text.strip("\n").encode(encoding) + b"\n")
    return path


def kept(data, *columns):
    frame = data.to_pandas()[list(columns)]
    for column in frame.select_dtypes("datetime"):
        frame[column] = frame[column].astype("str")
    return frame.astype(object).where(frame.notna(), None).values.tolist()


def refused(data):
    return [tuple(row) for row in data.refused[["row", "rule"]].values.tolist()]


TYPEFORM = """
#,"How likely are you to recommend us to a friend?","What is the main reason for your score?",email,Start Date (UTC),Submit Date (UTC),Network ID
r01,9,"Fast, friendly",ann@shop.example,2024-05-01 21:50:00,2024-05-01 22:30:00,n1
r02,10,,ben@shop.example,2024-05-02 08:00:00,2024-05-02 08:01:00,n2
r03,0,"Never
again",cid@shop.example,2024-05-02 09:00:00,2024-05-02 09:01:00,n3
r04,,,dan@shop.example,2024-05-03 09:00:00,2024-05-03 09:01:00,n4
r05,7,,,2024-05-04 09:00:00,2024-05-04 09:01:00,n5
r06,11,,eva@shop.example,2024-05-05 09:00:00,2024-05-05 09:01:00,n6
r07,8,,fay@shop.example,2024-05-06 09:00:00,,n7
r08,6,,gus@shop.example,2024-05-07 09:00:00,2024-05-07 09:01:00,n8
r09,-1,,hal@shop.example,2024-05-08 09:00:00,2024-05-08 09:01:00,n9
r10,nine,,ida@shop.example,2024-05-09 09:00:00,2024-05-09 09:01:00,n10
r11,10,Świetnie,jon@shop.example,2024-12-31 23:30:00,2024-12-31 23:31:00,n11
r12,7.5,,kim@shop.example,2024-05-10 09:00:00,2024-05-10 09:01:00,n12
"""


@pytest.mark.parametrize("preset", ["typeform", "auto"])
def test_typeform(tmp_path, preset):
    data = load.surveys(written(tmp_path, TYPEFORM, "utf-8-sig"), preset=preset, timezone="Europe/Warsaw")
    assert kept(data, "answered_at", "kind", "score", "customer_id", "comment") == [
        ["2024-05-02 00:30:00", "nps", 9.0, "ann@shop.example", "Fast, friendly"],
        ["2024-05-02 10:01:00", "nps", 10.0, "ben@shop.example", None],
        ["2024-05-02 11:01:00", "nps", 0.0, "cid@shop.example", "Never\nagain"],
        ["2024-05-03 11:01:00", "nps", None, "dan@shop.example", None],
        ["2024-05-04 11:01:00", "nps", 7.0, None, None],
        ["2024-05-07 11:01:00", "nps", 6.0, "gus@shop.example", None],
        ["2025-01-01 00:31:00", "nps", 10.0, "jon@shop.example", "Świetnie"],
    ]
    assert [rule for _, rule in refused(data)] == [
        "score_out_of_range", "missing_answered_at", "score_out_of_range", "unreadable_score", "score_out_of_range",
    ]  # fmt: skip


SURVEYMONKEY = """
Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,How likely is it that you would recommend us?,What could we improve?,
,,,,,,,,,Response,Open-Ended Response,Other (please specify)
1001,77,05/01/2024 09:50:00 AM,05/01/2024 09:58:12 AM,,ann@shop.example,,,,10 - Extremely likely,,
1002,77,05/02/2024 11:50:00 PM,05/02/2024 11:58:12 PM,,ben@shop.example,,,,9,More tea,x
1003,77,05/03/2024 12:05:00 AM,05/03/2024 12:15:00 AM,,,,,cus_3,0 - Not at all likely,,
1004,77,05/04/2024 12:05:00 PM,05/04/2024 12:15:00 PM,,dan@shop.example,,,,,,
1005,77,05/05/2024 01:05:00 PM,,,eva@shop.example,,,,7,,
1006,77,05/06/2024 01:05:00 PM,13/05/2024 01:15:00 PM,,fay@shop.example,,,,7,,
1007,77,05/07/2024 01:05:00 PM,05/07/2024 13:15:00 PM,,gus@shop.example,,,,7,,
1008,77,05/08/2024 01:05:00 PM,05/08/2024 01:15:00 PM,,hal@shop.example,,,,12,,
1009,77,05/09/2024 01:05:00 PM,05/09/2024 01:15:00 PM,,ida@shop.example,,,,8,"Comma, please",
1010,77,05/10/2024 01:05:00 PM,05/10/2024 01:15:00 PM,,jon@shop.example,,,,6,,
1011,77,05/11/2024 01:05:00 PM,05/11/2024 01:15:00 PM,,kim@shop.example,,,,very likely,,
1012,77,05/12/2024 01:05:00 PM,05/12/2024 01:15:00 PM,,lee@shop.example,,,,5,,
"""


@pytest.mark.parametrize("preset", ["surveymonkey", "auto"])
def test_surveymonkey_with_two_header_rows(tmp_path, preset):
    text = SURVEYMONKEY.replace("13/05/2024", "02/30/2024")
    data = load.surveys(written(tmp_path, text), preset=preset)
    assert kept(data, "answered_at", "score", "customer_id", "comment", "Other (please specify)") == [
        ["2024-05-01 09:58:12", 10.0, "ann@shop.example", None, None],
        ["2024-05-02 23:58:12", 9.0, "ben@shop.example", "More tea", "x"],
        ["2024-05-03 00:15:00", 0.0, "cus_3", None, None],
        ["2024-05-04 12:15:00", None, "dan@shop.example", None, None],
        ["2024-05-09 13:15:00", 8.0, "ida@shop.example", "Comma, please", None],
        ["2024-05-10 13:15:00", 6.0, "jon@shop.example", None, None],
        ["2024-05-12 13:15:00", 5.0, "lee@shop.example", None, None],
    ]
    assert refused(data) == [
        (7, "missing_answered_at"), (8, "unreadable_answered_at"), (9, "unreadable_answered_at"),
        (10, "score_out_of_range"), (13, "unreadable_score"),
    ]  # fmt: skip
    assert "answered_at: the month is first" in data.source.assumptions


def test_surveymonkey_with_mixed_dates_refuses_the_ambiguous(tmp_path):
    data = load.surveys(written(tmp_path, SURVEYMONKEY.replace("05/12/2024", "05/31/2024")), preset="surveymonkey")
    assert kept(data, "answered_at", "customer_id") == [
        ["2024-05-13 13:15:00", "fay@shop.example"],
        ["2024-05-31 13:15:00", "lee@shop.example"],
    ]


GOOGLE = """
Timestamp,Email Address,"How likely are you to recommend us, 0 to 10?",Why?
5/1/2024 9:58:12,ann@shop.example,9,Good
5/13/2024 0:05:00,ben@shop.example,10,
5/14/2024 23:59:59,,3,Slow
5/15/2024 9:00:00,dan@shop.example,,
5/32/2024 9:00:00,eva@shop.example,4,
5/16/2024 9:00:00,fay@shop.example,99,
5/17/2024 9:00:00,gus@shop.example,7,"Two
lines"
5/18/2024 9:00:00,hal@shop.example,0,
,ida@shop.example,7,
5/19/2024 24:00:00,jon@shop.example,7,
5/20/2024 9:00:00,kim@shop.example,8 (very likely),
5/21/2024 9:00:00,lee@shop.example,6,
"""
GOOGLE_ZH = """
時間戳記,電子郵件地址,您向朋友推薦我們的可能性有多大?,為什麼?
2024/5/1 上午 9:58:12,ann@shop.example,9,很好
2024/5/13 上午 12:05:00,ben@shop.example,10,
2024/5/14 下午 11:59:59,,3,慢
2024/5/15 上午 9:00:00,dan@shop.example,,
2024/5/32 上午 9:00:00,eva@shop.example,4,
2024/5/16 上午 9:00:00,fay@shop.example,99,
2024/5/17 上午 9:00:00,gus@shop.example,7,"兩
行"
2024/5/18 上午 9:00:00,hal@shop.example,0,
,ida@shop.example,7,
2024/5/19 下午 13:00:00,jon@shop.example,7,
2024/5/20 上午 9:00:00,kim@shop.example,8 (很可能),
2024/5/21 上午 9:00:00,lee@shop.example,6,
"""


@pytest.mark.parametrize("preset", ["google_forms", "auto"])
@pytest.mark.parametrize("text", [GOOGLE, GOOGLE_ZH], ids=["English", "Chinese"])
def test_google_forms(tmp_path, preset, text):
    data = load.surveys(written(tmp_path, text), preset=preset, timezone="Asia/Taipei")
    assert kept(data, "answered_at", "kind", "score", "customer_id") == [
        ["2024-05-01 09:58:12", "nps", 9.0, "ann@shop.example"],
        ["2024-05-13 00:05:00", "nps", 10.0, "ben@shop.example"],
        ["2024-05-14 23:59:59", "nps", 3.0, None],
        ["2024-05-15 09:00:00", "nps", None, "dan@shop.example"],
        ["2024-05-17 09:00:00", "nps", 7.0, "gus@shop.example"],
        ["2024-05-18 09:00:00", "nps", 0.0, "hal@shop.example"],
        ["2024-05-20 09:00:00", "nps", 8.0, "kim@shop.example"],
        ["2024-05-21 09:00:00", "nps", 6.0, "lee@shop.example"],
    ]
    assert [rule for _, rule in refused(data)] == [
        "unreadable_answered_at", "score_out_of_range", "missing_answered_at", "unreadable_answered_at",
    ]  # fmt: skip
    assert kept(data, "comment")[0] in (["Good"], ["很好"])


DELIGHTED = """
score,comment,survey_type,created_at,person_email,person_properties.Country
9,Great,nps,2024-05-01 22:30:00 UTC,ann@shop.example,PL
4,Fine,csat,2024-05-02 08:00:00 -0700,ben@shop.example,US
6,,ces,1714640400,cid@shop.example,TW
10,,nps,2024-05-03 08:00:00 UTC,,PL
0,Bad,NPS,2024-05-04 08:00:00 UTC,dan@shop.example,PL
8,,ces,2024-05-05 08:00:00 UTC,eva@shop.example,PL
3,,smileys,2024-05-06 08:00:00 UTC,fay@shop.example,PL
,,nps,2024-05-07 08:00:00 UTC,gus@shop.example,PL
7,,,2024-05-08 08:00:00 UTC,hal@shop.example,PL
7,,nps,yesterday,ida@shop.example,PL
0,,csat,2024-05-10 08:00:00 UTC,jon@shop.example,PL
7,,nps,2024-05-11 08:00:00 UTC,kim@shop.example,TW
"""


@pytest.mark.parametrize("preset", ["delighted", "auto"])
def test_delighted(tmp_path, preset):
    data = load.surveys(written(tmp_path, DELIGHTED), preset=preset, timezone="Europe/Warsaw")
    assert kept(data, "answered_at", "kind", "score", "customer_id", "person_properties.Country") == [
        ["2024-05-02 00:30:00", "nps", 9.0, "ann@shop.example", "PL"],
        ["2024-05-02 17:00:00", "csat", 4.0, "ben@shop.example", "US"],
        ["2024-05-02 11:00:00", "ces", 6.0, "cid@shop.example", "TW"],
        ["2024-05-03 10:00:00", "nps", 10.0, None, "PL"],
        ["2024-05-04 10:00:00", "nps", 0.0, "dan@shop.example", "PL"],
        ["2024-05-07 10:00:00", "nps", None, "gus@shop.example", "PL"],
        ["2024-05-11 10:00:00", "nps", 7.0, "kim@shop.example", "TW"],
    ]
    assert refused(data) == [
        (7, "score_out_of_range"), (8, "unknown_kind"), (10, "missing_kind"), (11, "unreadable_answered_at"),
        (12, "score_out_of_range"),
    ]  # fmt: skip


def test_a_form_without_a_question_to_recommend_says_what_it_looked_for():
    frame = pd.DataFrame({"#": ["1"], "Colour?": ["red"], "Submit Date (UTC)": ["2024-05-01"], "Network ID": ["n"]})
    with pytest.raises(DataError, match="preset typeform reads score from"):
        load.surveys(frame, preset="typeform")
    data = load.surveys(frame.assign(**{"Colour?": "8"}), preset="typeform", columns={"score": "Colour?"})
    assert kept(data, "score") == [[8.0]]
