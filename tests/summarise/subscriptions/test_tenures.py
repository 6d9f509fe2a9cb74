"""How long customers paid, and what renews next month."""

import pandas as pd
import pandas.testing as pdt
import pytest
import subscription_cases as cases
from engines import frame_of

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.summarise import SubscriptionRules


@pytest.fixture(scope="module")
def rows():
    return cases.subscriptions()


def days(rows, **how):
    table = summarise.tenures(rows, as_of="2024-06-30", unit="day", **how)
    return {row.customer_id: (row.duration, row.ended) for row in table.itertuples()}


def test_tenures_by_hand(rows):
    """Everybody who ever paid, from the first paid day to the first time without, or to the end of 30 June."""
    assert days(rows) == {
        "ann": (173, False), "bob": (178, False), "cat": (163, False), "dan": (43, True), "eve": (10, True),
        "fay": (22, True), "gus": (118, False), "ida": (69, True), "jon": (140, False), "kim": (168, False),
        "leo": (171, False), "mia": (87, True), "ned": (90, True), "oli": (61, True), "pia": (127, True),
        "una": (116, False), "vic": (30, False), "zoe": (1, False),
    }  # fmt: skip


def test_short_gaps_and_pauses_need_not_end_a_tenure(rows):
    assert days(rows, lapse_after=7)["mia"] == (180, False)
    assert days(rows, rules=SubscriptionRules(pauses="kept"))["ida"] == (151, False)
    assert days(rows, rules=SubscriptionRules(trials="count"))["hal"] == (14, True)


def test_a_later_run_changes_no_tenure_that_has_ended(rows):
    early = summarise.tenures(rows, as_of="2024-03-31", unit="day").set_index("customer_id")
    late = summarise.tenures(rows, as_of="2024-06-30", unit="day").set_index("customer_id").loc[early.index]
    gone = early["ended"]
    pdt.assert_frame_equal(early[gone], late[gone])


def test_tenures_feed_survival_curves_by_group(rows):
    table = summarise.tenures(rows, as_of="2024-06-30", by="country")
    assert list(table.columns) == ["customer_id", "country", "began", "duration", "ended"]
    curves = summarise.survival(table["duration"], table["ended"], table["country"])
    assert curves.groupby("group")["at_risk"].first().to_dict() == {"(none)": 2, "PL": 3, "TW": 2, "US": 11}
    assert table.set_index("customer_id").loc["ann", "duration"] == 173 / (365.25 / 12)


PLANS = pd.DataFrame(
    [
        # customer, subscription, started, ended, mrr, plan, trial ended
        ("monthly", "1", "2024-01-31", None, 10, "month", None),  # due on the 30th
        ("new", "2", "2024-03-31", None, 10, "month", None),
        ("year in april", "3", "2023-04-12", None, 5, "year", None),
        ("year in may", "4", "2023-05-12", None, 5, "year", None),
        ("ends when due", "5", "2024-01-15", "2024-04-15", 10, "month", None),
        ("ends later", "6", "2024-01-15", "2024-04-20", 10, "month", None),
        ("ended", "7", "2024-01-15", "2024-03-15", 10, "month", None),
        ("trial", "8", "2024-03-25", None, 10, "year", "2024-04-08"),
        ("tried", "9", "2024-03-01", None, 10, "month", "2024-03-08"),
        ("free", "10", "2024-03-01", None, 0, "free", None),
        ("later", "11", "2024-04-01", None, 10, "month", None),
    ],
    columns=[*cases.COLUMNS, "plan", "trial_ended_at"],
)
EVERY = {"month": 1, "year": 12}


def plans():
    times = {name: pd.to_datetime(PLANS[name]) for name in ("started_at", "ended_at", "trial_ended_at")}
    return PLANS.assign(**times)


def test_renewals_of_the_next_month_by_hand():
    found = summarise.renewals(plans(), as_of="2024-03-31", every=EVERY).sort_values("customer_id")
    assert found[["customer_id", "kind", "charge"]].to_numpy().tolist() == [
        ["ends later", "renewal", 10], ["monthly", "renewal", 10], ["new", "renewal", 10],
        ["trial", "first payment", 120], ["tried", "renewal", 10], ["year in april", "renewal", 60],
    ]  # fmt: skip
    assert found["due"].dt.strftime("%m-%d").tolist() == ["04-15", "04-30", "04-30", "04-08", "04-08", "04-12"]


def test_months_come_from_a_number_a_column_or_the_plan():
    rows = plans().assign(billed=12)
    assert set(summarise.renewals(rows, as_of="2024-03-31", every=12)["months"]) == {12}
    by_column = summarise.renewals(rows, as_of="2024-03-31", every="billed")
    assert by_column["customer_id"].tolist() == ["trial", "year in april"]
    with pytest.raises(DataError, match="no number of months for year"):
        summarise.renewals(rows, as_of="2024-03-31", every={"month": 1})
    with pytest.raises(DataError, match="no column weeks"):
        summarise.renewals(rows, as_of="2024-03-31", every="weeks")
    for wrong in (0, {"month": 0, "year": 12}, True, 1.5):
        with pytest.raises(ConfigError):
            summarise.renewals(rows, as_of="2024-03-31", every=wrong)


def test_the_column_billing_months_says_how_often_each_is_billed():
    """By the quarter, every two years, by the week (not known in whole months), by the month."""
    rows = pd.DataFrame(
        {
            "customer_id": ["quarter", "two years", "week", "month", "gone week"],
            "subscription_id": list("abcde"),
            "started_at": pd.to_datetime(["2024-01-10", "2022-04-10", "2024-01-10", "2024-01-10", "2023-01-10"]),
            "ended_at": pd.to_datetime([None, None, None, None, "2024-01-10"]),
            "mrr": [10, 10, 17.39, 10, 17.39],
            "billing_months": [3, 24, None, 1, None],
        }
    )
    with pytest.warns(RetentionKitWarning, match="1 of 4 running subscriptions do not say after how many whole months"):
        found = summarise.renewals(rows, as_of="2024-03-31")
    assert found[["customer_id", "months", "charge"]].to_numpy().tolist() == [
        ["month", 1, 10.0], ["quarter", 3, 30.0], ["two years", 24, 240.0],
    ]  # fmt: skip
    with pytest.warns(RetentionKitWarning):
        assert summarise.renewals(rows, as_of="2024-04-30")["customer_id"].tolist() == ["month"]


def test_nothing_is_due_where_every_subscription_has_ended():
    rows = plans().assign(ended_at=pd.Timestamp("2024-02-20"), billing_months=None)
    rows["started_at"] = pd.Timestamp("2024-01-20")
    assert summarise.renewals(rows, as_of="2024-03-31").empty


def test_nothing_is_guessed_where_nobody_says_how_often_a_bill_comes():
    with pytest.raises(DataError, match=r"no column billing_months; .* give every=, the months in a billing period"):
        summarise.renewals(plans(), as_of="2024-03-31")
    known = summarise.billing_months(plans(), EVERY)
    assert known["billing_months"].tolist()[:4] == [1, 1, 12, 12]
    assert known.set_index("customer_id")["billing_months"].isna()["free"]
    found = summarise.renewals(known, as_of="2024-03-31")
    assert found["charge"].sum() == summarise.renewals(plans(), as_of="2024-03-31", every=EVERY)["charge"].sum()


def test_the_months_of_a_row_go_before_those_of_its_plan():
    rows = plans().assign(billing_months=[3] + [None] * 10)
    for known in (
        summarise.billing_months(rows, EVERY),
        summarise.billing_months(load.subscriptions(rows), EVERY).to_pandas(),
    ):
        months = known.set_index("customer_id")["billing_months"]
        assert (months["monthly"], months["new"], months["trial"]) == (3, 1, 12)
    with pytest.raises(DataError, match="need the column plan"):
        summarise.billing_months(rows.drop(columns="plan"), EVERY)
    for wrong in ({"month": 0}, {"month": 1.5}, {"month": True}):
        with pytest.raises(ConfigError, match="whole months"):
            summarise.billing_months(rows, wrong)


def test_who_has_asked_to_cancel_does_not_renew_but_runs_on():
    rows = plans().assign(canceled_at=pd.Series(pd.NaT, range(len(PLANS)), dtype="datetime64[ns]"))
    rows.loc[rows["customer_id"] == "monthly", "canceled_at"] = pd.Timestamp("2024-03-31 22:00")
    rows.loc[rows["customer_id"] == "tried", "canceled_at"] = pd.Timestamp("2024-04-01")  # not known yet
    found = summarise.renewals(rows, as_of="2024-03-31", every=EVERY)
    assert "monthly" not in set(found["customer_id"])
    assert "tried" in set(found["customer_id"])
    ends = [summarise.periods(table, as_of="2024-03-31")["mrr_end"].iloc[-1] for table in (rows, plans())]
    assert ends[0] == ends[1]


def test_engines_agree_on_tenures_and_renewals(engine, rows):
    there = summarise.tenures(engine.table(rows), as_of="2024-06-30", lapse_after=7, by="country")
    here = summarise.tenures(rows, as_of="2024-06-30", lapse_after=7, by="country")
    pdt.assert_frame_equal(frame_of(there).drop(columns="began"), here.drop(columns="began"))
    there = frame_of(summarise.renewals(engine.table(plans()), as_of="2024-03-31", every=EVERY))
    here = summarise.renewals(plans(), as_of="2024-03-31", every=EVERY).sort_values("customer_id", ignore_index=True)
    columns = ["customer_id", "kind", "months", "charge"]
    pdt.assert_frame_equal(there[columns], here[columns], check_dtype=False)
    assert pd.to_datetime(there["due"]).tolist() == here["due"].tolist()
