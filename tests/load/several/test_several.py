"""Several sources as one table: each read by its own rules, one time zone and currency, no payment counted twice."""

# ruff: noqa: E501 (exports have long lines)

import re
from pathlib import Path

import pandas as pd
import pytest
import several_shops

from retention_kit import load
from retention_kit.errors import ConfigError, DataError
from retention_kit.load.several.parts import labels

DICTIONARY = (Path(__file__).parents[3] / "data" / "README.md").read_text(encoding="utf-8")
SHOPIFY = """\
Name,Email,Financial Status,Currency,Total,Created at,Lineitem name,Refunded Amount,Id,Payment Reference,Source
#1001,Ann@shop.example,paid,EUR,25.00,2026-05-01 09:58:12 +0000,Tea,0.00,501,c10.1,web
#1002,ben@shop.example,partially_refunded,EUR,40.00,2026-05-02 09:58:12 +0000,Desk,15.50,502,c11.1,web
#1003,cid@shop.example,paid,EUR,10.00,2026-05-03 10:00:00 +0000,Pot,0.00,503,,web
#1004,cid@shop.example,paid,EUR,10.00,2026-05-03 10:05:00 +0000,Pot,0.00,504,,web
"""
STRIPE = """\
id,Created (UTC),Amount,Amount Refunded,Currency,Status,Customer ID,Customer Email,Description
ch_01,2026-05-01 09:58:00,25.00,0.00,eur,Paid,cus_1,ann@shop.example,Order #1001
ch_02,2026-05-03 10:05:05,10.00,0.00,eur,Paid,cus_3,CID@shop.example,
ch_03,2026-05-03 12:05:05,10.00,0.00,eur,Paid,cus_3,cid@shop.example,
ch_04,2026-05-03 10:00:05,10.00,0.00,eur,Failed,cus_3,cid@shop.example,
ch_05,2026-05-09 12:00:00,8.00,0.00,eur,Paid,cus_3,,
"""
PAYPAL = """\
Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID,Reference Txn ID,Invoice Number
05/02/2026,09:58:20,UTC,Ben,Express Checkout Payment,Completed,EUR,40.00,-1,39,other@shop.example,me@shop.example,T02,,c11.1
05/14/2026,10:00:00,UTC,Ben,Payment Refund,Completed,EUR,-15.50,1,-14.5,me@shop.example,other@shop.example,T03,T02,
05/14/2026,11:00:00,UTC,Ben,Payment Refund,Completed,EUR,-3.00,1,-2,me@shop.example,other@shop.example,T04,T02,
05/20/2026,11:00:00,UTC,Dan,Website Payment,Completed,EUR,7.00,-1,6,dan@shop.example,me@shop.example,T05,,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("exports")
    for name, text in (("a.csv", SHOPIFY), ("b.csv", STRIPE), ("c.csv", PAYPAL)):
        (place / name).write_text(text)
    return place


@pytest.fixture(scope="module")
def three(folder):
    return load.orders(folder, timezone="UTC")


def log(*rows, columns=("customer", "date", "total")):
    return pd.DataFrame(rows, columns=list(columns)).astype("str")


def kept(data, *columns):
    return data.to_pandas()[list(columns)].values.tolist()


def repeated(data):
    rows = data.refused[data.refused["rule"] == "duplicate_of_other_source"]
    return [tuple(row) for row in rows[["source", "row"]].values.tolist()]


# Three sources -----------------------------------------------------------------------------------------------------


def test_a_payment_that_shop_and_provider_saw_is_counted_once_under_the_customer_of_the_shop(three):
    assert kept(three, "source", "order_id", "customer_id", "amount") == [
        ["shopify", "#1001", "ann@shop.example", 25.0],
        ["shopify", "#1002", "ben@shop.example", 24.5],
        ["shopify", "#1003", "cid@shop.example", 10.0],
        ["shopify", "#1004", "cid@shop.example", 10.0],
        ["stripe", "ch_03", "cid@shop.example", 10.0],
        ["stripe", "ch_05", "cid@shop.example", 8.0],
        ["paypal", "T04", "ben@shop.example", -3.0],
        ["paypal", "T05", "dan@shop.example", 7.0],
    ]


def test_the_refused_row_names_the_row_that_it_repeats_and_what_they_have_in_common(three):
    rows = three.refused[three.refused["rule"] == "duplicate_of_other_source"]
    assert rows[["source", "row", "reason"]].values.tolist() == [
        ["stripe", 2, "the same payment as shopify row 2 (#1001), by its reference"],
        ["stripe", 3, "the same payment as shopify row 5 (#1004), by customer, amount and time"],
        ["paypal", 2, "the same payment as shopify row 3 (#1002), by its reference"],
        ["paypal", 3, "the same payment as shopify row 3 (#1002), by its reference"],
    ]
    assert rows["Amount"].tolist()[:2] == ["25.00", "10.00"]


def test_rows_read_are_rows_kept_and_refused_over_all_sources(three):
    source = three.source
    assert (source.rows_read, source.rows_kept, source.rows_refused) == (13, 8, 5)
    assert [(p.label, p.rows_read, p.rows_kept, p.rows_refused) for p in source.parts] == [
        ("shopify", 4, 4, 0),
        ("stripe", 5, 2, 3),
        ("paypal", 4, 2, 2),
    ]


def test_the_source_tells_of_every_part(three, folder):
    assert three.source.preset == "shopify, stripe, paypal"
    assert [p.name for p in three.source.parts] == [str(folder / name) for name in ("a.csv", "b.csv", "c.csv")]
    assert len({p.sha256 for p in three.source.parts} | {three.source.sha256}) == 4
    assert three.source.columns["amount"] == "Total (shopify); Amount (stripe); Gross (paypal)"
    assert "stripe: read as an export of the preset stripe" in three.source.assumptions
    assert any("Description (stripe)" in text and "Invoice Number" in text for text in three.source.assumptions)


def test_a_column_of_an_export_that_is_called_source_keeps_its_values(three):
    assert kept(three, "source_as_read")[0] == ["web"]


def test_the_same_purchase_two_hours_later_is_a_second_order_and_is_named(three):
    (note,) = [note for note in three.source.warnings if note.name == "near_other_source"]
    assert note.rows == 1
    assert "counted as orders of their own" in note.text


def test_what_is_saved_comes_back_with_all_its_parts(three, tmp_path):
    back = load.orders(three.save(tmp_path))
    assert back.source == three.source
    assert kept(back, "order_id", "amount") == kept(three, "order_id", "amount")
    three.save(tmp_path)


def test_the_account_of_the_data_names_every_source(three):
    facts = load.quality.source(three).values.tolist()
    assert ["source stripe", f"{three.source.parts[1].name}: 5 rows read, 2 kept, 3 refused"] in facts


def test_a_list_of_files_is_the_same_as_their_folder(three, folder):
    data = load.orders([folder / "a.csv", folder / "b.csv", folder / "c.csv"], timezone="UTC")
    assert data.table.schema() == three.table.schema()
    assert kept(data, *data.table.columns[:6]) == kept(three, *three.table.columns[:6])


def test_a_shop_goes_before_a_provider_wherever_it_stands_in_the_list(folder):
    data = load.orders([folder / "b.csv", folder / "a.csv"], timezone="UTC")
    assert repeated(data) == [("stripe", 2), ("stripe", 3)]
    assert data.to_pandas()["source"].tolist() == ["stripe"] * 2 + ["shopify"] * 4


# The truth ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_four_exports_of_one_shop_give_the_truth_to_the_cent_and_to_the_customer(tmp_path, seed):
    truth = several_shops.write(tmp_path, seed)
    orders = load.orders(tmp_path, timezone=several_shops.ZONE).to_pandas()
    money = orders.groupby("customer_id")["amount"].sum().round(2).to_dict()
    assert money == truth.customers
    assert (round(orders["amount"].sum(), 2), (orders["amount"] >= 0).sum()) == (truth.revenue, truth.orders)


# Matching, one rule at a time --------------------------------------------------------------------------------------

SHOP = log(
    ["ann@x.example", "2026-05-01 10:00", "10", "#7001"],
    ["ann@x.example", "2026-05-01 10:04", "10", "#7002"],
    ["ben@x.example", "2026-05-02 10:00", "20", "#7003"],
    ["cid@x.example", "2026-05-03 10:00", "30", "#7004"],
    columns=["customer", "date", "total", "order_id"],
)


def test_two_equal_purchases_within_minutes_in_one_source_are_two():
    paid = log(
        ["ann@x.example", "2026-05-01 10:05", "10"],
        ["ann@x.example", "2026-05-01 10:06", "10"],
        ["ann@x.example", "2026-05-01 10:07", "10"],
    )
    data = load.orders([load.Part(where=SHOP, name="shop"), load.Part(where=paid, name="paid")])
    assert len(repeated(data)) == 2
    assert data.source.rows_kept == 5


@pytest.mark.parametrize(
    ("row", "same"),
    [
        (["BEN@x.example", "2026-05-02 10:29", "20.00", "EUR", ""], True),
        (["ben@x.example", "2026-05-02 12:00", "20.00", "EUR", ""], False),
        (["ben@x.example", "2026-05-02 10:29", "20.01", "EUR", ""], False),
        (["ben@x.example", "2026-05-02 10:29", "20.00", "EUR", "for order 7003"], True),
        (["eve@x.example", "2026-05-09 10:29", "21.00", "EUR", "for order 7003"], False),
        (["eve@x.example", "2026-05-09 10:29", "20.00", "EUR", "WC-7003"], True),
        (["ben@x.example", "2026-05-09 10:29", "21.00", "EUR", "7003"], True),
        (["ben@x.example", "2026-05-09 10:29", "20.00", "EUR", "2 x 70034"], False),
    ],
)
def test_a_reference_needs_another_fact_and_facts_need_all_three(row, same):
    shop = SHOP.assign(currency="EUR")
    paid = log(row, columns=["customer", "date", "total", "currency", "description"])
    data = load.orders([load.Part(where=shop, name="shop"), load.Part(where=paid, name="paid")])
    assert repeated(data) == ([("paid", 0)] if same else [])
    assert data.source.rows_kept == (4 if same else 5)


def test_ten_euros_and_ten_dollars_are_two_payments_even_where_both_become_euros():
    rates = pd.DataFrame({"day": ["2026-04-30"], "currency": ["USD"], "rate": [0.5]})
    shop = log(["ann@x.example", "2026-05-01 10:00", "10", "EUR"], columns=["customer", "date", "total", "currency"])
    paid = log(["ann@x.example", "2026-05-01 10:02", "10", "USD"], columns=["customer", "date", "total", "currency"])
    twin = paid.assign(currency="EUR", total="10.00", date="2026-05-01 10:03")
    parts = [load.Part(where=frame, name=name) for frame, name in ((shop, "shop"), (paid, "usd"), (twin, "eur"))]
    parts[1:] = [load.Part(where=p.where.assign(paid="card"), name=p.name) for p in parts[1:]]
    parts[2] = load.Part(where=parts[2].where.assign(by="hand"), name="eur")
    data = load.orders(parts, currency="EUR", rates=rates)
    assert kept(data, "source", "amount", "currency_as_read") == [["shop", 10.0, "EUR"], ["usd", 5.0, "USD"]]
    assert repeated(data) == [("eur", 0)]


def test_where_a_source_knows_only_the_day_the_day_is_compared():
    days = SHOP.assign(date=SHOP["date"].str[:10])
    paid = log(
        ["ann@x.example", "2026-05-01 22:00", "10"],
        ["ben@x.example", "2026-05-02 01:00", "20"],
        ["cid@x.example", "2026-05-04 00:10", "30"],
    )
    data = load.orders([load.Part(where=days, name="shop"), load.Part(where=paid, name="paid")])
    assert repeated(data) == [("paid", 0), ("paid", 1)]


def test_equal_sales_of_a_day_pair_off_one_to_one_however_many():
    till = log(*[["till", "2026-05-01", "3.50"] for _ in range(300)]).assign(shop="a")
    bank = log(*[["till", "2026-05-01", "3.50"] for _ in range(301)])
    data = load.orders([load.Part(where=till, name="till"), load.Part(where=bank, name="bank")])
    assert (len(repeated(data)), data.source.rows_kept) == (300, 301)


def test_two_exports_of_one_layout_repeat_each_other_only_under_the_same_number():
    may = SHOP.iloc[:3]
    june = SHOP.iloc[2:].copy()
    other = log(["ann@x.example", "2026-05-01 10:01", "10", "#9001"], columns=["customer", "date", "total", "order_id"])
    data = load.orders([load.Part(where=f, name=n) for f, n in ((may, "may"), (june, "june"), (other, "de"))])
    assert repeated(data) == [("june", 0)]


def test_logs_without_numbers_are_compared_by_their_facts_even_in_one_layout():
    shop = log(["ann@x.example", "2026-05-01 10:00", "10"], ["ben@x.example", "2026-05-01 10:00", "10"])
    paid = log(["Ann@x.example", "2026-05-01 10:06", "10.00"], ["ben@x.example", "2026-05-01 12:00", "10"])
    assert repeated(load.orders([shop, paid])) == [("DataFrame 2", 0)]
    branches = [log(["ann@x.example", "2026-05-01", "3.50"]) for _ in range(2)]
    assert repeated(load.orders(branches)) == []


def test_two_payment_providers_never_repeat_each_other_without_a_shop(tmp_path):
    paypal = PAYPAL.splitlines()[0] + (
        "\n05/01/2026,09:58:30,UTC,Ann,Express Checkout Payment,Completed,EUR,25.00,-1,24,ann@shop.example,me@shop.example,T9,,\n"
    )
    (tmp_path / "b.csv").write_text(STRIPE)
    (tmp_path / "c.csv").write_text(paypal)
    data = load.orders([tmp_path / "b.csv", load.Part(where=tmp_path / "c.csv", day_first=False)], timezone="UTC")
    assert repeated(data) == []


# Refunds -----------------------------------------------------------------------------------------------------------


def test_a_refund_without_a_reference_belongs_to_the_order_that_was_lowered_by_its_sum(folder):
    refund = (
        PAYPAL.splitlines()[0] + "\n" + PAYPAL.splitlines()[2].replace("other@", "ben@").replace(",T02,", ",,") + "\n"
    )
    other = refund.replace("-15.50", "-15.40")
    for text, rows in ((refund, [("paypal", 2)]), (other, [])):
        (folder / "refunds").mkdir(exist_ok=True)
        (folder / "refunds" / "c.csv").write_text(text)
        paid = load.Part(where=folder / "refunds" / "c.csv", day_first=False)
        data = load.orders([folder / "a.csv", paid], timezone="UTC")
        assert repeated(data) == rows


def test_a_refund_that_only_the_provider_took_off_is_named_with_its_sum(folder):
    (folder / "back.csv").write_text(STRIPE.replace("25.00,0.00", "25.00,5.00"))
    data = load.orders([folder / "a.csv", folder / "back.csv"], timezone="UTC")
    (note,) = [note for note in data.source.warnings if note.name == "refund_only_at_provider"]
    assert (note.rows, "5.00 in all" in note.text) == (1, True)
    (folder / "back.csv").unlink()


# Time zones and currencies -----------------------------------------------------------------------------------------


def test_each_source_is_read_in_its_own_zone_and_shown_in_that_of_the_business():
    shop = log(["ann", "2026-05-01 23:30", "10"])
    paid = log(["ann", "2026-05-01 17:31", "10"]).assign(by="card")
    days = log(["ben", "2026-05-01", "10"]).assign(till="1")
    parts = [
        load.Part(where=shop, name="shop"),
        load.Part(where=paid, name="paid", timezone="America/New_York"),
        load.Part(where=days, name="days", timezone="America/New_York"),
    ]
    data = load.orders(parts, timezone="Europe/Warsaw")
    assert repeated(data) == [("paid", 0)]
    assert (data.timezone, data.to_pandas()["ordered_at"].astype("str").tolist()) == (
        "Europe/Warsaw",
        ["2026-05-01 23:30:00", "2026-05-01 00:00:00"],
    )


def test_sources_in_several_zones_need_the_zone_of_the_business():
    frame = log(["ann", "2026-05-01 23:30", "10"])
    parts = [load.Part(where=frame, timezone=zone, name=zone) for zone in ("Europe/Warsaw", "Asia/Taipei")]
    with pytest.raises(ConfigError, match=r"several time zones, Europe/Warsaw .*, Asia/Taipei .*pass timezone="):
        load.orders(parts)


def test_sources_in_several_currencies_without_rates_are_named():
    frame = log(["ann", "2026-05-01 23:30", "10"])
    parts = [load.Part(where=frame, currency=code, name=f"in {code}") for code in ("EUR", "USD")]
    with pytest.raises(DataError, match=r"amounts are in EUR \(in EUR\), USD \(in USD\); pass currency="):
        load.orders(parts)


def test_rates_from_a_file_bring_sources_into_one_currency(tmp_path):
    (tmp_path / "rates.csv").write_text("day,currency,rate\n2026-05-01,USD,0.90\n")
    frame = log(["ann", "2026-05-01 23:30", "10"])
    parts = [load.Part(where=frame, currency="EUR"), load.Part(where=frame.assign(us="1"), currency="USD", name="us")]
    data = load.orders(parts, currency="EUR", rates=tmp_path / "rates.csv")
    assert kept(data, "amount", "currency") == [[10.0, "EUR"], [9.0, "EUR"]]
    assert data.currency == "EUR"
    one = load.orders(frame.assign(currency="USD"), currency="EUR", rates=str(tmp_path / "rates.csv"))
    assert kept(one, "amount") == [[9.0]]
    with pytest.raises(DataError, match=r"there is no file or folder .*none\.csv"):
        load.orders(frame.assign(currency="USD"), currency="EUR", rates=tmp_path / "none.csv")


def test_a_source_that_names_no_currency_is_taken_to_be_in_that_of_the_others_and_said_so():
    frame = log(["ann", "2026-05-01 23:30", "10"])
    data = load.orders(
        [load.Part(where=frame, currency="EUR", name="a"), load.Part(where=frame.assign(x="1"), name="b")]
    )
    (note,) = [note for note in data.source.warnings if note.name == "assumed_currency"]
    assert (note.rows, note.text[:24]) == (1, "b: the source names no c")


# What is given -----------------------------------------------------------------------------------------------------


def test_a_mapping_is_a_part_and_unknown_keys_are_named():
    frame = log(["ann", "2026-05-01", "10"], columns=["Who", "date", "total"])
    columns = {"customer_id": "Who"}
    data = load.orders([{"from": frame, "columns": columns, "name": "a"}, {"where": log(["ben", "2026-05-02", "5"])}])
    assert kept(data, "customer_id", "source") == [["ann", "a"], ["ben", "DataFrame"]]
    with pytest.raises(ConfigError, match=r"a part has the keys where, name, .*unknown: colums"):
        load.orders([{"where": frame, "colums": columns}, frame])


@pytest.mark.parametrize(
    ("given", "says"),
    [([], "a list of sources is empty"), ([["a.csv"]], "a part is one source"), ([3, 4], "a source is a path")],
)
def test_what_is_no_source_is_refused(given, says):
    with pytest.raises(ConfigError, match=says):
        load.orders(given)


def test_a_list_of_one_is_that_one():
    frame = log(["ann", "2026-05-01", "10"])
    data = load.orders([load.Part(where=frame, columns={"shop": "=web"})])
    assert kept(data, "customer_id", "shop") == [["ann", "web"]]
    assert "source" not in data.table.columns


def test_tables_that_were_loaded_before_and_samples_can_be_parts(tmp_path):
    first = load.orders(log(["ann", "2026-05-01", "10"], ["", "2026-05-01", "1"]))
    data = load.orders([first, first.save(tmp_path), "cdnow_sample"])
    assert kept(data, "customer_id", "amount")[:2] == [["ann", 10.0], ["ann", 10.0]]
    assert [part.rows_kept for part in data.source.parts] == [1, 1, 6919]


def test_the_faults_of_all_parts_are_one_error():
    good, bad, worse = log(["ann", "2026-05-01", "10"]), log(["a"], columns=["x"]), log(["b"], columns=["y"])
    with pytest.raises(DataError, match=r"(?s)Found: x.*Found: y"):
        load.orders([good, bad, worse])


def test_files_of_other_tables_in_a_folder_are_left_out_and_named(folder, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text((folder / name).read_text())
    (tmp_path / "answers.csv").write_text(
        "#,How likely are you to recommend us?,Submit Date (UTC),Network ID\n1,9,2026-05-01 10:00:00,n\n"
    )
    data = load.orders(tmp_path, timezone="UTC")
    assert [p.label for p in data.source.parts] == ["shopify", "stripe"]
    assert any("answers.csv (typeform)" in text for text in data.source.assumptions)
    (tmp_path / "b.csv").unlink()
    alone = load.orders(tmp_path, timezone="UTC")
    assert (alone.source.preset, alone.source.parts) == ("shopify", ())
    assert any("answers.csv (typeform)" in text for text in alone.source.assumptions)


def test_two_files_of_one_vendor_in_a_folder_are_one_source(tmp_path):
    (tmp_path / "a.csv").write_text(SHOPIFY)
    (tmp_path / "a2.csv").write_text(SHOPIFY.replace("#100", "#200").replace("2026-05", "2026-06"))
    (tmp_path / "b.csv").write_text(STRIPE)
    data = load.orders(tmp_path, timezone="UTC")
    assert [(p.label, p.rows_kept) for p in data.source.parts] == [("shopify", 8), ("stripe", 2)]


def test_every_table_can_have_several_sources():
    answers = pd.DataFrame({"date": ["2026-05-01"], "score": ["9"]})
    more = pd.DataFrame({"date": ["2026-05-02"], "score": ["3"], "comment": ["slow"]})
    data = load.surveys([answers, more], columns={"kind": "=nps"})
    assert kept(data, "score", "source") == [[9.0, "DataFrame"], [3.0, "DataFrame 2"]]
    visits = load.visits([pd.DataFrame({"day": ["2026-05-01"], "visitors": [n]}) for n in ("1", "2")])
    assert kept(visits, "visitors") == [[1], [2]]


def test_customers_known_by_name_beside_customers_known_by_address_are_named():
    data = load.orders([log(["ann@x.example", "2026-05-01", "1"]), log(["Ann", "2026-05-02", "1"]).assign(x="1")])
    assert "different_customer_keys" in [note.name for note in data.source.warnings]


def test_a_dimension_of_two_types_becomes_text():
    one = log(["ann", "2026-05-01", "1"]).assign(shop=[3])
    two = log(["ann", "2026-06-01", "1"]).assign(Shop=["four"])
    assert kept(load.orders([one, two]), "shop") == [["3"], ["four"]]


def test_a_part_of_which_nothing_can_be_read_is_an_error_and_one_without_sales_is_a_warning(folder, tmp_path):
    unread = log(["ann", "yesterday", "10"]).assign(x="1")
    with pytest.raises(DataError, match=r"none of 1 row can be used .*unreadable_ordered_at"):
        load.orders([log(["ann", "2026-05-01", "10"]), unread])
    (tmp_path / "b.csv").write_text("\n".join([STRIPE.splitlines()[0], STRIPE.splitlines()[4]]) + "\n")
    data = load.orders([folder / "a.csv", tmp_path / "b.csv"], timezone="UTC")
    (note,) = [note for note in data.source.warnings if note.name == "nothing_kept"]
    assert "stripe: none of 1 row can be used (not_paid 1)" in note.text


def test_labels_of_equal_sources_are_told_apart():
    assert labels([(None, None, "a/log.csv"), (None, None, "b/log.csv")]) == ["log", "log 2"]


@pytest.mark.parametrize("snippet", re.findall(r"```python\n(.*?)```", DICTIONARY, re.S))
def test_the_example_of_the_data_dictionary_runs(snippet, tmp_path, monkeypatch, capsys):
    (tmp_path / "exports").mkdir()
    several_shops.write(tmp_path / "exports", seed=7, orders=40)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(snippet, "data/README.md", "exec"), {"load": load}, names)
    assert names["orders"].source.parts
    capsys.readouterr()
