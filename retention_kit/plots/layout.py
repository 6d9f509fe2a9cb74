"""Room for what stands around the Axes: labels, title, legend."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.spines import Spine
from matplotlib.transforms import Bbox

from retention_kit.plots.axislabels import measured_for_good

__all__ = ["RoomAround"]


class RoomAround(ConstrainedLayoutEngine):
    """Constrained layout for a figure of one Axes, with few measurements of text, which is what takes the time.

    matplotlib solves for a grid of Axes, and measures everything twice. Title, labels and ticks take the same room
    however large the Axes are, so once is enough for them. It changes only for legends and for text at a place inside
    the Axes, and of these only what stands near a side is measured again.
    """

    def execute(self, fig: Figure) -> None:
        if not _is_alone(fig):
            super().execute(fig)
            return
        ax = fig.axes[0]
        self._make_room(ax, ax.get_tightbbox(for_layout_only=True, bbox_extra_artists=[]))

    def execute_for_good(self, fig: Figure) -> None:
        """For a figure that is drawn once and never changed: what stands at its axes is measured here only."""
        if _is_alone(fig) and fig.axes[0].get_aspect() == "auto":  # others find their place when they are drawn
            self._make_room(fig.axes[0], measured_for_good(fig.axes[0]))
        else:
            self.execute(fig)

    def _make_room(self, ax: Axes, around: Bbox) -> None:
        place = _place(ax)
        frame, boxes = place - around.get_points(), _boxes(_standing_free(ax))
        self._fit(ax, frame, boxes)
        shrunk = np.maximum(np.ptp(place, axis=0) - np.ptp(_place(ax), axis=0), 0)
        again = [artist for artist, box in boxes.items() if not _is_within(box, place, shrunk)]
        if again:
            self._fit(ax, frame, _boxes(again))

    def _fit(self, ax: Axes, frame: np.ndarray, boxes: dict[Artist, Bbox]) -> None:
        """Move the sides of the Axes until everything ends one padding away from the edge of the figure."""
        place, pads, figure = _place(ax), self.get(), ax.get_figure(root=True)
        room = place - Bbox.union([Bbox(place - frame), *boxes.values()]).get_points()
        padding = figure.dpi * np.outer([1, -1], [pads["w_pad"], pads["h_pad"]])
        ax.set_position(Bbox((figure.bbox.get_points() + padding + room) / figure.bbox.size))
        ax.set_in_layout(True)  # set_position takes them out


def _standing_free(ax: Axes) -> list[Artist]:
    """What is part neither of the axes nor of the title, and not cut off at the Axes."""
    artists = ax.get_default_bbox_extra_artists()
    return [artist for artist in artists if artist is not ax.patch and not isinstance(artist, Spine)]


def _boxes(artists: list[Artist]) -> dict[Artist, Bbox]:
    boxes = {artist: artist.get_tightbbox() for artist in artists}
    return {
        artist: box
        for artist, box in boxes.items()
        if box is not None and np.isfinite(box.get_points()).all() and any(box.size)
    }


def _is_within(box: Bbox, place: np.ndarray, margin: np.ndarray) -> bool:
    """Whether it stands in the Axes even when each of their sides comes that much nearer."""
    low, high = box.get_points()
    return bool((low >= place[0] + margin).all() and (high <= place[1] - margin).all())


def _is_alone(fig: Figure) -> bool:
    return len(fig.axes) == 1 and not fig.legends and not fig.get_suptitle()


def _place(ax: Axes) -> np.ndarray:
    """The lower left and the upper right corner in pixels."""
    return ax.get_position(original=True).transformed(ax.get_figure(root=True).transFigure).get_points()
