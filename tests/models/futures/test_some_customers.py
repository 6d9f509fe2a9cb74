"""Samples of the customers of very large order logs."""

import hashlib

import numpy as np
import pandas as pd

from retention_kit import load
from retention_kit.models.futures.some_customers import pairs_of, some_customers, some_of_groups


def log(n=2_000):
    ids = [f"c{i}" for i in range(n)]
    return load.orders(pd.DataFrame({"customer_id": ids, "ordered_at": "2024-01-05", "amount": 5.0})).table


def in_sample(ids, pairs):
    return {id for id in ids if int(hashlib.md5(id.encode()).hexdigest()[:2], 16) < pairs}


def test_a_sample_is_the_customers_whose_hash_is_low():
    orders = log()
    ids = set(orders.customer_id.to_pandas())
    assert set(some_customers(orders, 32).customer_id.to_pandas()) == in_sample(ids, 32)
    assert some_customers(orders, 256) is orders


def test_small_groups_are_kept_whole():
    orders = log()
    customers = orders.select("customer_id").mutate(group=(orders.customer_id < "c2").ifelse("few", "many"))
    kept = some_of_groups(customers, "group", {"few": 256, "many": 16}).to_pandas()
    every = customers.to_pandas()
    many = every.loc[every["group"] == "many", "customer_id"]
    assert set(kept.loc[kept["group"] == "many", "customer_id"]) == in_sample(many, 16)
    assert (kept["group"] == "few").sum() == (every["group"] == "few").sum()


def test_as_many_pairs_are_taken_as_give_the_size():
    assert pairs_of(np.array([10, 1_000, 2_000, 10**9]), 1_000).tolist() == [256, 256, 128, 1]


def test_every_engine_has_the_same_sample(engine):
    frame = pd.DataFrame({"customer_id": [f"c{i}" for i in range(500)] + ["żółw", "龍"]})
    orders = engine.table(frame)
    kept = some_customers(orders, 64).customer_id.to_pandas()
    assert set(kept) == in_sample(frame["customer_id"], 64)
    groups = some_of_groups(orders.mutate(group=orders.customer_id.left(2)), "group", {"c1": 256, "c2": 8}).to_pandas()
    assert set(groups["customer_id"]) == {id for id in frame["customer_id"] if id[:2] == "c1"} | in_sample(
        frame.loc[frame["customer_id"].str.startswith("c2"), "customer_id"], 8
    )
