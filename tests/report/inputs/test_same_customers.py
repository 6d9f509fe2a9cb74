"""The data page says where the ids of tables hardly meet."""

import pandas as pd

from retention_kit import load
from retention_kit.report.inputs.same_customers import with_meeting

ORDERS = pd.DataFrame({"customer_id": [str(i) for i in range(1, 41)], "ordered_at": "2024-05-20", "amount": 10})


def answers(ids):
    return load.surveys(pd.DataFrame({"customer_id": ids, "answered_at": "2024-05-02", "kind": "nps", "score": 9}))


def stretches(ids):
    about = {"subscription_id": ids, "started_at": "2024-05-01", "ended_at": "", "mrr": 9}
    return load.subscriptions(pd.DataFrame({"customer_id": ids} | about))


def said(name, dataset, **how):
    tables = {"orders": load.orders(ORDERS), name: dataset}
    notes = with_meeting(name, tables, **{"shown": True, **how}).source.warnings
    return [note.text for note in notes if note.name == "ids_hardly_meet"]


def test_answers_whose_ids_are_written_otherwise_are_named_with_both_spellings():
    assert said("surveys", answers([f"{i}-x" for i in range(1, 41)])) == [
        "0 of 40 customers who answered (0%) are in the orders; customer_id must be written alike in both tables: "
        "'1-x', '10-x', '11-x' here, '1', '10', '11' in the orders"
    ]


def test_no_id_is_shown_where_pages_hide_them():
    (text,) = said("surveys", answers(["x", "y"]), shown=False)
    assert text.endswith("written alike in both tables")


def test_ids_of_whole_floats_meet_the_orders():
    assert said("surveys", answers([f"{i}.0" for i in range(1, 41)])) == []


def test_subscribers_need_not_have_ordered_but_some_should():
    assert said("subscriptions", stretches(["1", *"abcdefg"])) == []
    assert len(said("subscriptions", stretches([f"c{i}" for i in range(20)]))) == 1
