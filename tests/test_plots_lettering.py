"""Words drawn as one image show the letters that matplotlib draws one by one."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from retention_kit.plots.lettering import Canvas
from retention_kit.plots.style import RC


@pytest.fixture(autouse=True)
def look():
    with mpl.rc_context(RC | {"text.hinting": "none"}):
        yield


def drawn(canvas, text, x=200, y=60, **look):
    figure = Figure(figsize=(3, 1.5), dpi=160)
    written = figure.text(0, 0, text, transform=Affine2D().translate(x, y), **look)
    on = canvas(figure)
    on.draw()
    return np.asarray(on.buffer_rgba()).astype(int), written.get_window_extent()


def middle_of_ink(pixels):
    ink = 255 - pixels[..., 0]
    return np.array([(ink * place).sum() for place in np.indices(ink.shape)]) / ink.sum()


@pytest.mark.parametrize("text", ["Hamburg", "gypsy", "0.05", "10 %", "−5 → 7", "Ä fi", "·", " "])
@pytest.mark.parametrize("look", [{}, {"fontsize": 9.5, "color": "#0072B2"}, {"fontweight": "bold", "alpha": 0.5}])
def test_a_text_that_begins_at_a_whole_pixel_is_exactly_as_matplotlib_draws_it(text, look):
    ours, its = drawn(Canvas, text, ha="left", va="baseline", **look), drawn(FigureCanvasAgg, text, **look)
    np.testing.assert_array_equal(ours[0], its[0])
    np.testing.assert_array_equal(ours[1].get_points(), its[1].get_points())


@pytest.mark.parametrize("text", ["Jul", "just", "Hamburg", "two\n\nlines"])
@pytest.mark.parametrize("look", [{}, {"rotation": 90}, {"ha": "center", "va": "center"}, {"x": 200.4, "y": 60.3}])
def test_any_other_text_stands_within_a_pixel_of_its_place(text, look):
    ours, its = drawn(Canvas, text, **look), drawn(FigureCanvasAgg, text, **look)
    assert np.abs(middle_of_ink(ours[0]) - middle_of_ink(its[0])).max() <= 0.6
    np.testing.assert_array_equal(ours[1].get_points(), its[1].get_points())


@pytest.mark.parametrize("text", ["Jul", "Hamburg"])
def test_a_text_upwards_has_the_letters_of_the_same_text_level(text):
    level, upwards = (
        drawn(Canvas, text, rotation=angle, rotation_mode="anchor", va="baseline")[0] for angle in (0, 90)
    )
    ink = [255 - pixels[..., 0] for pixels in (np.rot90(level), upwards)]
    cut = [shade[shade.any(axis=1)][:, shade.any(axis=0)] for shade in ink]
    np.testing.assert_array_equal(*cut)


@pytest.mark.parametrize(
    "look",
    [
        {"rotation": 30},
        {"color": (0, 0.4, 0.7, 0.5)},
        {"antialiased": False},
        {"fontfamily": ["DejaVu Serif", "DejaVu Sans"]},
        {"fontfeatures": ["-kern"]},
    ],
)
def test_what_is_not_plain_is_left_to_matplotlib(look):
    np.testing.assert_array_equal(
        drawn(Canvas, "AV Tea", 200.4, **look)[0], drawn(FigureCanvasAgg, "AV Tea", 200.4, **look)[0]
    )


def test_mathematics_is_left_to_matplotlib():
    look = {"parse_math": True}
    ours, theirs = (drawn(canvas, r"$x^2$", 200.4, **look)[0] for canvas in (Canvas, FigureCanvasAgg))
    np.testing.assert_array_equal(ours, theirs)


def test_a_text_that_crosses_the_edge_is_cut_off_there():
    for x, y in ((-20, 60), (460, 60), (200, -6), (200, 235)):
        np.testing.assert_array_equal(*(drawn(canvas, "Hamburg", x, y)[0] for canvas in (Canvas, FigureCanvasAgg)))
