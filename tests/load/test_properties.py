"""Whatever table comes, no row is lost, nothing but DataError is raised, and a second load is equal."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_kit import load
from retention_kit.errors import DataError

FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), max_size=8)
customers = st.one_of(texts, st.sampled_from(["ann", "ben", "", " ", "NaN"]))
dates = st.one_of(
    texts,
    st.dates().map(str),
    st.datetimes().map(str),
    st.sampled_from(
        ["2024-02-30", "01.02.2024", "13/02/2024", "2024-05-01T10:00:00Z", "2024-05-01 10:00+02:00", "45000", ""]
    ),
)
amounts = st.one_of(
    texts,
    st.floats().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9).map(str),
    st.sampled_from(["10,05", "1,234", "(3.00)", "€5", "", "inf"]),
)
rows = st.lists(st.tuples(customers, dates, amounts, texts), min_size=0, max_size=12)


def loaded(source, **how):
    """The dataset, or the one line that refused it all."""
    try:
        return load.orders(source, **how)
    except DataError as fault:
        message = str(fault)
    assert message
    assert "\n" not in message
    return None


def assert_nothing_is_lost(data, read):
    assert data.source.rows_read == read
    assert data.source.rows_kept == data.table.count().execute()
    assert data.source.rows_refused == len(data.refused)
    assert data.source.rows_read == data.source.rows_kept + data.source.rows_refused
    assert data.refused["rule"].notna().all()


def assert_same(one, two):
    pd.testing.assert_frame_equal(one.table.to_pandas(), two.table.to_pandas())
    pd.testing.assert_frame_equal(one.refused, two.refused)
    assert one.source == two.source


@FEW
@given(
    rows,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_text_files_lose_no_row(tmp_path, rows, delimiter, encoding, newline):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerows([("customer_id", "ordered_at", "amount", "note"), *rows])
    path = tmp_path / "orders.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    first, second = loaded(path), loaded(path)
    assert (first is None) == (second is None)
    if first is not None:
        assert_nothing_is_lost(first, len(rows))
        assert_same(first, second)


@FEW
@given(rows)
def test_frames_lose_no_row_and_are_not_changed(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount", "note"], dtype="object")
    before = frame.copy(deep=True)
    first = loaded(frame)
    pd.testing.assert_frame_equal(frame, before)
    if first is not None:
        assert_nothing_is_lost(first, len(rows))


@FEW
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_raise_nothing_but_a_data_error(tmp_path, content):
    (tmp_path / "orders.csv").write_bytes(content)
    loaded(tmp_path / "orders.csv", preset="auto")


@FEW
@given(st.lists(st.text('abc,;"\n 0123456789-./', max_size=30), max_size=8))
def test_lines_of_any_kind_raise_nothing_but_a_data_error(tmp_path, lines):
    (tmp_path / "orders.csv").write_text("\n".join(["customer_id,ordered_at,amount", *lines]), newline="")
    loaded(tmp_path / "orders.csv")


@FEW
@given(st.lists(st.decimals(min_value=-(10**13), max_value=10**13, places=4), min_size=1, max_size=50), st.booleans())
def test_amounts_of_four_decimals_are_exact(amounts, comma):
    written = [str(amount).replace(".", "," if comma else ".") for amount in amounts]
    frame = pd.DataFrame({"customer_id": "a", "ordered_at": "2024-05-01", "amount": written})
    assert load.orders(frame).table.amount.to_pandas().tolist() == amounts


SPELLINGS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%b %d, %Y %I:%M:%S %p",
    "%d %B %Y %H:%M:%S",
)  # fmt: skip
moments = st.datetimes(min_value=pd.Timestamp("1970-01-01"), max_value=pd.Timestamp("2100-01-01"))


@FEW
@given(st.lists(moments, min_size=1, max_size=50), st.sampled_from(SPELLINGS))
def test_a_moment_is_the_same_in_every_spelling(moments, spelling):
    frame = pd.DataFrame({"customer_id": "a", "ordered_at": [m.strftime(spelling) for m in moments], "amount": "1"})
    expected = [pd.Timestamp(m.replace(microsecond=0)) for m in moments]
    assert load.orders(frame).to_pandas()["ordered_at"].tolist() == expected


@pytest.mark.parametrize("name", ["orders", "order_lines", "subscriptions", "surveys", "visits"])
def test_the_dirty_store_loses_no_row(name):
    from retention_kit import simulate

    frame = simulate.store(300, seed=5, dirty=True)[name]
    data = getattr(load, name)(frame)
    assert_nothing_is_lost(data, len(frame))


@pytest.mark.parametrize("name", ["orders", "order_lines", "subscriptions", "surveys", "visits"])
def test_exactly_the_rows_in_the_answer_key_are_refused_and_for_its_reasons(name, tmp_path):
    """Rows after as_of are refused by nobody here: only a summary knows as_of."""
    from retention_kit import simulate

    shop = simulate.store(300, seed=5, dirty=True)
    shop[name].to_csv(tmp_path / "export.csv", index=False)
    refused = getattr(load, name)(tmp_path / "export.csv").refused
    key = shop["answer_key"].query("table == @name and rule not in ('', 'after_as_of')")
    assert len(key)
    found = sorted(zip(refused["row"].astype(int), refused["rule"], strict=True))
    assert found == sorted(zip(key["row"].astype(int), key["rule"], strict=True))
