"""A stored picture shows what was drawn, in at most 256 colours."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from retention_kit.plots.drawing.png import png


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
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())
    assert len(np.unique(drawn.reshape(-1, 4), axis=0)) <= 256
    np.testing.assert_array_equal(pixels(stored), drawn)


def test_of_more_than_256_colours_white_stays_white_and_others_move_little(figure):
    figure.axes[0].imshow(np.linspace(0, 1, 4000).reshape(40, 100), cmap="viridis", extent=(0, 2, 0, 2), aspect="auto")
    stored = pixels(Image.open(io.BytesIO(png(figure))))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba()).astype(int)
    assert len(np.unique(drawn.reshape(-1, 4), axis=0)) > 256
    white = (drawn == 255).all(axis=-1)
    np.testing.assert_array_equal(stored[white], drawn[white])
    assert np.abs(stored - drawn).max() <= 32


def test_the_same_figure_gives_the_same_bytes(figure):
    assert png(figure) == png(figure)
