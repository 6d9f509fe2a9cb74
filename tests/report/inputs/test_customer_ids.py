"""What a report shows of the ids of customers: them, hashes, or nothing."""

import hashlib
import hmac

import numpy as np
import pandas as pd
import pytest
from report_cases import notebook

from retention_kit import report
from retention_kit.errors import ConfigError

LISTS = """\
customers = summarise.customers(log, as_of=as_of).to_pandas().sort_values("customer_id")
customers.nlargest(3, "revenue")[["customer_id", "revenue"]]"""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """60 customers known by e-mail, one row without a date, and a page that lists the best three and prints one."""
    folder = tmp_path_factory.mktemp("ids")
    rng = np.random.default_rng(3)
    people = [f"person{i:02}@shop.example" for i in range(60)]
    days = [f"2026-0{m}-{d:02}" for m in (2, 3, 4) for d in (3, 17)]
    table = pd.DataFrame([(who, day) for who in people for day in days], columns=["Email", "ordered_at"])
    table["amount"] = rng.gamma(2, 20, len(table)).round(2)
    table = table[rng.random(len(table)) < 0.8]
    table.loc[len(people) * 10] = ["person00@shop.example", "never", 5.0]
    table.to_csv(folder / "orders.csv", index=False)
    setup = "from retention_kit import load, summarise\nlog = load.orders(orders)"
    odd = "print(log.refused.to_string(), log.table.customer_id.min().execute())"
    notebook(folder / "own", "01_first", setup, LISTS, odd, "print('orders:', customers['orders'].sum())")
    return folder


def made(case, output, **options):
    config = report.Config(
        orders=report.Source(case / "orders.csv", columns={"customer_id": "Email"}), notebooks=case / "own",
        output=output, **options,
    )  # fmt: skip
    (month,) = report.run(config, months="2026-04")
    assert month.failures == {}
    files = [path for path in output.rglob("*") if path.is_file()]
    return month, {path.relative_to(month.index.parent.parent).as_posix(): path.read_bytes() for path in files}


def test_by_default_ids_are_shown(case, tmp_path):
    _, files = made(case, tmp_path / "r")
    assert b"@shop.example" in files["2026-04/01_first.html"]


def test_hashed_ids_are_hashed_in_pages_notebooks_data_and_lists(case, tmp_path, monkeypatch):
    monkeypatch.setenv("ID_SALT", "pepper-and-salt")
    options = {"customer_ids": "hashed", "salt": "env:ID_SALT", "actions": {"lists": ["champions"], "holdout": 0.2}}
    _, files = made(case, tmp_path / "r", **options)
    assert not [name for name, content in files.items() if b"@shop.example" in content or b"pepper-and" in content]
    frame = pd.read_csv(tmp_path / "r" / "2026-04" / "actions" / "champions.csv")
    ids = {hmac.new(b"pepper-and-salt", f"person{i:02}@shop.example".encode(), hashlib.sha256).hexdigest()
           for i in range(60)}  # fmt: skip
    assert len(frame)
    assert set(frame["customer_id"]) <= ids


def test_without_ids_no_list_of_customers_is_left_and_the_other_numbers_stay(case, tmp_path):
    _, shown = made(case, tmp_path / "s")
    _, files = made(case, tmp_path / "n", customer_ids="none")
    assert not [name for name, content in files.items() if b"@shop.example" in content]
    page = files["2026-04/01_first.html"].decode()
    assert "A list of customers is left out" in page
    assert "person" not in page
    orders = f"orders: {len(pd.read_csv(case / 'orders.csv')) - 1}"
    assert orders in page
    assert orders in shown["2026-04/01_first.html"].decode()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"customer_ids": "hidden"}, "customer_ids must be one of shown, hashed, none, got 'hidden'"),
        ({"customer_ids": "hashed"}, "customer_ids hashed needs salt = env:NAME"),
        ({"customer_ids": "hashed", "salt": "pepper"}, "customer_ids hashed needs salt = env:NAME"),
        ({"customer_ids": "hashed", "salt": "env:NOT_SET_AT_ALL"}, "NOT_SET_AT_ALL, which is not set"),
        ({"customer_ids": "none", "actions": {"holdout": 0.1}}, "action lists are useless without ids"),
        ({"customer_ids": True}, "customer_ids must be text"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_read(options, says):
    with pytest.raises(ConfigError, match=says):
        report.Config(**options)
