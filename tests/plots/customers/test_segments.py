"""The map of segments and the flow between them show the numbers of their tables."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import PathPatch, Rectangle
from plot_tables import MOVES, SEGMENTS

from retention_kit import plots
from retention_kit.plots.customers.rfm_map import _tiles


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=12), st.floats(0.2, 10), st.floats(0.2, 10))
def test_tiles_have_the_areas_fill_the_box_and_never_overlap(customers, width, height):
    customers = sorted(customers, reverse=True)
    sizes = [c / sum(customers) * width * height for c in customers]
    tiles = np.array(list(_tiles(sizes, (0.0, 0.0, width, height))))
    np.testing.assert_allclose(tiles[:, 2] * tiles[:, 3], sizes, rtol=1e-6)
    left, top, right, bottom = tiles[:, 0], tiles[:, 1], tiles[:, 0] + tiles[:, 2], tiles[:, 1] + tiles[:, 3]
    slack = 1e-9 * (width + height)
    assert (left >= -slack).all()
    assert (top >= -slack).all()
    assert (right <= width + slack).all()
    assert (bottom <= height + slack).all()
    across = np.minimum.outer(right, right) - np.maximum.outer(left, left) > slack
    along = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top) > slack
    assert (across & along).sum() <= len(tiles)


def test_the_map_has_a_tile_per_segment_with_customers_and_darker_is_more_revenue():
    ax = plots.rfm_map(SEGMENTS)
    tiles = [p for p in ax.patches if isinstance(p, Rectangle)]
    areas = [t.get_width() * t.get_height() for t in tiles]
    np.testing.assert_allclose(np.array(areas) / sum(areas), [0.698, 0.3, 0.002])
    light, dark, _ = (sum(t.get_facecolor()[:3]) for t in tiles)
    assert dark < light


def test_a_tile_too_small_for_its_name_is_named_below_and_names_are_drawn_as_they_are():
    ax = plots.rfm_map(SEGMENTS)
    translation = " ".join(" ".join(t.get_text().split()) for t in ax.texts)
    assert "Too small to name: can't lose (2 customers, 1.0" in translation
    assert "<b>hibernating</b> & sons" in translation
    assert "nobody" not in translation


def test_the_flow_has_a_ribbon_per_move_as_thick_as_its_customers():
    ax = plots.segment_flow(MOVES, order=["loyal", "at risk"])
    ribbons = [p.get_path().vertices for p in ax.patches if isinstance(p, PathPatch)]
    thick = sorted(float(v[7, 1] - v[0, 1]) for v in ribbons)
    np.testing.assert_allclose(np.array(thick) / sum(thick), np.array([5, 10, 20, 30, 60]) / 125)
    np.testing.assert_allclose(thick, sorted(float(v[4, 1] - v[3, 1]) for v in ribbons))


def test_the_ribbons_of_a_segment_leave_its_block_side_by_side():
    ax = plots.segment_flow(MOVES, order=["loyal", "at risk"])
    blocks = [p for p in ax.patches if isinstance(p, Rectangle)]
    left = sorted(
        (float(p.get_path().vertices[0, 1]), float(p.get_path().vertices[7, 1]))
        for p in ax.patches
        if isinstance(p, PathPatch)
    )
    loyal = blocks[0]
    assert left[0][0] == pytest.approx(loyal.get_y())
    assert left[1][0] == pytest.approx(left[0][1])
    assert left[1][1] == pytest.approx(loyal.get_y() + loyal.get_height())


def test_who_came_is_told_apart_from_who_moved():
    ax = plots.segment_flow(MOVES, order=["loyal", "at risk"])
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["stayed", "moved up", "moved down", "came or went"]
    assert "90 stayed" in ax.get_label()


def test_money_flows_too():
    ax = plots.segment_flow(MOVES, order=["loyal", "at risk"], values="revenue_before")
    assert "790.00 revenue before" in ax.get_label()


def test_labels_of_thin_segments_do_not_touch():
    names = [f"segment {k}" for k in range(11)]
    moves = MOVES.iloc[[0] * 11].assign(before=names, after=names, customers=[10_000, *range(1, 11)])
    ax = plots.segment_flow(moves, order=names)
    ax.get_figure().canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text().strip()]
    assert not [1 for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a.overlaps(b)]
