"""A stored picture shows what was drawn, in at most 256 colours."""

import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from PIL import Image

from retention_kit import plots
from retention_kit.plots.layout import RoomAround
from retention_kit.plots.lettering import Canvas
from retention_kit.plots.png import png, with_palette
from retention_kit.plots.style import DPI, RC


@pytest.fixture
def figure():
    figure, ax = plt.subplots(layout="constrained")
    ax.tick_params(labelleft=False)
    ax.bar([0, 1, 2], [1, 2, 1], color=["#E69F00", "#E69F01", "#009E73"])
    yield figure
    plt.close(figure)


def pixels(picture):
    return np.asarray(picture.convert("RGBA")).astype(int)


def test_a_picture_of_few_colours_is_stored_exactly(figure):
    stored = Image.open(io.BytesIO(png(figure)))
    canvas = Canvas(figure)
    with mpl.rc_context({"text.hinting": "none"}):
        canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())
    assert len(np.unique(drawn.reshape(-1, 4), axis=0)) <= 256
    np.testing.assert_array_equal(pixels(stored), drawn)


def test_of_many_colours_areas_keep_theirs_and_the_rare_ones_move_little():
    shades = np.random.default_rng(1).integers(0, 64, (40, 50, 3))
    drawn = np.full((100, 200, 4), 255, np.uint8)
    drawn[:40, :50, :3] = shades
    drawn[50:, :100] = (0, 114, 178, 255)
    drawn[50:, 100:] = (0, 115, 178, 255)
    drawn[45, 5] = (230, 159, 0, 255)
    stored = pixels(with_palette(drawn))
    np.testing.assert_array_equal(stored[40:], drawn[40:])
    assert np.linalg.norm(stored - drawn, axis=-1).max() <= 15 * 3**0.5  # diagonal of a region of the colour space


def test_the_same_figure_gives_the_same_bytes(figure):
    assert png(figure) == png(figure)


@pytest.mark.parametrize(
    ("x_side", "y_side", "own"), [("bottom", "left", False), ("top", "right", False), ("bottom", "left", True)]
)
def test_axis_labels_stand_where_matplotlib_puts_them_in_axes_of_the_same_place(x_side, y_side, own):
    def drawn(figure, ax):
        if own:
            ax.yaxis.set_label_coords(-0.2, 0.3)
        ax.plot([0, 30], [0, 2e5])
        ax.set(xlabel="Days", ylabel="Revenue in\nthousands")
        getattr(ax.xaxis, f"tick_{x_side}")()
        getattr(ax.yaxis, f"tick_{y_side}")()
        ax.xaxis.set_label_position(x_side)
        ax.yaxis.set_label_position(y_side)
        png(figure)
        return ax.get_position(), [axis.label.get_window_extent() for axis in (ax.xaxis, ax.yaxis)]

    figure = plt.figure(figsize=(6, 4), layout=RoomAround())
    place, labels = drawn(figure, figure.add_subplot())
    other = plt.figure(figsize=(6, 4))
    _, expected = drawn(other, other.add_axes(place))
    for box, same in zip(labels, expected, strict=True):
        np.testing.assert_allclose(box.get_points(), same.get_points(), atol=1e-6)
    plt.close("all")


def test_text_that_stands_out_only_once_the_axes_have_become_smaller_keeps_its_room():
    figure = plt.figure(figsize=(6, 4), layout=RoomAround())
    ax = figure.add_subplot()
    ax.set(xlim=(0, 1), yticks=[0.5], yticklabels=["the name of a row in the figure"])
    text = ax.text(0.65, 0.5, "the value of this bar")
    figure.set(dpi=DPI)
    assert text.get_window_extent().x1 < ax.bbox.x1
    png(figure)
    assert ax.bbox.x1 < text.get_window_extent().x1 <= figure.bbox.x1
    plt.close(figure)


def test_the_title_of_a_heat_map_stands_where_matplotlib_puts_it_above_what_is_on_top():
    months = pd.to_datetime(["1998-01-01", "1998-02-01"])
    table = pd.DataFrame({"cohort": months, "age": 1, "size": 9, "rate": [0.3, 0.4], "complete": True})
    ax = plots.retention_heatmap(table, title="Customers who came back")
    png(ax.get_figure())
    with mpl.rc_context(RC | {"text.hinting": "none"}):
        figure = plt.figure(figsize=ax.get_figure().get_size_inches(), dpi=ax.get_figure().dpi)
        other = figure.add_axes(ax.get_position())
        other.tick_params(length=0)
        other.xaxis.tick_top()
        other.xaxis.set_label_position("top")
        other.set(xlabel=ax.get_xlabel(), title="Customers who came back")
        figure.canvas.draw()
        places = [
            next(
                text for text in axes.findobj(Text) if text.get_text() == "Customers who came back"
            ).get_window_extent()
            for axes in (ax, other)
        ]
    np.testing.assert_allclose(places[0].get_points(), places[1].get_points(), atol=0.1)
    plt.close("all")
