import ibis
import pandas as pd
import pytest

from retention_kit import load, models, summarise
from retention_kit.errors import DataError
from retention_kit.load.sources.constant_columns import constant, stated
from retention_kit.models.base import rows

ABOUT = ("unit", "grain", "as_of")


@pytest.fixture(scope="module")
def customers():
    return summarise.customers(load.sample("cdnow_sample").table, as_of="1997-09-30", unit="week")


def test_a_customer_table_says_its_unit_grain_and_day_without_being_asked(customers):
    known = {c: constant(customers, c) for c in ABOUT}
    assert known == {"unit": "week", "grain": "day", "as_of": "1997-09-30"}
    assert known == {c: customers[c].cast("string").max().to_pandas() for c in ABOUT}


@pytest.mark.parametrize(
    "derived",
    [
        lambda t: t.filter(t.frequency > 0).drop("orders"),
        lambda t: t.join(t.select("customer_id", again=t.orders), "customer_id"),
        lambda t: t.mutate(twice=t.orders * 2).order_by("customer_id").limit(9),
        lambda t: t.rename(quantum="unit").rename(unit="quantum"),
    ],
)
def test_what_is_derived_from_a_customer_table_knows_its_unit(customers, derived):
    assert constant(derived(customers), "unit") == "week"


def test_columns_of_data_and_of_rows_that_a_join_may_make_up_are_not_constants(customers):
    held = ibis.memtable(pd.DataFrame({"customer_id": ["ada", "bo"], "unit": ["week", "day"]}))
    assert constant(held, "unit") is None
    outer = held.drop("unit").left_join(customers, "customer_id")
    assert constant(outer, "unit") is None
    assert stated(held, ["unit", "grain"]) == {"unit": ["day", "week"]}


def test_rows_fetched_from_an_engine_hold_numbers_alone(customers, monkeypatch):
    asked = []
    to_pandas = ibis.Table.to_pandas
    monkeypatch.setattr(ibis.Table, "to_pandas", lambda table, **k: (asked.append(table), to_pandas(table, **k))[1])
    read = rows.read(customers)
    assert [all(kind.is_numeric() for kind in table.schema().values()) for table in asked] == [True]
    assert read.about == {"unit": "week", "grain": "day", "as_of": "1997-09-30"}


def test_a_table_of_mixed_or_missing_units_is_refused_as_before(customers):
    held = customers.mutate(unit=(customers.frequency > 0).ifelse("day", "week"))
    with pytest.raises(DataError, match="more than one unit: day, week"):
        models.BGNBD.fit(held)
    held = customers.mutate(unit=(customers.frequency > 0).ifelse(ibis.null("string"), "week"))
    with pytest.raises(DataError, match="Some customers have no unit and others have week"):
        models.BGNBD.fit(held)
