"""Room for what stands around the Axes: labels, title, legend."""

from __future__ import annotations

import numpy as np
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
    however large the Axes are, so once is enough for them. Only for legends and for text at a place inside the Axes
    it changes.
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
        frame = _place(ax) - around.get_points()
        for _ in range(2):
            self._fit(ax, frame)

    def _fit(self, ax: Axes, frame: np.ndarray) -> None:
        """Move the sides of the Axes until everything ends one padding away from the edge of the figure."""
        place, pads, figure = _place(ax), self.get(), ax.get_figure(root=True)
        artists = [artist for artist in ax.get_default_bbox_extra_artists() if not isinstance(artist, Spine)]
        boxes = [artist.get_tightbbox() for artist in artists if artist is not ax.patch]
        seen = [box for box in boxes if box is not None and np.isfinite(box.get_points()).all() and any(box.size)]
        room = place - Bbox.union([Bbox(place - frame), *seen]).get_points()
        padding = figure.dpi * np.outer([1, -1], [pads["w_pad"], pads["h_pad"]])
        ax.set_position(Bbox((figure.bbox.get_points() + padding + room) / figure.bbox.size))
        ax.set_in_layout(True)  # set_position takes them out


def _is_alone(fig: Figure) -> bool:
    return len(fig.axes) == 1 and not fig.legends and not fig.get_suptitle()


def _place(ax: Axes) -> np.ndarray:
    """The lower left and the upper right corner in pixels."""
    return ax.get_position(original=True).transformed(ax.get_figure(root=True).transFigure).get_points()
