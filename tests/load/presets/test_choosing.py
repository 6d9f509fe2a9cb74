"""Presets are found without being asked for, and switched off on request; every preset says where it comes from."""

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.load.presets.choosing import all_presets

SHOPIFY = pd.DataFrame(
    [
        ["#1", "ann@shop.example", "paid", "25.00", "0.00", "2026-05-01 09:58:12 +0000", "Tea"],
        ["#2", "ben@shop.example", "refunded", "100.00", "100.00", "2026-05-02 09:58:12 +0000", "Desk"],
        ["#3", "cid@shop.example", "voided", "80.00", "0.00", "2026-05-03 09:58:12 +0000", "Chair"],
    ],
    columns=["Name", "Email", "Financial Status", "Total", "Refunded Amount", "Created at", "Lineitem name"],
)


def test_a_known_export_is_recognised_without_being_named():
    data = load.orders(SHOPIFY)
    assert (data.source.preset, data.to_pandas()["amount"].tolist()) == ("shopify", [25.0, 0.0])
    assert "read as an export of the preset shopify" in data.source.assumptions


@pytest.mark.parametrize("preset", [None, "none"])
def test_a_preset_is_switched_off_on_request(preset):
    data = load.orders(SHOPIFY, preset=preset)
    assert (data.source.preset, data.to_pandas()["amount"].sum()) == (None, 205.0)


def test_tables_that_have_no_preset_are_read_by_their_columns():
    assert load.visits(pd.DataFrame({"day": ["2024-05-01"], "visitors": ["120"]})).source.preset is None


@pytest.mark.parametrize("preset", all_presets().values(), ids=lambda p: p.name)
def test_every_preset_says_where_it_comes_from(preset):
    assert preset.source
    assert preset.trap
    assert preset.grade in "RSDFPM"
    assert 2015 <= preset.seen <= 2030 or (preset.grade == "M" and preset.warning)
