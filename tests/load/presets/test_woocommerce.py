"""WooCommerce's exports: browser and server, translated headers, refunds that stand by themselves."""

import pandas as pd
import pytest

from retention_kit import load

BROWSER = {
    "en": "Date,Order #,Status,Customer,Customer type,Payment method,Product(s),Items sold,Coupon(s),"
    "Net sales,Attribution",
    "pl": "Data,Zamówienie #,Status,Klient,Typ klienta,Metoda płatności,Produkt(y),Sprzedane produkty,Kupon(y),"
    "Sprzedaż netto,Atrybucja",
    "de": "Datum,Bestellnummer #,Status,Kunde,Kundentyp,Bezahlmethode,Produkt(e),Verkaufte Artikel,Gutschein(e),"
    "Nettoumsatz,Zuordnung",
}
ROWS = """
2026-05-01 09:00:00,101,completed,Ann Alder,new,Card,Tea,1,,30.00,Direct
2026-05-02 09:00:00,102,completed,Ben Birch,new,Card,Cup,1,,20.50,Direct
2026-05-03 09:00:00,103,on-hold,Cid Cedar,new,Card,Cup,1,,40.00,Direct
2026-05-14 09:00:00,102,refunded,Ben Birch,returning,Card,Cup,1,,-20.50,Direct
2026-05-15 09:00:00,101,completed,Ann Alder,returning,Card,Tea,1,,-5.00,Direct
"""


def written(tmp_path, header, rows):
    path = tmp_path / "orders.csv"
    path.write_text(f"{header}{rows}", encoding="utf-8-sig")
    return path


def notes(data):
    return {note.name: note for note in data.source.warnings}


@pytest.mark.parametrize("language", BROWSER)
def test_the_file_that_the_browser_makes_is_read_in_every_language(tmp_path, language):
    data = load.orders(written(tmp_path, BROWSER[language], ROWS))
    table = data.to_pandas()
    assert data.source.preset == "woocommerce_analytics"
    assert table["amount"].tolist() == [30.0, 20.5, -20.5, -5.0]
    assert table["customer_id"].nunique() == 2
    assert data.refused["rule"].tolist() == ["not_paid"]
    assert set(notes(data)) == {"preset"}


def test_a_file_with_headers_of_two_languages_is_read(tmp_path):
    """Translations are not complete: some headers stay English."""
    header = "發佈日期,訂單號碼,狀態,顧客,Customer type,Payment method,產品,Items sold,折價券,淨收益,Attribution"
    assert load.orders(written(tmp_path, header, ROWS)).to_pandas()["amount"].sum() == 25.0


@pytest.mark.parametrize("net", ["Przychód netto (sformatowany)", "N.-Umsatz (formatiert)"])
def test_the_file_that_the_server_mails_is_read_in_other_languages(tmp_path, net):
    data = load.orders(written(tmp_path, BROWSER["en"].replace("Net sales", net), ROWS))
    assert data.to_pandas()["amount"].sum() == 25.0


def test_the_refund_of_an_order_that_was_cancelled_is_refused_with_it(tmp_path):
    """Orders both refunded and cancelled gave customers a negative total (public report of the plugin)."""
    rows = """
2026-05-01 09:00:00,101,completed,Ann Alder,new,Card,Tea,1,,10.00,Direct
2026-05-02 09:00:00,102,cancelled,Ben Birch,new,Card,Cup,1,,30.00,Direct
2026-05-03 09:00:00,102,completed,Ben Birch,new,Card,Cup,1,,-30.00,Direct
"""
    data = load.orders(written(tmp_path, BROWSER["en"], rows))
    assert data.to_pandas()[["customer_id", "amount"]].to_numpy().tolist() == [["Ann Alder", 10.0]]
    assert data.refused["rule"].tolist() == ["not_paid", "refund_of_refused"]
    assert "102" in data.refused["reason"].iloc[1]
    assert (notes(data)["orphan_refund"].rows, "-30.00" in notes(data)["orphan_refund"].text) == (1, True)


def test_the_refund_of_an_order_that_is_not_in_the_file_counts_and_is_named(tmp_path):
    rows = """
2026-05-01 09:00:00,101,completed,Ann Alder,new,Card,Tea,1,,10.00,Direct
2026-05-03 09:00:00,88,completed,Ben Birch,new,Card,Cup,1,,-30.25,Direct
"""
    data = load.orders(written(tmp_path, BROWSER["en"], rows))
    assert data.to_pandas()["amount"].tolist() == [10.0, -30.25]
    note = notes(data)["orphan_refund"]
    assert (note.rows, note.text) == (1, "refunds (-30.25 in all) whose payment is not in this source; they count")


def plain(*rows):
    return pd.DataFrame(rows, columns=["order_id", "customer_id", "ordered_at", "amount"])


def test_refunds_of_a_plain_table_are_looked_at_where_they_share_the_id_of_their_order():
    paid, back = ["1", "ann", "2026-05-01", "10"], ["1", "ann", "2026-05-02", "-4"]
    absent = ["9", "ben", "2026-05-02", "-3"]
    assert notes(load.orders(plain(paid, back))) == {}
    assert notes(load.orders(plain(paid, back, absent)))["orphan_refund"].rows == 1
    own = [["1-R", "ann", "2026-05-02", "-4"], ["9-R", "ben", "2026-05-02", "-3"]]
    assert notes(load.orders(plain(paid, *own))) == {}


@pytest.mark.parametrize("where", ["file", "engine"])
def test_refunds_in_a_database_or_parquet_are_looked_at_as_well(engine, where, tmp_path):
    """Typed columns stay where they are; the state that refuses an order refuses its refund too."""
    rows = pd.DataFrame(
        {
            "order_id": ["1", "2", "2", "9", "1"],
            "customer_id": ["ann", "ben", "ben", "cid", "ann"],
            "ordered_at": pd.to_datetime([f"2026-05-0{day}" for day in range(1, 6)]),
            "amount": [10.0, 30.0, -30.0, -3.0, -4.0],
            "Status": ["completed", "cancelled", "completed", "completed", "completed"],
        }
    )
    if where == "file":
        rows.to_parquet(tmp_path / "a.parquet")
        source = tmp_path / "a.parquet"
    else:
        source = engine.table(rows)
    data = load.orders(source, keep={"Status": ["completed"]})
    assert sorted(data.to_pandas()["amount"]) == [-4.0, -3.0, 10.0]
    assert sorted(data.refused["rule"]) == ["not_kept", "refund_of_refused"]
    said = sorted((note.rows, note.text) for note in data.source.warnings if note.name == "orphan_refund")
    assert said == [
        (1, "refunds (-3.00 in all) whose payment is not in this source; they count"),
        (1, "refunds (-30.00 in all) whose payment was refused; they are refused as well"),
    ]


def test_the_refund_of_a_row_that_a_plain_table_refuses_does_not_count():
    unreadable = ["2", "ben", "2026-13-01", "30"]
    data = load.orders(plain(["1", "ann", "2026-05-01", "10"], unreadable, ["2", "ben", "2026-05-02", "-30"]))
    assert data.to_pandas()["amount"].tolist() == [10.0]
    assert data.refused["rule"].tolist() == ["unreadable_ordered_at", "refund_of_refused"]


def test_a_payment_that_stands_twice_keeps_its_refund():
    paid = ["1", "ann", "2026-05-01", "10"]
    data = load.orders(plain(paid, paid, ["1", "ann", "2026-05-02", "-4"]))
    assert data.to_pandas()["amount"].tolist() == [10.0, -4.0]


def test_fully_refunded_orders_of_the_export_plugin_are_orders_of_nothing():
    rows = pd.DataFrame(
        [["1", "1", "2026-05-01", "30.00", "0.00", "refunded", "ann@shop.example"]],
        columns=["order_id", "order_number", "order_date", "order_total", "refunded_total", "status", "billing_email"],
    )
    data = load.orders(rows)
    assert (data.to_pandas()["amount"].tolist(), data.source.preset) == ([0.0], "woocommerce_export")
