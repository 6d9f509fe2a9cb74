"""Tables that a run leaves in PostgreSQL: the same numbers, no address in any file, one moment for all notebooks."""

import json
import os

import psycopg
import pytest

from retention_kit import load, report
from retention_kit.errors import ConfigError, DataError, SourcesError
from retention_kit.report.inputs import workspace

MONTH = "1998-06"


@pytest.fixture(scope="module")
def server(postgres_engine):
    """A server with a log of 6,919 orders of which two cannot be kept, in a variable of the environment."""
    log = load.sample("cdnow_sample").to_pandas()[["customer_id", "ordered_at", "amount"]]
    log["country"] = log["customer_id"].str[-1].map(lambda digit: "PL" if digit < "5" else "TW")
    log.loc[[5, 9], "customer_id"] = None
    postgres_engine.table(log, "orders_of_a_shop")
    return postgres_engine.url


@pytest.fixture(autouse=True)
def address(server, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", server)


def config(folder, leave, **settings):
    source = report.Source("env:SHOP_DATABASE", options={"query": "orders_of_a_shop"})
    return report.Config(**{"orders": source, "currency": "USD", "output": folder, "leave_in_place": leave, **settings})


@pytest.fixture(scope="module")
def months(server, tmp_path_factory):
    """The same month in place, while the server gets further orders, and from a copy."""
    folder = tmp_path_factory.mktemp("reports")

    def further_orders(*_):
        with psycopg.connect(server) as connection:
            connection.execute(
                "INSERT INTO orders_of_a_shop (customer_id, ordered_at, amount, country) "
                "SELECT customer_id, ordered_at, 7 * amount, 'US' FROM orders_of_a_shop WHERE ordered_at > '1998-06-01'"
            )

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_DATABASE", server)
        report.run(config(folder / "copied", False), months=MONTH)
        report.run(config(folder / "left", True), months=MONTH, once_read=further_orders)
        with psycopg.connect(server) as connection:
            connection.execute("DELETE FROM orders_of_a_shop WHERE country = 'US'")
    return folder / "left" / MONTH, folder / "copied" / MONTH


def test_every_table_of_a_report_in_place_is_that_of_a_copied_one_although_orders_arrived_meanwhile(months):
    left, copied = ({p.relative_to(m): p.read_bytes() for p in m.rglob("*.csv")} for m in months)
    assert len(left) > 40
    assert {str(name) for name in left | copied if left.get(name) != copied.get(name)} == set()


def test_every_page_is_there_and_says_where_its_numbers_were_computed(months):
    pages = [
        {p["name"]: p["status"] for p in json.loads((m / "manifest.json").read_text())["notebooks"]} for m in months
    ]
    assert pages[0] == pages[1]
    assert set(pages[0].values()) == {"whole"}
    said = [(month / "analyst.html").read_text() for month in months]
    assert "summarised in PostgreSQL" in said[0]
    assert "from a copy of the rows" in said[1]


def test_no_file_of_a_run_in_place_holds_rows_or_the_address(tmp_path):
    with workspace.opened(config(tmp_path, True), tmp_path / "data") as data:
        assert not (tmp_path / "data" / "orders.parquet").exists()
        assert set(data.servers) == {"orders"}
        log = load.orders(str(tmp_path / "data"))
        assert (log.source.rows_kept, len(log.refused)) == (6917, 2)
        assert log.table.count().to_pandas() == 6917
        texts = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
        assert not [text for text in texts if b"not-a-secret" in text or b"127.0.0.1" in text]
        assert b"env:SHOP_DATABASE" in (tmp_path / "data" / "orders.pointer").read_bytes()


def test_a_run_that_changed_nothing_is_recognised_and_one_with_another_order_is_not(server, tmp_path):
    def rows():
        with workspace.opened(config(tmp_path, True), folder := tmp_path / os.urandom(4).hex()):
            return (folder / "orders.rows.json").read_text()

    first = rows()
    assert rows() == first
    with psycopg.connect(server) as connection:
        connection.execute("UPDATE orders_of_a_shop SET amount = amount + 1 WHERE customer_id = '00111'")
        changed = connection.execute("SELECT count(*) FROM orders_of_a_shop WHERE customer_id = '00111'").fetchone()
    assert changed > (0,)
    assert rows() != first
    with psycopg.connect(server) as connection:
        connection.execute("UPDATE orders_of_a_shop SET amount = amount - 1 WHERE customer_id = '00111'")


def test_tables_are_copied_unless_they_shall_stay(tmp_path):
    with workspace.opened(config(tmp_path, False), tmp_path / "data") as data:
        assert (tmp_path / "data" / "orders.parquet").exists()
        assert not data.servers


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"split_by": "country"}, "a report that is split"),
        ({"customer_ids": "none"}, "replaces the ids in a copy"),
        ({"orders": "cdnow_sample"}, "orders: its address is not in an environment variable"),
        ({"surveys": "cdnow_surveys"}, "surveys: its address is not in an environment variable"),
    ],
)
def test_data_that_cannot_stay_are_refused_where_they_shall_and_copied_otherwise(tmp_path, settings, reason):
    with (
        pytest.raises(ConfigError, match=f"the data cannot stay where they are: .*{reason}"),
        workspace.opened(config(tmp_path, True, **settings), tmp_path / "data"),
    ):
        pass
    with workspace.opened(config(tmp_path, False, **settings), tmp_path / "copy"):
        assert (tmp_path / "copy" / "orders.parquet").exists()


def test_faults_of_the_database_are_told_as_before(tmp_path):
    source = report.Source("env:SHOP_DATABASE", options={"query": "no_such_table"})
    with (
        pytest.raises(SourcesError, match="no_such_table"),
        workspace.opened(config(tmp_path, True, orders=source), tmp_path),
    ):
        pass


def test_after_a_statement_that_failed_a_session_does_not_answer_from_other_rows(tmp_path):
    with workspace.opened(config(tmp_path, True), tmp_path / "data") as data:
        table = load.orders(str(data.folder)).table
        rows = table.count().to_pandas()
        session = table.get_backend()
        with pytest.raises(psycopg.Error):
            session.raw_sql("SELECT * FROM nowhere")
        for ask in (lambda: table.count().to_pandas(), table.limit(2).to_pandas, table.limit(2).to_pyarrow):
            with pytest.raises(DataError, match="does not see the rows of the run any more"):
                ask()
        assert rows == 6917
