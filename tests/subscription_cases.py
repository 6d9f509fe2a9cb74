"""A hand-made subscription business: one customer for each movement and awkward case, six months of 2024."""

import pandas as pd

COLUMNS = ["customer_id", "subscription_id", "started_at", "ended_at", "mrr"]
MONTHS = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01"]
CUSTOMERS = ["start", "kept", "new", "returned", "lost", "joined_and_left", "end", "customers"]
MRR = [
    "mrr_start", "mrr_new", "mrr_expansion", "mrr_reactivation", "mrr_contraction", "mrr_churn", "mrr_exchange",
    "mrr_end",
]  # fmt: skip

_ROWS = [
    # customer, subscription, started, ended, mrr: story
    ("ann", "a1", "2024-01-10", None, 10.00),  # stays
    ("bob", "b1", "2024-01-05", "2024-03-15", 20.00),  # moves up
    ("bob", "b1", "2024-03-15", None, 30.00),
    ("cat", "c1", "2024-01-20", "2024-04-01", 30.00),  # moves down in the first moment of April
    ("cat", "c1", "2024-04-01", None, 12.50),
    ("dan", "d1", "2024-01-08", "2024-02-20", 15.00),  # leaves
    ("eve", "e1", "2024-01-31", "2024-02-10", 10.00),  # leaves and comes back dearer
    ("eve", "e2", "2024-04-05", None, 12.00),
    ("fay", "f1", "2024-02-03", "2024-02-25", 40.00),  # joins and leaves in one month
    ("gus", "g1", "2024-02-20", None, 15.00),  # a trial to 5 March, then pays
    ("hal", "h1", "2024-03-01", "2024-03-15", 15.00),  # a trial that nobody paid for
    ("ida", "i1", "2024-02-01", "2024-04-10", 20.00),  # pauses
    ("ida", "i1", "2024-06-02", None, 20.00),
    ("jon", "j1", "2024-02-12", "2024-03-10", 10.00),  # up and down in one month
    ("jon", "j1", "2024-03-10", "2024-03-20", 25.00),
    ("jon", "j1", "2024-03-20", None, 18.00),
    ("kim", "k1", "2024-01-15", None, 10.00),  # two subscriptions, cancels one
    ("kim", "k2", "2024-02-15", "2024-05-20", 5.50),
    ("leo", "l1", "2024-01-12", "2024-05-12", 20.00),  # cancels on 25 April, is back before the paid time ends
    ("leo", "l2", "2024-04-28", None, 24.00),
    ("mia", "m1", "2024-01-03", "2024-03-30", 10.00),  # four days without
    ("mia", "m2", "2024-04-03", None, 10.00),
    ("ned", "n1", "2024-02-05", "2024-05-05", 8.00),  # moves to the free plan
    ("ned", "n1", "2024-05-05", None, 0.00),
    ("oli", "o1", "2024-01-09", "2024-03-10", 9.99),  # comes back and leaves again in one month
    ("oli", "o2", "2024-06-05", "2024-06-25", 9.99),
    ("pia", "p1", "2024-01-02", "2024-05-08", 7.00),  # leaves and comes back in one month
    ("pia", "p2", "2024-05-20", None, 9.00),
    ("una", "u1", "2024-03-07", "2024-04-07", 16.00),  # from monthly to yearly at the same price
    ("una", "u1", "2024-04-07", None, 16.00),
    ("vic", "v1", "2024-06-01", "2024-07-15", 11.00),  # will leave after as_of
    ("wim", "w1", "2024-01-01", None, 0.00),  # never paid
    ("xia", "x1", "2024-07-01", None, 50.00),  # comes after as_of
    ("zoe", "z1", "2024-06-30 23:59", None, 99.99),  # in the last minute
]
_TRIALS = {"g1": "2024-03-05", "h1": "2024-03-15"}
_COUNTRY = {"ann": "PL", "bob": "PL", "cat": "TW", "dan": "TW", "eve": "PL", "zoe": None, "fay": None}


def subscriptions():
    """The rows as load reads them."""
    rows = pd.DataFrame(_ROWS, columns=COLUMNS)
    rows["started_at"] = pd.to_datetime(rows["started_at"], format="mixed")
    rows["ended_at"] = pd.to_datetime(rows["ended_at"])
    rows["trial_ended_at"] = pd.to_datetime(rows["subscription_id"].map(_TRIALS))
    rows["status"] = "active"
    rows.loc[(rows["customer_id"] == "ida") & rows["ended_at"].notna(), "status"] = "paused"
    rows["canceled_at"] = pd.to_datetime(rows["subscription_id"].map({"l1": "2024-04-25"}))
    rows["country"] = [_COUNTRY.get(customer, "US") for customer in rows["customer_id"]]
    return rows


EXPECTED_CUSTOMERS = [
    # start kept new returned lost j&l end customers
    [0, 0, 10, 0, 0, 0, 10, 10],
    [10, 8, 3, 0, 2, 1, 11, 14],
    [11, 9, 2, 0, 2, 0, 11, 13],
    [11, 10, 0, 2, 1, 0, 12, 13],
    [12, 11, 0, 0, 1, 0, 11, 12],
    [11, 11, 2, 1, 0, 0, 14, 15],
]
EXPECTED_MRR = [
    # start, new, expansion, reactivation, contraction, churn, exchange, end
    [0, 141.99, 0, 0, 0, 0, 0, 141.99],
    [141.99, 38, 5.5, 0, 0, 25, 0, 160.49],
    [160.49, 31, 18, 0, 0, 19.99, 0, 189.5],
    [189.5, 0, 24, 22, 17.5, 20, 0, 198],
    [198, 0, 2, 0, 25.5, 8, 0, 166.5],
    [166.5, 110.99, 0, 20, 0, 0, 0, 297.49],
]
