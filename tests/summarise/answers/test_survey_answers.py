"""Survey meets behaviour, by hand: three customers of each kind and what they did next."""

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_kit import summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.summarise.answers.band_behaviour import band_behaviour
from retention_kit.summarise.answers.band_value import _with_shares, band_value
from retention_kit.summarise.answers.comments import comments


def table(rows, columns, moment):
    frame = pd.DataFrame(rows, columns=columns)
    frame[moment] = pd.to_datetime(frame[moment])
    return frame


def surveys():
    rows = [
        ("2024-01-05", 10.0, "ann", "Lovely"),
        ("2024-01-06", 9.0, "bob", None),
        ("2024-02-06", 10.0, "cid", "  "),
        ("2024-01-07", 3.0, "dan", "Late\n<script>alert('x')</script>"),
        ("2024-01-08", 0.0, "eve", "Broken & late"),
        ("2024-01-09", None, "fay", "no score"),
        ("2024-02-20", 0.0, "ann", "Changed my mind"),  # the first answer stays her band for behaviour
        ("2024-01-10", 8.0, None, "Who am I"),
    ]
    frame = table(rows, ["answered_at", "score", "customer_id", "comment"], "answered_at")
    return ibis.memtable(frame.assign(kind="nps"))


def orders():
    rows = [
        ("ann", "2024-01-01", 99.0),  # before the answer
        ("ann", "2024-01-20", 99.0),  # same month as the answer
        ("ann", "2024-02-01", 10.0),
        ("ann", "2024-02-28", 20.0),
        ("ann", "2024-03-01", 5.0),
        ("bob", "2024-02-10", 50.0),
        ("bob", "2024-03-02", -50.0),  # a refund is money, not a visit
        ("cid", "2024-03-03", 40.0),
        ("dan", "2024-04-02", 7.0),
        ("zed", "2024-02-02", 1000.0),  # never answered
    ]
    return ibis.memtable(table(rows, ["customer_id", "ordered_at", "amount"], "ordered_at"))


def test_retention_and_spend_after_the_answer_by_hand():
    found = band_behaviour(surveys(), orders(), as_of="2024-03-31", periods=3).set_index(["band", "age"])
    assert found["customers"].to_dict() == {
        ("promoters", 1): 3, ("promoters", 2): 2, ("promoters", 3): 0,
        ("passives", 1): 0, ("passives", 2): 0, ("passives", 3): 0,
        ("detractors", 1): 2, ("detractors", 2): 2, ("detractors", 3): 0,
    }  # fmt: skip
    first, second = found.loc[("promoters", 1)], found.loc[("promoters", 2)]
    assert (first["active"], first["rate"], first["revenue"]) == (3, 1.0, 30 + 50 + 40)
    assert (second["active"], second["rate"], second["revenue"]) == (1, 0.5, 5 - 50)
    assert found.loc[("detractors", 1), "rate"] == 0
    assert found.loc[("promoters", 3)].drop("customers").isna().all()
    assert found.loc["passives"].drop(columns="customers").isna().all(axis=None)


def test_the_interval_of_spend_is_the_t_interval_of_every_customer():
    row = band_behaviour(surveys(), orders(), as_of="2024-03-31", periods=1).iloc[0]
    money = np.array([30.0, 50, 40])
    half = 4.302653 * money.std(ddof=1) / 3**0.5
    assert row["revenue_per_customer"] == pytest.approx(40)
    assert row["revenue_low"] == pytest.approx(40 - half, abs=1e-4)
    assert row["revenue_high"] == pytest.approx(40 + half, abs=1e-4)


def test_a_period_that_has_not_ended_is_not_counted():
    found = band_behaviour(surveys(), orders(), as_of="2024-03-30", periods=2).set_index(["band", "age"])
    assert found["customers"].to_dict()[("promoters", 1)] == 2
    assert found.loc[("promoters", 2), "customers"] == 0


def test_a_band_is_worth_its_share_of_revenue():
    people = pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "cid", "dan", "eve", "zed"],
            "revenue": [100.0, 50, 50, 150, 50, 600],
            "probability_alive": [0.9, 0.8, 0.7, 0.2, 0.4, 0.5],
            "lifetime_value": [10.0, 20, 30, 1, 2, 9],
            "lifetime_value_low": [5.0, 10, 15, 0, 1, 4],
            "lifetime_value_high": [20.0, 40, 60, 2, 4, 18],
        }
    )
    found = band_value(surveys(), people, as_of="2024-02-15").set_index("band")
    assert found["customers"].to_dict() == {"promoters": 3, "passives": 0, "detractors": 2, "no answer": 1}
    assert found.loc["detractors", "revenue_share"] == 0.2
    assert found.loc["detractors", "answered_share"] == 0.5
    assert found["revenue_share"].sum() == pytest.approx(1)
    assert found.loc["promoters", ["lifetime_value", "lifetime_value_low", "lifetime_value_high"]].tolist() == [
        60,
        30,
        120,
    ]
    assert found.loc["detractors", "probability_alive"] == pytest.approx(0.3)
    assert np.isnan(found.loc["passives", "probability_alive"])
    assert np.isnan(found.loc["no answer", "answered_share"])
    assert found.loc["passives", "answered_share"] == 0
    assert found.loc["passives", ["share_low", "share_high"]].isna().all()


def test_the_last_answer_decides_the_band_of_value():
    people = pd.DataFrame({"customer_id": ["ann", "bob"], "revenue": [100.0, 50]})
    found = band_value(surveys(), people, as_of="2024-03-31").set_index("band")
    assert found.loc["detractors", "revenue"] == 100
    there = band_value(surveys(), ibis.memtable(people), as_of="2024-03-31").set_index("band")
    pd.testing.assert_frame_equal(there, found)


def test_the_interval_of_a_share_covers_as_often_as_it_says():
    rng = np.random.default_rng(5)
    hits, rounds, n, truth = 0, 150, 300, 0.3 * 20 / (0.3 * 20 + 0.7 * 40)
    for _ in range(rounds):
        unhappy = rng.random(n) < 0.3
        bands = [rng.gamma(2, 10, unhappy.sum()), rng.gamma(2, 20, (~unhappy).sum())]
        sums = pd.DataFrame({"band": ["detractors", "promoters"], "customers": [len(b) for b in bands]})
        sums = sums.assign(revenue=[b.sum() for b in bands], squares=[(b**2).sum() for b in bands])
        row = _with_shares(sums, []).iloc[0]
        hits += row["share_low"] <= truth <= row["share_high"]
    assert 0.9 < hits / rounds < 0.99


def test_comments_come_worst_band_first_newest_first_and_escaped():
    found = comments(surveys(), as_of="2024-03-31")
    assert found["band"].tolist() == ["detractors"] * 3 + ["passives", "promoters"]
    assert found["comment"].tolist()[:3] == [
        "Changed my mind",
        "Broken &amp; late",
        "Late &lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;",
    ]
    assert len(comments(surveys(), as_of="2024-03-31", limit=1)) == 3
    assert "customer_id" not in found.columns


def test_a_survey_without_comments_has_none_to_list():
    bare = surveys().drop("comment")
    assert comments(bare, as_of="2024-03-31").empty


def test_satisfaction_on_ten_and_on_five_have_other_bands():
    asked = ibis.memtable(
        pd.DataFrame(
            {
                "answered_at": pd.to_datetime(["2024-01-01"] * 2),
                "kind": "csat",
                "score": [5.0, 9.0],
                "comment": ["a", "b"],
            }
        )
    )
    bands = comments(asked, as_of="2024-01-31", kind="csat", scale=10).set_index("comment")["band"].to_dict()
    assert bands == {"a": "not satisfied", "b": "satisfied"}
    five = comments(asked.filter(asked.score <= 5), as_of="2024-01-31", kind="csat").set_index("comment")["band"]
    assert five["a"] == "satisfied"


def scored(kind, **answers):
    """So many answers of each score, each of a customer of its own."""
    scores = [int(score[1:]) for score, number in answers.items() for _ in range(number)]
    return pd.DataFrame(
        {
            "answered_at": pd.Timestamp("2024-01-02"),
            "kind": kind,
            "score": scores,
            "customer_id": [f"c{i}" for i in range(len(scores))],
            "comment": "so",
        }
    )


FUNCTIONS = {
    "surveys": lambda asked, **how: summarise.surveys(asked, as_of="2024-01-31", **how),
    "comments": lambda asked, **how: comments(asked, as_of="2024-01-31", limit=1_000, **how),
    "band_value": lambda asked, **how: band_value(asked, people(asked), as_of="2024-01-31", **how),
    "band_behaviour": lambda asked, **how: band_behaviour(asked, bought(asked), as_of="2024-03-31", periods=1, **how),
}


def people(asked):
    return pd.DataFrame({"customer_id": asked["customer_id"], "revenue": 1.0})


def bought(asked):
    return pd.DataFrame({"customer_id": asked["customer_id"], "ordered_at": pd.Timestamp("2024-02-02"), "amount": 1.0})


def good(name, table):
    """How many answers are satisfied or agree, in the table of a function."""
    if name == "surveys":
        return int(table.filter(["satisfied", "agreeing"]).sum().sum())
    good = table["band"].isin(["satisfied", "agreeing"])
    return int(good.sum()) if name == "comments" else int(table.loc[good, "customers"].sum())


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("kind", "scale", "answers", "expected"),
    [
        ("csat", 7, {"s7": 60, "s6": 25, "s3": 15}, 85),
        ("csat", 3, {"s3": 5, "s2": 3, "s1": 2}, 8),
        ("csat", 4, {"s4": 5, "s3": 3, "s2": 2}, 8),
        ("csat", 6, {"s6": 5, "s5": 3, "s4": 2}, 8),
        ("csat", 10, {"s10": 5, "s9": 3, "s8": 2}, 8),
        ("ces", 5, {"s5": 30, "s4": 60, "s1": 10}, 90),
        ("ces", 7, {"s7": 30, "s5": 60, "s4": 10}, 90),
    ],
)
def test_the_bands_follow_the_scale_of_the_question(name, kind, scale, answers, expected):
    table = FUNCTIONS[name](scored(kind, **answers), kind=kind, scale=scale)
    assert good(name, table) == expected


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("kind", "top", "advice"),
    [
        ("csat", 7, "pass scale=7"),
        ("csat", 6, "pass scale=7"),
        ("csat", 9, "pass scale=10"),
        ("csat", 10, "pass scale=10"),
    ],
)
def test_scores_above_the_scale_are_refused_with_the_scale_that_reaches_them(name, kind, top, advice):
    asked = scored(kind, s1=3, **{f"s{top}": 4})
    with pytest.raises(DataError, match=f"csat scores run from 1 to 5; 4 lie outside.*{advice}") as caught:
        FUNCTIONS[name](asked, kind=kind)
    assert ("10" in str(caught.value)) == (top > 7)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("kind", "answers", "smaller"),
    [("ces", {"s5": 30, "s4": 60, "s1": 10}, 5), ("csat", {"s3": 10, "s2": 2}, 3), ("csat", {"s4": 10, "s2": 2}, 4)],
)
def test_answers_that_never_reach_the_top_of_the_usual_scale_are_warned_about(name, kind, answers, smaller):
    asked = scored(kind, **answers)
    with pytest.warns(RetentionKitWarning, match=f"pass scale={smaller}"):
        FUNCTIONS[name](asked, kind=kind)


def test_few_answers_and_a_scale_that_was_named_are_not_warned_about(recwarn):
    summarise.surveys(scored("ces", s5=5), as_of="2024-01-31", kind="ces")
    summarise.surveys(scored("ces", s5=50), as_of="2024-01-31", kind="ces", scale=7)
    assert not [w for w in recwarn if issubclass(w.category, RetentionKitWarning)]


@pytest.mark.parametrize(
    ("kind", "scale", "message"),
    [
        ("csat", 2, "from 3 to 10"),
        ("csat", 11, "from 3 to 10"),
        ("csat", True, "from 3 to 10"),
        ("csat", "7", "from 3 to 10"),
        ("csat", 7.5, "from 3 to 10"),
        ("ces", 6, "5 or 7"),
        ("nps", 5, "scale is 10"),
    ],
)
def test_a_scale_that_no_question_has_is_refused(kind, scale, message):
    with pytest.raises(ConfigError, match=message):
        summarise.surveys(scored(kind, s5=1), as_of="2024-01-31", kind=kind, scale=scale)


def test_requests_that_cannot_be_met_say_why():
    with pytest.raises(DataError, match="answers with a customer_id; got none"):
        band_behaviour(surveys().drop("customer_id"), orders(), as_of="2024-03-31")
    with pytest.raises(ConfigError, match="periods must be a whole number"):
        band_behaviour(surveys(), orders(), as_of="2024-03-31", periods=0)
    with pytest.raises(DataError, match="missing: revenue"):
        band_value(surveys(), pd.DataFrame({"customer_id": ["a"]}), as_of="2024-03-31")
