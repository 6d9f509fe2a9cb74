"""A stored picture shows what was drawn, in at most 256 colours."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from retention_kit.plots.png import png, with_palette


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
