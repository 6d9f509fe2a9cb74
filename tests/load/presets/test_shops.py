"""Presets of shops and payment services, on hand-made exports with every trap of theirs, cell by cell."""

# ruff: noqa: E501 (exports have long lines)

import pandas as pd
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError


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


SHOPIFY = """
Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Country,Cancelled at,Refunded Amount,Id,Tags
#1001,ann@shop.example,paid,2024-05-01 09:58:20 +0000,EUR,20.00,5.00,4.00,25.00,2024-05-01 09:58:12 +0000,2,Tea,5.00,PL,,0.00,501,
#1001,ann@shop.example,,,,,,,,2024-05-01 09:58:12 +0000,1,Cup,10.00,,,,,
#1002,ben@shop.example,paid,2024-05-01 23:30:00 +0000,EUR,7.00,0.00,1.00,7.05,2024-05-01 23:30:00 +0000,1,Tea,7.05,TW,,0.00,502,
#1003,ann@shop.example,partially_refunded,2024-05-03 10:00:00 +0200,EUR,40.00,0.00,8.00,40.00,2024-05-03 10:00:00 +0200,4,Tea,10.00,PL,,15.50,503,
#1004,cid@shop.example,refunded,2024-05-04 10:00:00 +0000,EUR,12.00,0.00,2.00,12.00,2024-05-04 10:00:00 +0000,1,Pot,12.00,US,2024-05-05 10:00:00 +0000,12.00,504,
#1005,dan@shop.example,voided,,EUR,9.00,0.00,2.00,9.00,2024-05-05 10:00:00 +0000,1,Pot,9.00,US,2024-05-05 11:00:00 +0000,0.00,505,
#1006,eva@shop.example,pending,,EUR,9.00,0.00,2.00,9.00,2024-05-06 10:00:00 +0000,1,Pot,9.00,US,,0.00,506,
#1007,,paid,2024-05-07 10:00:00 +0000,EUR,3.00,0.00,0.00,3.00,2024-05-07 10:00:00 +0000,1,Tea,3.00,PL,,0.00,507,
#1008,fay@shop.example,paid,2024-05-08 10:00:00 +0000,EUR,0.00,0.00,0.00,0.00,2024-05-08 10:00:00 +0000,1,Gift,0.00,PL,,0.00,508,test
#1009,gus@shop.example,paid,2024-05-09 10:00:00 +0000,EUR,6.00,0.00,0.00,"1,006.00",2024-05-09 10:00:00 +0000,1,Pot,1006.00,PL,,0.00,509,
#1009,gus@shop.example,,,,,,,,2024-05-09 10:00:00 +0000,3,Tea,0.00,,,,,
#1009,gus@shop.example,,,,,,,,2024-05-09 10:00:00 +0000,3,Tea,0.00,,,,,
#1010,hal@shop.example,paid,2024-05-10 10:00:00 +0000,EUR,6.00,0.00,0.00,6.00,2024-05-10 10:00:00 +0000,1,Tea,6.00,PL,,0.00,510,
#1010,hal@shop.example,paid,2024-05-10 10:00:00 +0000,EUR,6.00,0.00,0.00,6.00,2024-05-10 10:00:00 +0000,1,Tea,6.00,PL,,0.00,510,
"""


@pytest.mark.parametrize("preset", ["shopify", "auto"])
def test_shopify(tmp_path, preset):
    data = load.orders(written(tmp_path, SHOPIFY), preset=preset, timezone="Europe/Warsaw")
    assert kept(data, "order_id", "customer_id", "ordered_at", "amount", "currency", "country") == [
        ["#1001", "ann@shop.example", "2024-05-01 11:58:12", 25.0, "EUR", "PL"],
        ["#1002", "ben@shop.example", "2024-05-02 01:30:00", 7.05, "EUR", "TW"],
        ["#1003", "ann@shop.example", "2024-05-03 10:00:00", 24.5, "EUR", "PL"],
        ["#1004", "cid@shop.example", "2024-05-04 12:00:00", 0.0, "EUR", "US"],
        ["#1008", "fay@shop.example", "2024-05-08 12:00:00", 0.0, "EUR", "PL"],
        ["#1009", "gus@shop.example", "2024-05-09 12:00:00", 1006.0, "EUR", "PL"],
        ["#1010", "hal@shop.example", "2024-05-10 12:00:00", 6.0, "EUR", "PL"],
    ]
    assert refused(data) == [
        (3, "line_item"), (7, "not_paid"), (8, "not_paid"), (9, "missing_customer_id"), (12, "line_item"),
        (13, "line_item"), (15, "duplicate"),
    ]  # fmt: skip
    assert data.refused["reason"].tolist()[1] == "Financial Status is 'voided'; only paid orders count"
    assert (data.source.preset, data.currency) == ("shopify", "EUR")


def test_shopify_also_holds_order_lines(tmp_path):
    data = load.order_lines(written(tmp_path, SHOPIFY), preset="shopify")
    assert data.source.rows_kept == 14
    assert kept(data, "order_id", "product", "quantity")[:2] == [["#1001", "Tea", 2.0], ["#1001", "Cup", 1.0]]


STRIPE = """
id;Created (UTC);Amount;Amount Refunded;Currency;Converted Amount;Converted Amount Refunded;Converted Currency;Status;Customer ID;Customer Email;Card Address Country
ch_01;2024-05-01 22:30;10,05;0,00;eur;10,05;0,00;eur;Paid;cus_1;ann@shop.example;PL
ch_02;2024-05-02 09:00;100,00;0,00;usd;92,50;0,00;eur;Paid;cus_2;ben@shop.example;US
ch_03;2024-05-03 09:00;100,00;40,00;usd;92,50;37,00;eur;succeeded;cus_2;ben@shop.example;US
ch_04;2024-05-04 09:00;5,00;0,00;eur;5,00;0,00;eur;Failed;cus_3;cid@shop.example;PL
ch_05;2024-05-05 09:00;6,00;0,00;eur;6,00;0,00;eur;Paid;;dan@shop.example;PL
ch_06;2024-05-06 09:00;6,00;6,00;eur;6,00;6,00;eur;Refunded;cus_1;ann@shop.example;PL
ch_07;2024-05-07 09:00;1.234,50;0,00;eur;1.234,50;0,00;eur;Paid;cus_4;eva@shop.example;PL
ch_08;2024-05-08 09:00;7,00;0,00;eur;7,00;0,00;eur;Paid;;;PL
ch_09;;7,00;0,00;eur;7,00;0,00;eur;Paid;cus_1;ann@shop.example;PL
ch_10;2024-05-10 09:00;abc;0,00;eur;abc;0,00;eur;Paid;cus_1;ann@shop.example;PL
ch_11;2024-05-11 09:00;8,00;0,00;eur;8,00;0,00;eur;requires_payment_method;cus_1;ann@shop.example;PL
ch_12;2024-05-12 09:00;9,00;9,00;eur;9,00;9,00;eur;Paid;cus_1;ann@shop.example;PL
ch_12;2024-05-12 09:00;9,00;9,00;eur;9,00;9,00;eur;Paid;cus_1;ann@shop.example;PL
"""
STRIPE_KEPT = [
    ["ch_01", "cus_1", "2024-05-02 00:30:00", 10.05, "EUR", "PL"],
    ["ch_02", "cus_2", "2024-05-02 11:00:00", 92.5, "EUR", "US"],
    ["ch_03", "cus_2", "2024-05-03 11:00:00", 55.5, "EUR", "US"],
    ["ch_05", "dan@shop.example", "2024-05-05 11:00:00", 6.0, "EUR", "PL"],
    ["ch_06", "cus_1", "2024-05-06 11:00:00", 0.0, "EUR", "PL"],
    ["ch_07", "cus_4", "2024-05-07 11:00:00", 1234.5, "EUR", "PL"],
    ["ch_12", "cus_1", "2024-05-12 11:00:00", 0.0, "EUR", "PL"],
]


@pytest.mark.parametrize("preset", ["stripe", "auto"])
@pytest.mark.parametrize("header", ["Created (UTC)", "Created date (UTC)"])
def test_stripe_payments(tmp_path, preset, header):
    path = written(tmp_path, STRIPE.replace("Created (UTC)", header), "utf-8-sig")
    data = load.orders(path, preset=preset, timezone="Europe/Warsaw")
    assert kept(data, "order_id", "customer_id", "ordered_at", "amount", "currency", "country") == STRIPE_KEPT
    assert refused(data) == [
        (5, "not_paid"), (9, "missing_customer_id"), (10, "missing_ordered_at"),
        (11, "unreadable_amount"), (12, "not_paid"), (14, "duplicate"),
    ]  # fmt: skip
    assert data.source.columns["customer_id"] == "Customer ID | Customer Email"


def test_stripe_payments_without_converted_columns(tmp_path):
    frame = pd.read_csv(written(tmp_path, STRIPE), sep=";", dtype=str, keep_default_na=False)
    few = frame[frame["Currency"] == "eur"].drop(columns=["Converted Amount Refunded", "Card Address Country"])
    data = load.orders(few, preset="stripe")
    assert kept(data, "order_id", "amount")[:2] == [["ch_01", 10.05], ["ch_05", 6.0]]
    assert data.source.columns["amount"] == "Amount"
    with pytest.raises(DataError, match="amounts are in"):
        load.orders(frame.drop(columns=["Converted Currency"]), preset="stripe")


STRIPE_SUBSCRIPTIONS = """
id,Customer ID,Customer Email,Plan,Quantity,Currency,Interval,Amount,Status,Created (UTC),Start Date (UTC),Trial Start (UTC),Trial End (UTC),Canceled At (UTC),Ended At (UTC)
sub_01,cus_1,ann@shop.example,Basic,1,eur,month,10.00,active,2024-01-01 10:00,2024-01-01 10:00,,,,
sub_02,cus_2,ben@shop.example,Team,3,eur,month,10.00,active,2024-01-02 10:00,2024-01-02 10:00,,,,
sub_03,cus_3,cid@shop.example,Yearly,1,eur,year,120.00,active,2024-01-03 23:30,2024-01-03 23:30,,,,
sub_04,cus_4,dan@shop.example,Basic,1,eur,month,10.00,canceled,2024-01-04 10:00,2024-01-04 10:00,,,2024-02-20 10:00,2024-03-04 10:00
sub_05,cus_5,eva@shop.example,Basic,1,eur,month,10.00,active,2024-01-05 10:00,2024-01-05 10:00,,,2024-03-01 10:00,
sub_06,cus_6,fay@shop.example,Basic,1,eur,month,10.00,trialing,2024-01-06 10:00,2024-01-06 10:00,2024-01-06 10:00,2024-01-20 10:00,,
sub_07,cus_7,gus@shop.example,Basic,1,eur,month,10.00,incomplete_expired,2024-01-07 10:00,2024-01-07 10:00,,,,2024-01-08 10:00
sub_08,cus_8,hal@shop.example,Basic,1,eur,month,10.00,canceled,2024-01-08 10:00,2024-01-08 10:00,,,2024-01-09 10:00,2024-01-01 10:00
sub_09,,ida@shop.example,Weekly,1,eur,week,4.00,active,2024-01-09 10:00,2024-01-09 10:00,,,,
sub_10,,,Basic,1,eur,month,10.00,active,2024-01-10 10:00,2024-01-10 10:00,,,,
sub_11,cus_11,jon@shop.example,Odd,1,eur,fortnight,10.00,active,2024-01-11 10:00,2024-01-11 10:00,,,,
sub_12,cus_12,kim@shop.example,Free,,eur,month,0.00,active,2024-01-12 10:00,2024-01-12 10:00,,,,
sub_12,cus_12,kim@shop.example,Free,,eur,month,0.00,active,2024-01-12 10:00,2024-01-12 10:00,,,,
"""


@pytest.mark.parametrize("preset", ["stripe", "stripe_subscriptions", "auto"])
def test_stripe_subscriptions(tmp_path, preset):
    data = load.subscriptions(written(tmp_path, STRIPE_SUBSCRIPTIONS), preset=preset, timezone="Europe/Warsaw")
    assert kept(data, "subscription_id", "customer_id", "started_at", "ended_at", "mrr", "plan", "trial_ended_at") == [
        ["sub_01", "cus_1", "2024-01-01 11:00:00", None, 10.0, "Basic", None],
        ["sub_02", "cus_2", "2024-01-02 11:00:00", None, 30.0, "Team", None],
        ["sub_03", "cus_3", "2024-01-04 00:30:00", None, 10.0, "Yearly", None],
        ["sub_04", "cus_4", "2024-01-04 11:00:00", "2024-03-04 11:00:00", 10.0, "Basic", None],
        ["sub_05", "cus_5", "2024-01-05 11:00:00", None, 10.0, "Basic", None],
        ["sub_06", "cus_6", "2024-01-06 11:00:00", None, 10.0, "Basic", "2024-01-20 11:00:00"],
        ["sub_09", "ida@shop.example", "2024-01-09 11:00:00", None, 17.3929, "Weekly", None],
        ["sub_12", "cus_12", "2024-01-12 11:00:00", None, 0.0, "Free", None],
    ]
    assert refused(data) == [
        (8, "never_paid"), (9, "ends_before_start"), (11, "missing_customer_id"), (12, "unknown_interval"),
        (14, "duplicate"),
    ]  # fmt: skip
    assert kept(data, "subscription_id", "billing_months", "canceled_at") == [
        ["sub_01", 1, None], ["sub_02", 1, None], ["sub_03", 12, None], ["sub_04", 1, "2024-02-20 11:00:00"],
        ["sub_05", 1, "2024-03-01 11:00:00"], ["sub_06", 1, None], ["sub_09", None, None], ["sub_12", 1, None],
    ]  # fmt: skip
    assert data.source.columns["billing_months"] == "Interval"


STRIPE_INTERVALS = """
id,Customer ID,Plan,Quantity,Interval,Interval Count,Amount,Start Date (UTC),Ended At (UTC)
s1,a,Pro yearly,1,year,1,120.00,2023-07-03 10:00,
s2,b,Every two years,1,year,2,240.00,2022-07-04 10:00,
s3,c,Quarterly,2,month,3,30.00,2024-01-05 10:00,
s4,d,By quarter,1,quarter,,30.00,2024-01-06 10:00,
s5,e,Four weeks,1,Week,4,28.00,2024-06-07 10:00,
s6,f,Monthly,1,MONTH,1,10.00,2024-06-08 10:00,
s7,g,Never,1,month,0,10.00,2024-06-08 10:00,
s8,h,Half,1,month,1.5,10.00,2024-06-08 10:00,
"""


def test_the_count_of_intervals_gives_the_months_of_a_bill_and_the_price_of_a_month(tmp_path):
    data = load.subscriptions(written(tmp_path, STRIPE_INTERVALS), preset="auto")
    assert kept(data, "subscription_id", "mrr", "billing_months") == [
        ["s1", 10.0, 12], ["s2", 10.0, 24], ["s3", 20.0, 3], ["s4", 10.0, 3], ["s5", 30.4375, None], ["s6", 10.0, 1],
    ]  # fmt: skip
    assert [row for row, _ in refused(data)] == [8, 9]


def test_a_yearly_plan_of_a_stripe_export_is_one_renewal_a_year_for_the_price_of_a_year(tmp_path):
    """Taken as monthly, 29 of these would be charged 10.00 each next month."""
    rows = [f"s{i},c{i},Pro yearly,1,year,120.00,2025-{1 + i % 12:02}-{1 + i % 28:02} 10:00," for i in range(29)]
    header = "id,Customer ID,Plan,Quantity,Interval,Amount,Start Date (UTC),Ended At (UTC)"
    here = [row for row in rows if not row.split(",")[6].startswith("2025-06")]
    here.append("one,june,Pro yearly,1,year,120.00,2025-06-10 10:00,")
    data = load.subscriptions(written(tmp_path, "\n".join([header, *here])), preset="auto")
    due = summarise.renewals(data, as_of="2026-05-31").to_pandas()
    assert due[["customer_id", "kind", "months", "charge"]].to_numpy().tolist() == [["june", "renewal", 12, 120.0]]


WOO_ANALYTICS = """
Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,Attribution
2024-05-01 09:00:00,101,"1.234,50 zł",completed,Ann Alder,new,Tea,1,,"1234,5",Direct
2024-05-01 10:00:00,102,"10,05 zł",completed,Ben Birch,new,Tea,1,,"10,05",Direct
2024-05-02 10:00:00,103,"20,00 zł",processing,Ann Alder,returning,Cup,2,,"20",Direct
2024-05-03 10:00:00,104,"20,00 zł",failed,Cid Cedar,new,Cup,2,,"20",Direct
2024-05-04 10:00:00,105,"20,00 zł",cancelled,Cid Cedar,new,Cup,2,,"20",Direct
2024-05-05 10:00:00,106,"-20,00 zł",refunded,Ann Alder,returning,Cup,2,,"-20",Direct
2024-05-06 10:00:00,107,"20,00 zł",on-hold,Dan Dogwood,new,Cup,2,,"20",Direct
2024-05-07 10:00:00,108,"7,00 zł",completed,,new,Cup,1,,"7",Direct
2024-05-08 10:00:00,109,"8,00 zł",completed,Eva Elm,new,Cup,1,,"8",Direct
2024-05-09 10:00:00,110,"0,00 zł",completed,Eva Elm,returning,Cup,1,free,"0",Direct
2024-05-10 10:00:00,111,"9,00 zł",pending,Eva Elm,returning,Cup,1,,"9",Direct
2024-05-11 10:00:00,112,"9,90 zł",completed,Fay Fir,new,"Cup, Tea",2,,"9,9",Direct
"""


@pytest.mark.parametrize("preset", ["woocommerce", "woocommerce_analytics", "auto"])
def test_woocommerce_analytics(tmp_path, preset):
    data = load.orders(written(tmp_path, WOO_ANALYTICS), preset=preset)
    assert kept(data, "order_id", "customer_id", "ordered_at", "amount") == [
        ["101", "Ann Alder", "2024-05-01 09:00:00", 1234.5],
        ["102", "Ben Birch", "2024-05-01 10:00:00", 10.05],
        ["103", "Ann Alder", "2024-05-02 10:00:00", 20.0],
        ["106", "Ann Alder", "2024-05-05 10:00:00", -20.0],
        ["109", "Eva Elm", "2024-05-08 10:00:00", 8.0],
        ["110", "Eva Elm", "2024-05-09 10:00:00", 0.0],
        ["112", "Fay Fir", "2024-05-11 10:00:00", 9.9],
    ]
    assert refused(data) == [
        (5, "not_paid"), (6, "not_paid"), (8, "not_paid"), (9, "missing_customer_id"), (12, "not_paid"),
    ]  # fmt: skip
    assert "names are the only key" in data.source.warnings[0].text


WOO_EXPORT = """
order_id,order_number,order_date,status,shipping_total,order_total,refunded_total,order_currency,payment_method,customer_id,billing_email,billing_country
201,W-201,2024-05-01 09:00:00,completed,0.00,25.00,0.00,EUR,card,7,ann@shop.example,PL
202,W-202,2024-05-01 10:00:00,completed,0.00,10.05,0.00,EUR,card,0,ben@shop.example,TW
203,W-203,2024-05-02 10:00:00,completed,0.00,30.00,12.50,EUR,card,0,ann@shop.example,PL
204,W-204,2024-05-03 10:00:00,refunded,0.00,30.00,-30.00,EUR,card,0,cid@shop.example,PL
205,W-205,2024-05-04 10:00:00,wc-processing,0.00,8.00,0.00,EUR,card,0,dan@shop.example,PL
206,W-206,2024-05-05 10:00:00,pending,0.00,8.00,0.00,EUR,card,0,dan@shop.example,PL
207,W-207,2024-05-06 10:00:00,failed,0.00,8.00,0.00,EUR,card,0,dan@shop.example,PL
208,W-208,2024-05-07 10:00:00,completed,0.00,8.00,0.00,EUR,card,0,,PL
209,W-209,2024-05-08 25:00:00,completed,0.00,8.00,0.00,EUR,card,0,eva@shop.example,PL
210,W-210,2024-05-09 10:00:00,Completed,0.00,"1,210.00",0.00,EUR,card,0,fay@shop.example,PL
211,W-211,2024-05-10 10:00:00,cancelled,0.00,8.00,0.00,EUR,card,0,gus@shop.example,PL
212,W-212,2024-05-11 10:00:00,completed,0.00,9.00,,EUR,card,0,hal@shop.example,US
"""


@pytest.mark.parametrize("preset", ["woocommerce", "auto"])
def test_woocommerce_export_plugin(tmp_path, preset):
    data = load.orders(written(tmp_path, WOO_EXPORT), preset=preset)
    assert kept(data, "order_id", "customer_id", "ordered_at", "amount", "country") == [
        ["201", "ann@shop.example", "2024-05-01 09:00:00", 25.0, "PL"],
        ["202", "ben@shop.example", "2024-05-01 10:00:00", 10.05, "TW"],
        ["203", "ann@shop.example", "2024-05-02 10:00:00", 17.5, "PL"],
        ["204", "cid@shop.example", "2024-05-03 10:00:00", 0.0, "PL"],
        ["205", "dan@shop.example", "2024-05-04 10:00:00", 8.0, "PL"],
        ["210", "fay@shop.example", "2024-05-09 10:00:00", 1210.0, "PL"],
        ["212", "hal@shop.example", "2024-05-11 10:00:00", 9.0, "US"],
    ]
    assert refused(data) == [
        (7, "not_paid"), (8, "not_paid"), (9, "missing_customer_id"), (10, "unreadable_ordered_at"), (12, "not_paid"),
    ]  # fmt: skip


PAYPAL = """
"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","From Email Address","To Email Address","Transaction ID"
"05/13/2024","09:00:00","CEST","Ann","Express Checkout Payment","Completed","EUR","10.05","-0.50","9.55","ann@shop.example","me@shop.example","T01"
"05/13/2024","10:00:00","CEST","Ben","Express Checkout Payment","Completed","EUR","1,234.50","-9.00","1,225.50","ben@shop.example","me@shop.example","T02"
"05/14/2024","10:00:00","CEST","Ben","Payment Refund","Completed","EUR","-34.50","1.00","-33.50","me@shop.example","ben@shop.example","T03"
"05/14/2024","11:00:00","CEST","","Account Hold for Open Authorization","Completed","EUR","-5.00","0.00","-5.00","me@shop.example","","T04"
"05/14/2024","12:00:00","CEST","","General Currency Conversion","Completed","EUR","90.00","0.00","90.00","","me@shop.example","T05"
"05/15/2024","12:00:00","CEST","","General Withdrawal","Completed","EUR","-500.00","0.00","-500.00","me@shop.example","","T06"
"05/15/2024","13:00:00","CEST","Cid","Express Checkout Payment","Pending","EUR","10.00","0.00","10.00","cid@shop.example","me@shop.example","T07"
"05/15/2024","14:00:00","CEST","Host","Preapproved Payment Bill User Payment","Completed","EUR","-19.00","0.00","-19.00","me@shop.example","host@web.example","T08"
"05/16/2024","14:00:00","CEST","Dan","Mobile Payment","Completed","EUR","7.00","-0.40","6.60","dan@shop.example","me@shop.example","T09"
"05/16/2024","15:00:00","CEST","","Bank Deposit to PP Account","Completed","EUR","100.00","0.00","100.00","","me@shop.example","T10"
"05/17/2024","15:00:00","CEST","Eva","Website Payment","Denied","EUR","7.00","0.00","7.00","eva@shop.example","me@shop.example","T11"
"05/17/2024","16:00:00","CEST","","Website Payment","Completed","EUR","7.00","0.00","7.00","","me@shop.example","T12"
"""
PAYPAL_PL = """
"Data";"Godzina";"Strefa czasowa";"Nazwa";"Typ";"Status";"Waluta";"Brutto";"Opłata";"Netto";"Adres e-mail nadawcy";"Adres e-mail odbiorcy";"Numer transakcji"
"13.05.2024";"09:00:00";"CEST";"Ann";"Płatność ekspresowa";"Zakończona";"EUR";"10,05";"-0,50";"9,55";"ann@shop.example";"me@shop.example";"T01"
"13.05.2024";"10:00:00";"CEST";"Ben";"Płatność ekspresowa";"Zakończona";"EUR";"1 234,50";"-9,00";"1 225,50";"ben@shop.example";"me@shop.example";"T02"
"14.05.2024";"10:00:00";"CEST";"Ben";"Zwrot płatności";"Zakończona";"EUR";"-34,50";"1,00";"-33,50";"me@shop.example";"ben@shop.example";"T03"
"14.05.2024";"11:00:00";"CEST";"";"Blokada środków";"Zakończona";"EUR";"-5,00";"0,00";"-5,00";"me@shop.example";"";"T04"
"14.05.2024";"12:00:00";"CEST";"";"Przeliczenie waluty";"Zakończona";"EUR";"90,00";"0,00";"90,00";"";"me@shop.example";"T05"
"15.05.2024";"12:00:00";"CEST";"";"Wypłata";"Zakończona";"EUR";"-500,00";"0,00";"-500,00";"me@shop.example";"";"T06"
"15.05.2024";"13:00:00";"CEST";"Cid";"Płatność ekspresowa";"Oczekująca";"EUR";"10,00";"0,00";"10,00";"cid@shop.example";"me@shop.example";"T07"
"15.05.2024";"14:00:00";"CEST";"Host";"Płatność";"Zakończona";"EUR";"-19,00";"0,00";"-19,00";"me@shop.example";"host@web.example";"T08"
"16.05.2024";"14:00:00";"CEST";"Dan";"Płatność mobilna";"Zakończona";"EUR";"7,00";"-0,40";"6,60";"dan@shop.example";"me@shop.example";"T09"
"16.05.2024";"15:00:00";"CEST";"";"Wpłata z banku";"Zakończona";"EUR";"100,00";"0,00";"100,00";"";"me@shop.example";"T10"
"17.05.2024";"15:00:00";"CEST";"Eva";"Płatność";"Odrzucona";"EUR";"7,00";"0,00";"7,00";"eva@shop.example";"me@shop.example";"T11"
"17.05.2024";"16:00:00";"CEST";"";"Płatność";"Zakończona";"EUR";"7,00";"0,00";"7,00";"";"me@shop.example";"T12"
"""


@pytest.mark.parametrize("preset", ["paypal", "auto"])
@pytest.mark.parametrize("text", [PAYPAL, PAYPAL_PL], ids=["English", "Polish"])
def test_paypal_activity(tmp_path, preset, text):
    data = load.orders(written(tmp_path, text, "utf-8-sig"), preset=preset)
    assert kept(data, "order_id", "customer_id", "ordered_at", "amount", "currency") == [
        ["T01", "ann@shop.example", "2024-05-13 09:00:00", 10.05, "EUR"],
        ["T02", "ben@shop.example", "2024-05-13 10:00:00", 1234.5, "EUR"],
        ["T03", "ben@shop.example", "2024-05-14 10:00:00", -34.5, "EUR"],
        ["T09", "dan@shop.example", "2024-05-16 14:00:00", 7.0, "EUR"],
    ]
    assert refused(data) == [
        (5, "hold"), (6, "currency_conversion"), (7, "withdrawal"), (8, "not_paid"), (9, "money_out"),
        (11, "withdrawal"), (12, "not_paid"), (13, "missing_customer_id"),
    ]  # fmt: skip


def test_columns_go_before_the_preset(tmp_path):
    data = load.orders(written(tmp_path, WOO_EXPORT), preset="woocommerce", columns={"customer_id": "customer_id"})
    assert kept(data, "customer_id")[0] == ["7"]


def test_unknown_presets_and_missing_headers_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r"presets for orders are .*paypal, paypal_statement, .*shopify, "):
        load.orders(written(tmp_path, SHOPIFY), preset="shopware")
    with pytest.raises(DataError, match="preset shopify reads customer_id from Email, which is not one of the headers"):
        load.orders(written(tmp_path, SHOPIFY.replace("Email", "Mail", 1)), preset="shopify")
    with pytest.raises(DataError, match="no export of woocommerce has these headers"):
        load.orders(written(tmp_path, SHOPIFY), preset="woocommerce")


def test_auto_without_a_fitting_preset_reads_the_usual_names():
    frame = pd.DataFrame({"customer": ["a"], "date": ["2024-05-01"], "total": ["1"]})
    data = load.orders(frame, preset="auto")
    assert data.source.preset is None
    assert data.source.rows_kept == 1
