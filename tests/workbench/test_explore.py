"""The workbench without a browser: the code it gives makes its tables, answers are kept, faults are said in words."""

import itertools
import subprocess
import sys
import warnings

import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import extras, load, summarise
from retention_kit.errors import ConfigError, DataError, MissingExtraError, RetentionKitWarning
from retention_kit.workbench import explore
from retention_kit.workbench.choice import DEFINITIONS, Choice, cell, customers_cell
from retention_kit.workbench.kept_answers import Answers
from retention_kit.workbench.lab_panel import attempt, customers_reply, reply
from retention_kit.workbench.payload import shown

pytestmark = pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")
STRANGE = 'it\'s {odd} "quoted"\n\\ \u2028 </script>'


@pytest.fixture(scope="module")
def orders():
    """The orders of the store's first 300 customers, with a column whose values try to be code."""
    frame = load.sample("store").orders.to_pandas()
    frame = frame[frame["customer_id"] < "C00300"].copy()
    frame["strange {column}'s"] = frame["country"].replace("PL", STRANGE)
    return load.orders(frame)


@pytest.fixture(scope="module")
def answers(orders):
    return Answers(orders)


def run(code, orders):
    names = {"orders": orders}
    exec(compile(code, "cell", "exec"), names)
    return names


GROUPS = [(None, None), ("strange {column}'s", STRANGE)]
CHOICES = [
    Choice("2026-08-15", *rest, lapse)
    for *rest, lapse in (
        (period, definition, *group, lapse)
        for period, definition, group, lapse in itertools.product(("month", "quarter"), DEFINITIONS, GROUPS, (None, 90))
    )
]


@pytest.fixture
def computed_once(monkeypatch):
    """The code of 40 cells makes few different calls: each is computed once, apart from what the workbench keeps."""

    def remembering(function, calls):
        def call(*args, **request):
            key = repr(request)
            if key not in calls:
                calls[key] = function(*args, **request)
            return calls[key].copy()

        return call

    def switch_on():
        for name in ("cohorts", "periods"):
            monkeypatch.setattr(summarise, name, remembering(getattr(summarise, name), {}))

    return switch_on


def test_the_copied_code_makes_the_tables_of_every_choice(answers, orders, computed_once):
    shown_tables = [answers.tables(choice) for choice in CHOICES]
    computed_once()
    for choice, tables in zip(CHOICES, shown_tables, strict=True):
        made = run(cell(choice, "orders"), orders)
        for name in ("cohorts", "curve", "periods"):
            pdt.assert_frame_equal(getattr(tables, name), made[name], obj=f"{name} of {choice}")


@pytest.mark.parametrize("period", ["week", "day"])
def test_the_copied_code_of_a_short_log_makes_its_tables_by_week_and_day(period):
    frame = load.sample("store").orders.to_pandas()
    orders = load.orders(frame[frame["ordered_at"] < "2024-11-20"])
    choice = Choice("2024-11-18", period, "own_on_or_after", "country", "PL", 14)
    tables, made = Answers(orders).tables(choice), run(cell(choice, "orders"), orders)
    pdt.assert_frame_equal(tables.cohorts, made["cohorts"])
    pdt.assert_frame_equal(tables.periods, made["periods"])


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_the_list_of_a_cell_has_its_customers_and_its_code_makes_the_whole_list(answers, orders, definition):
    choice = Choice("2026-09-30", "quarter", definition, *GROUPS[1])
    cohorts = answers.tables(choice).cohorts
    for row in cohorts[cohorts["reached"] > 0].iloc[[0, 1, -1]].itertuples():
        asked = {"choice": vars(choice), "cohort": f"{row.cohort:%Y-%m-%d}", "age": row.age}
        listing = customers_reply(answers, "orders", asked)
        everybody = run(listing["code"], orders)["customers"].to_pandas()
        assert listing["all"] == row.active == len(everybody)
        first = everybody.sort_values(["revenue", "customer_id"], ascending=[False, True]).head(100)
        assert [line["customer_id"] for line in listing["rows"]] == first["customer_id"].tolist()


def test_a_list_is_bounded_and_says_of_how_many():
    answers = Answers(load.sample("cdnow"))
    choice = Choice("1998-06-30")
    asked = {"choice": vars(choice), "cohort": "1997-01-01", "age": None}
    listing = customers_reply(answers, "log", asked)
    assert (len(listing["rows"]), listing["all"]) == (100, 7846)
    assert listing["code"] == customers_cell(choice, "log", "1997-01-01", None)


def test_the_browser_gets_the_numbers_of_the_tables(answers):
    choice = Choice("2026-09-30", "quarter", by="country", value="TW", lapse_after=90)
    tables = answers.tables(choice)
    sent = shown(tables, "quarter")
    rates = tables.cohorts.pivot(index="cohort", columns="age", values="rate")
    cells = pd.DataFrame(sent["map"]["cells"]["share"], dtype="float64")
    pdt.assert_frame_equal(cells, rates.reset_index(drop=True), check_names=False, check_column_type=False)
    assert [c["size"] for c in sent["map"]["cohorts"]] == tables.cohorts.groupby("cohort")["size"].first().tolist()
    assert [row["revenue"] for row in sent["periods"]] == tables.periods["revenue"].tail(13).tolist()
    assert sent["map"]["cohorts"][0]["label"] == "2024 Q4"


def test_only_what_a_screen_can_show_is_sent():
    answers = Answers(load.sample("cdnow"))
    sent = shown(answers.tables(Choice("1998-06-30", "week")), "week")["map"]
    cells = sent["cells"]["share"]
    assert (len(cells), len(cells[0]), sent["all_cohorts"], sent["all_ages"]) == (13, 24, 13, 79)


def test_an_answer_is_computed_once_and_another_value_of_its_column_costs_nothing(answers, monkeypatch):
    calls = []
    for name in ("cohorts", "periods", "cohort_customers"):
        function = getattr(summarise, name)
        monkeypatch.setattr(
            summarise, name, lambda *a, function=function, name=name, **k: (calls.append(name), function(*a, **k))[1]
        )
    for value, lapse in (("PL", None), ("TW", None), ("PL", None), ("PL", 60)):
        choice = Choice("2026-08-31", by="country", value=value, lapse_after=lapse)
        reply(answers, choice, "orders")
    for _ in range(2):
        answers.customers(choice, "2025-01-01", None)
    assert calls == ["cohorts", "periods", "periods", "cohort_customers"]


def test_the_largest_group_is_shown_where_no_value_is_chosen(answers):
    answer = reply(answers, Choice("2026-09-30", by="country"), "orders")
    assert answer["choice"]["value"] == answer["values"][0]
    sizes = [answers.tables(Choice("2026-09-30", by="country", value=v)).periods["new"].sum() for v in answer["values"]]
    assert sizes == sorted(sizes, reverse=True)


def test_warnings_of_a_choice_are_shown_each_time_it_is_chosen():
    log = pd.DataFrame({"customer_id": ["a", "a", "b"], "amount": 1.0})
    log["ordered_at"] = pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-09"])
    answers = Answers(log)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        notes = [reply(answers, Choice("2024-12-31"), "log")["notes"] for _ in range(2)]
    assert notes[0] == notes[1]
    assert "No order after 2024-01-09" in notes[0][0]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"period": "day"}, "730 cohorts by 730 ages in 3 groups are 1,598,700 cells.*choose a longer period"),
        ({"by": "city", "value": "Warsaw"}, "orders have no column city"),
        ({"value": "DE"}, "No customer has country = 'DE' in the first order; there are"),
        ({"as_of": "1999-01-01", "by": None, "value": None}, "no order up to 1999-01-01"),
    ],
)
def test_what_cannot_be_shown_is_said_in_words(answers, choice, message):
    request = {"as_of": "2026-09-30", "by": "country", "value": "PL"} | choice
    with pytest.raises(DataError, match=message):
        answers.tables(Choice(**request))


def test_all_faults_of_a_request_are_one_error():
    with pytest.raises(ConfigError, match=r"4 faults: .* period .* definition .* lapse_after .* as_of"):
        Choice("soon", "fortnight", "ever", lapse_after=0)


def test_an_error_reaches_the_browser_as_a_sentence():
    def refused():
        raise DataError("The log has no order.")

    def broken():
        raise ZeroDivisionError("a fault of our own")

    assert attempt(refused) == {"error": "The log has no order."}
    assert "ZeroDivisionError: a fault of our own" in attempt(broken)["error"]


def test_columns_with_too_many_values_are_not_offered(orders):
    answers = Answers(orders)
    assert {"country", "channel"} <= set(answers.dimensions)
    assert not {"customer_id", "order_id", "amount"} & set(answers.dimensions)
    many = orders.to_pandas().assign(note=lambda t: t["order_id"])
    assert "note" not in Answers(load.orders(many)).dimensions


def test_without_the_extra_one_sentence_says_what_to_install(orders, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "anywidget" else object())
    with pytest.raises(MissingExtraError) as raised:
        explore(orders)
    assert str(raised.value) == (
        'The workbench needs packages that are not installed (anywidget): run pip install "retention-kit[lab]".'
    )


def test_the_package_itself_imports_nothing_for_it():
    code = "import sys, retention_kit; print('explore' in dir(retention_kit), 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False"]
