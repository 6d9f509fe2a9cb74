"""Columns that say which rows are no sale: they are warned about, and `keep` filters by them."""

import warnings

import pandas as pd
import pytest
from click.testing import CliRunner
from engines import frame_of

from retention_kit import load, report
from retention_kit.cli import main
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning

pytestmark = pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")


def log(**more):
    """Four orders, one of them of nothing."""
    about = {
        "Order ID": list("1234"),
        "Date": "2024-05-01",
        "Customer": list("abcd"),
        "Revenue": ["10", "20", "30", "0"],
    }
    return pd.DataFrame(about | more)


def status_of(data):
    return [note.text for note in data.source.warnings if note.name == "unread_status"]


STATUS = ["completed", "Cancelled ", "failed", "completed"]


def test_a_status_that_nobody_reads_is_named_with_its_values_their_share_and_the_way_out():
    assert status_of(load.orders(log(Status=STATUS))) == [
        "Status holds 'completed' 50%, 'cancelled' 25%, 'failed' 25%. This is not read, and such rows count. "
        "Keep the rows that count with keep={'Status': ['completed']}."
    ]


def test_a_status_that_nobody_reads_is_warned_about_at_once():
    with pytest.warns(RetentionKitWarning, match="Status holds 'completed' 50%"):
        load.orders(log(Status=STATUS))


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Bestellstatus", ["Abgeschlossen", "Storniert", "Offen", "Versendet"]),
        ("statut", ["payée", "remboursée", "annulée", "payée"]),
        ("Estado del pedido", ["pagado", "cancelado", "pendiente", "enviado"]),
        ("Stan zamówienia", ["zrealizowane", "anulowane", "zwrot", "opłacone"]),
        ("訂單狀態", ["已完成", "已取消", "退款", "已完成"]),
        ("状態", ["完了", "キャンセル", "返金済み", "完了"]),
        ("financialStatus", ["PAID", "REFUNDED", "PENDING", "PAID"]),
        ("Refunded Amount", ["0.00", "20.00", "", ""]),
        ("Rückerstattet", ["", "20,00 €", "0,00 €", ""]),
        ("Cancelled at", ["", "2024-05-02", "", ""]),
        ("is_test", [False, True, False, False]),
        ("livemode", ["true", "false", "true", "true"]),
        ("Gift Card Amount", [0, 5, 0, 0]),
        ("remark", ["refunded", "", "", ""]),
        ("status", ["1", "2", "1", "2"]),
    ],
)
def test_columns_that_look_like_a_status_are_named_in_seven_languages(header, values):
    (text,) = status_of(load.orders(log(**{header: values})))
    assert text.startswith(header)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Status", ["completed", "paid", "Shipped", "delivered"]),
        ("State", ["CA", "NY", "TX", "CA"]),
        ("loyalty_status", ["gold", "silver", "gold", ""]),
        ("Refunded", ["no", "0", "", "false"]),
        ("Refunded Amount", ["0.00", "", "", "5"]),
        ("ab_test", ["A", "B", "A", "B"]),
        ("channel", ["web", "app", "web", "app"]),
    ],
)
def test_columns_that_say_nothing_of_the_kind_are_no_warning(header, values):
    assert status_of(load.orders(log(**{header: values}))) == []


def test_a_refund_that_is_a_row_of_its_own_is_no_warning():
    rows = log(type=["sale", "refunded", "sale", "sale"])
    assert status_of(load.orders(rows.assign(Revenue=["10", "-20", "30", "1"]))) == []
    assert len(status_of(load.orders(rows))) == 1


def test_only_rows_with_a_kept_value_count_whatever_case_and_space():
    data = load.orders(log(Status=STATUS), keep={"Status": [" Completed"]})
    assert data.to_pandas()["customer_id"].tolist() == ["a", "d"]
    assert data.refused[["rule", "reason"]].values.tolist() == [
        ["not_kept", "Status is 'Cancelled ', and only rows with 'completed' are kept"],
        ["not_kept", "Status is 'failed', and only rows with 'completed' are kept"],
    ]
    assert status_of(data) == []
    assert "only rows are kept whose Status is 'completed'" in data.source.assumptions


def test_one_value_several_headers_truth_numbers_and_empty_cells_can_be_kept():
    rows = log(Status=STATUS, test=[False, False, False, True], step=[1.0, 2.0, None, 1.0])
    assert load.orders(rows, keep={"Status": "completed", "test": False}).to_pandas()["customer_id"].tolist() == ["a"]
    assert load.orders(rows, keep={"step": [1, None]}).to_pandas()["customer_id"].tolist() == ["a", "c", "d"]


def test_a_header_or_value_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(DataError, match="keep names 'status', which is not one of the headers; did you mean 'Status'"):
        load.orders(log(Status=STATUS), keep={"status": ["completed"]})
    with pytest.raises(DataError, match="Status is never 'paid'; its values are 'completed', 'cancelled', 'failed'"):
        load.orders(log(Status=STATUS), keep={"Status": ["paid"]})
    with pytest.warns(RetentionKitWarning, match="Status is never 'paid'"):
        load.orders(log(Status=STATUS), keep={"Status": ["paid", "completed"]})
    with pytest.raises(ConfigError, match="keep names no value for 'Status'"):
        load.orders(log(Status=STATUS), keep={"Status": []})
    with pytest.raises(ConfigError, match="cdnow is a sample"):
        load.orders("cdnow", keep={"Status": ["paid"]})


def test_rows_are_kept_alike_on_every_engine(engine):
    rows = log(Status=[*STATUS[:3], "v failed f"]).assign(Revenue=[1.0, 2.0, 3.0, 4.0], Date=pd.Timestamp("2024-05-01"))
    data = load.orders(engine.table(rows), keep={"Status": ["COMPLETED", "V failed F"]})
    assert frame_of(data.table, sort=["customer_id"])["customer_id"].tolist() == ["a", "d"]
    assert len(status_of(load.orders(engine.table(rows)))) == 1


def test_test_gateways_and_gift_cards_are_seen():
    data = load.orders(log(**{"Payment Method": ["(for testing) Bogus Gateway", "Gift Card", "visa", "visa"]}))
    notes = {note.name: note.rows for note in data.source.warnings}
    assert (notes["test_order"], notes["gift_card"]) == (1, 1)
    sold = load.orders(log(Product=["Gift card", "Tea", "Geschenkkarte", "Tea"]))
    assert {note.name: note.rows for note in sold.source.warnings}["gift_card"] == 2


def test_a_report_keeps_rows_as_its_settings_say(tmp_path):
    log(Status=STATUS).to_csv(tmp_path / "orders.csv", index=False)
    file = tmp_path / "report.toml"
    file.write_text('[sources.orders]\nfrom = "orders.csv"\n[sources.orders.keep]\nStatus = ["completed"]\n')
    source = report.read_config(file).sources["orders"]
    assert load.orders(source.where, **source.options).source.rows_kept == 2
    file.write_text('[sources.orders]\nfrom = "orders.csv"\nkeep = { Status = [] }\n')
    with pytest.raises(ConfigError, match=r"sources\.orders\.keep names no value for 'Status'"):
        report.read_config(file)


def test_the_command_keeps_rows():
    from retention_kit.cli.sources import described

    given = {"keep": ("Status=completed", "Status=paid", "test=false")}
    keep = {"Status": ["completed", "paid"], "test": ["false"]}
    assert described(given, ("orders",)) == {"orders": {"keep": keep}}
    result = CliRunner().invoke(main, ["report", "--keep", "Status=paid", "--month", "2026-05"])
    assert result.exit_code == 2
    assert "orders are not named" in result.stderr


def test_a_log_without_such_columns_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        load.orders(log(country=["PL", "DE", "PL", "US"]))
