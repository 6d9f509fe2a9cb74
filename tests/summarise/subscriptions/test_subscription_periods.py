"""Period tables of subscriptions: a hand-made ledger, every rule, every fault."""

import pandas as pd
import pandas.testing as pdt
import pytest
import subscription_cases as cases

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise import SubscriptionRules

AS_OF = "2024-06-30"


@pytest.fixture(scope="module")
def data():
    return load.subscriptions(cases.subscriptions())


def table(data, *, as_of=AS_OF, lapse_after=None, by=None, rates=None, period="month", **rules):
    return summarise.periods(
        data, as_of=as_of, lapse_after=lapse_after, by=by, rates=rates, period=period, rules=SubscriptionRules(**rules)
    )


@pytest.fixture(scope="module")
def whole(data):
    """The table by the default rules."""
    return table(data)


@pytest.fixture
def changed(data, whole):
    """What a rule changes in the hand-made table: (month, column) to (default, with the rule)."""
    return lambda **how: _changed(whole, table(data, **how))


def _changed(before, after):
    restated = summarise.restated(before, after)
    return {
        (row.period.month, row.figure): (round(row.before, 4), round(row.after, 4)) for row in restated.itertuples()
    }


def test_the_whole_ledger_by_hand(whole):
    found = whole
    assert found["period"].tolist() == list(pd.to_datetime(cases.MONTHS))
    assert found[cases.CUSTOMERS].to_numpy().tolist() == cases.EXPECTED_CUSTOMERS
    assert found[cases.MRR].to_numpy().tolist() == cases.EXPECTED_MRR
    assert found["complete"].all()


def test_the_default_rules_are_those_of_the_textbook(data, whole):
    pdt.assert_frame_equal(summarise.periods(data, as_of=AS_OF), whole)
    assert SubscriptionRules() == SubscriptionRules.of("textbook")


def test_a_trial_counts_from_its_end_or_from_its_start(changed):
    """gus tries from 20 February and pays from 5 March; hal tries in March and never pays."""
    assert changed(trials="count") == {
        (2, "new"): (3, 4), (2, "end"): (11, 12), (2, "customers"): (14, 15), (2, "mrr_new"): (38, 53),
        (2, "mrr_end"): (160.49, 175.49), (3, "start"): (11, 12), (3, "kept"): (9, 10), (3, "new"): (2, 1),
        (3, "joined_and_left"): (0, 1), (3, "customers"): (13, 14), (3, "mrr_start"): (160.49, 175.49),
        (3, "mrr_new"): (31, 16),
    }  # fmt: skip


def test_a_pause_is_lost_and_returned_or_kept(changed):
    """ida pauses from 10 April to 2 June."""
    assert changed(pauses="kept") == {
        (4, "kept"): (10, 11), (4, "lost"): (1, 0), (4, "end"): (12, 13), (4, "mrr_churn"): (20, 0),
        (4, "mrr_end"): (198, 218),
        (5, "start"): (12, 13), (5, "kept"): (11, 12), (5, "end"): (11, 12), (5, "customers"): (12, 13),
        (5, "mrr_start"): (198, 218), (5, "mrr_end"): (166.5, 186.5),
        (6, "start"): (11, 12), (6, "kept"): (11, 12), (6, "returned"): (1, 0), (6, "mrr_start"): (166.5, 186.5),
        (6, "mrr_reactivation"): (20, 0),
    }  # fmt: skip


def test_a_pause_that_has_not_ended_is_kept_too(data):
    row = table(data, as_of="2024-05-31", pauses="kept").iloc[-1]
    assert (row["end"], row["mrr_end"]) == (12, 186.5)


def test_back_within_some_days_is_a_continuation(changed):
    """Seven days: mia's four without do not count; fay leaves in March, and oli has not left yet at the end of June."""
    assert changed(lapse_after=7) == {
        (2, "new"): (3, 4), (2, "joined_and_left"): (1, 0), (2, "end"): (11, 12), (2, "mrr_new"): (38, 78),
        (2, "mrr_end"): (160.49, 200.49),
        (3, "start"): (11, 12), (3, "kept"): (9, 10), (3, "end"): (11, 12), (3, "customers"): (13, 14),
        (3, "mrr_start"): (160.49, 200.49), (3, "mrr_churn"): (19.99, 49.99), (3, "mrr_end"): (189.5, 199.5),
        (4, "start"): (11, 12), (4, "kept"): (10, 11), (4, "returned"): (2, 1), (4, "mrr_start"): (189.5, 199.5),
        (4, "mrr_reactivation"): (22, 12),
        (6, "returned"): (1, 2), (6, "end"): (14, 15), (6, "mrr_reactivation"): (20, 29.99),
        (6, "mrr_end"): (297.49, 307.48),
    }  # fmt: skip


def test_a_free_plan_is_lost_or_kept(changed):
    """ned moves to the free plan in May; wim, who never paid, is no customer by either rule."""
    assert changed(free="kept") == {
        (5, "kept"): (11, 12), (5, "lost"): (1, 0), (5, "end"): (11, 12), (5, "mrr_contraction"): (25.5, 33.5),
        (5, "mrr_churn"): (8, 0), (6, "start"): (11, 12), (6, "kept"): (11, 12), (6, "end"): (14, 15),
        (6, "customers"): (15, 16),
    }  # fmt: skip


def test_several_subscriptions_add_up_or_the_last_one_counts(changed):
    """kim runs two until May; leo bought the second while the first ran out."""
    assert changed(several="last") == {
        (2, "mrr_expansion"): (5.5, 0), (2, "mrr_contraction"): (0, 4.5), (2, "mrr_end"): (160.49, 150.49),
        (3, "mrr_start"): (160.49, 150.49), (3, "mrr_end"): (189.5, 179.5),
        (4, "mrr_start"): (189.5, 179.5), (4, "mrr_expansion"): (24, 4), (4, "mrr_end"): (198, 168),
        (5, "mrr_start"): (198, 168), (5, "mrr_contraction"): (25.5, 0), (5, "kept"): (11, 10), (5, "lost"): (1, 2),
        (5, "end"): (11, 10), (5, "mrr_churn"): (8, 13.5), (5, "mrr_end"): (166.5, 156.5),
        (6, "start"): (11, 10), (6, "kept"): (11, 10), (6, "end"): (14, 13), (6, "customers"): (15, 14),
        (6, "mrr_start"): (166.5, 156.5), (6, "mrr_end"): (297.49, 287.49),
    }  # fmt: skip


def test_cancelling_counts_at_the_end_of_the_paid_time_or_with_the_request(changed):
    """leo asked on 25 April and was back on the 28th: not counted twice at the end of April."""
    assert changed(ends="canceled_at") == {
        (4, "mrr_expansion"): (24, 4), (4, "mrr_end"): (198, 178), (5, "mrr_start"): (198, 178),
        (5, "mrr_contraction"): (25.5, 5.5),
    }  # fmt: skip


def test_every_change_can_be_a_movement_of_its_own(changed):
    """fay, jon, pia and oli each moved twice in one month; customers and the ends stay as they are."""
    assert changed(changes="each") == {
        (2, "mrr_new"): (38, 78), (2, "mrr_churn"): (25, 65), (3, "mrr_expansion"): (18, 25),
        (3, "mrr_contraction"): (0, 7),
        (5, "mrr_expansion"): (2, 0), (5, "mrr_reactivation"): (0, 9), (5, "mrr_churn"): (8, 15),
        (6, "mrr_reactivation"): (20, 29.99), (6, "mrr_churn"): (0, 9.99),
    }  # fmt: skip


def test_groups_are_those_of_the_first_row_and_add_up_to_the_whole(data, whole):
    parts = table(data, by="country")
    assert parts["country"].unique().tolist() == ["(none)", "PL", "TW", "US"]
    assert len(parts) == 4 * len(whole)
    added = parts.groupby("period")[cases.CUSTOMERS + cases.MRR].sum().reset_index(drop=True)
    pdt.assert_frame_equal(added, whole[cases.CUSTOMERS + cases.MRR], check_dtype=False)
    poland = parts[parts["country"] == "PL"]
    assert poland["mrr_end"].tolist() == [40, 30, 40, 52, 52, 52]


def test_who_moves_to_another_group_stays_in_the_first():
    rows = cases.subscriptions().query("customer_id == 'eve'").assign(country=["PL", "TW"])
    found = summarise.periods(rows, as_of=AS_OF, by="country")
    assert found["country"].unique().tolist() == ["PL"]
    assert found["mrr_reactivation"].sum() == 12


@pytest.mark.parametrize("period", ["day", "week", "quarter", "year"])
def test_every_length_of_period_ends_alike(data, period):
    found = table(data, period=period)
    assert (found["end"].iloc[-1], found["mrr_end"].iloc[-1]) == (14, 297.49)
    assert found["end"].iloc[:-1].tolist() == found["start"].iloc[1:].tolist()
    assert (found["new"] + found["joined_and_left"]).sum() == 18


def test_an_unfinished_month_ends_with_as_of(data):
    row = table(data, as_of="2024-05-09").iloc[-1]
    assert (row["complete"], row["lost"], row["end"], row["mrr_end"]) == (False, 2, 10, 183)


def test_an_unpaid_business_has_no_table():
    rows = cases.subscriptions().query("customer_id in ('hal', 'wim')")
    with pytest.raises(DataError, match="no paid subscription up to 2024-06-30"):
        summarise.periods(rows, as_of=AS_OF)


def memory(frame):
    """Rows that load would set aside, as they can come from an engine."""
    import ibis

    return ibis.memtable(frame)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("bob", "b1", "2024-05-01", None, 5.0), "customers bob have a subscription with two stretches at once"),
        (("new", "y1", "2024-05-01", "2024-04-01", 5.0), "customers new have a stretch that ends before it starts"),
        (("new", "y1", "2024-05-01", None, -5.0), "customers new have a negative mrr"),
        (("new", "y1", "2024-05-01", None, None), "customers new have a row without customer_id"),
        (("new", "a1", "2024-05-01", None, 5.0), "customers new share a subscription_id"),
        (("new", "a1", "2024-05-01", "2024-04-01", -5.0), "3 faults: .1. customers new .*; .2. customers new .*; .3."),
    ],
)
def test_rows_that_contradict_each_other_are_refused_by_name(row, message):
    extra = pd.DataFrame([row], columns=cases.COLUMNS)
    extra[["started_at", "ended_at"]] = extra[["started_at", "ended_at"]].astype("datetime64[us]")
    rows = pd.concat([cases.subscriptions()[cases.COLUMNS], extra], ignore_index=True)
    with pytest.raises(DataError, match=message):
        summarise.periods(memory(rows), as_of=AS_OF)


def test_stretches_at_once_are_no_fault_where_the_last_one_counts():
    extra = pd.DataFrame([("bob", "b1", pd.Timestamp("2024-05-01"), pd.NaT, 5.0)], columns=cases.COLUMNS)
    rows = pd.concat([cases.subscriptions()[cases.COLUMNS].query("customer_id == 'bob'"), extra], ignore_index=True)
    assert table(memory(rows), several="last")["mrr_end"].tolist() == [20, 20, 30, 30, 5, 5]


def test_a_rule_needs_its_column():
    rows = cases.subscriptions()[cases.COLUMNS]
    with pytest.raises(DataError, match="pauses='kept' subscriptions need the column status"):
        table(rows, pauses="kept")
    with pytest.raises(DataError, match="need the column canceled_at"):
        table(rows, ends="canceled_at")
    with pytest.raises(DataError, match="no column planet"):
        table(rows, by="planet")
    with pytest.raises(ConfigError, match="describes customers"):
        table(rows, by="customer_id")


def test_an_unknown_rule_is_refused():
    with pytest.raises(ConfigError, match=r"2 faults.*trials is one of leave_out, count; got 'maybe'.*pauses"):
        SubscriptionRules(trials="maybe", pauses="often")
    with pytest.raises(ConfigError, match="rules of textbook, chartmogul, profitwell, stripe; got 'acme'"):
        SubscriptionRules.of("acme")


def test_rules_belong_to_subscriptions():
    orders = pd.DataFrame({"customer_id": ["ann"], "ordered_at": [pd.Timestamp("2024-01-01")], "amount": [1]})
    with pytest.raises(ConfigError, match="belong to subscriptions"):
        table(orders)
    surveys = load.surveys(pd.DataFrame({"answered_at": ["2024-01-01"], "kind": ["nps"], "score": [9]}))
    with pytest.raises(DataError, match="made from orders or subscriptions; got surveys"):
        summarise.periods(surveys, as_of=AS_OF)


def test_the_customers_behind_every_figure_are_named(whole):
    moved = summarise.movements(cases.subscriptions(), as_of=AS_OF)
    who = moved[moved["period"] == pd.Timestamp("2024-05-01")].groupby("movement")["customer_id"].agg(list)
    assert who.to_dict() == {"churn": ["ned"], "contraction": ["kim", "leo"], "expansion": ["pia"]}
    june = moved[moved["period"] == pd.Timestamp("2024-06-01")].set_index("customer_id")
    assert june.loc["oli", ["movement", "mrr"]].tolist() == ["returned_and_left", 0]
    sums = moved.pivot_table(index="period", columns="movement", values="mrr", aggfunc="sum", fill_value=0)
    for movement in ("new", "expansion", "reactivation"):
        assert sums[movement].tolist() == pytest.approx(whole[f"mrr_{movement}"].tolist())
    assert (-sums["churn"]).tolist() == pytest.approx(whole["mrr_churn"].tolist())


def test_movements_stay_in_their_engine_and_may_be_each_change(data):
    each = summarise.movements(data, as_of=AS_OF, rules=SubscriptionRules(changes="each"), by="country")
    jon = each.filter(each.customer_id == "jon").order_by("moved_at").to_pandas()
    assert jon[["country", "movement", "mrr"]].to_numpy().tolist() == [
        ["US", "new", 10], ["US", "expansion", 15], ["US", "contraction", -7],
    ]  # fmt: skip


def test_a_frame_a_dataset_and_an_ibis_table_give_the_same(data, whole):
    frame = cases.subscriptions()
    pdt.assert_frame_equal(table(frame), whole)
    pdt.assert_frame_equal(table(data.table), whole)
    pdt.assert_frame_equal(frame, cases.subscriptions())
