"""What stands at the axes of a figure that is drawn once, measured once.

matplotlib measures every tick label to find the place of the axis label, again for the room that both take, and once
more when it draws them.
"""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform, Transform, blended_transform_factory

__all__ = ["measured_for_good"]


def measured_for_good(ax: Axes) -> Bbox:
    """What the Axes take together with their title, ticks and labels, which then keep their distance from them.

    As in any layout, titles and labels count with their height only.
    """
    axes = [axis for axis in (ax.xaxis, ax.yaxis) if ax.axison and axis.get_visible()]
    boxes = [box for axis in axes for box in _boxes(ax, axis)]
    for axis in axes:
        axis.set_in_layout(False)
    return Bbox.union([*boxes, ax.get_tightbbox(for_layout_only=True, bbox_extra_artists=[])])


def _boxes(ax: Axes, axis: Axis) -> Iterator[Bbox]:
    """Of the ticks with their labels, of what they are multiples of, and of the name of the axis."""
    texts = [text for text in (axis.label, axis.offsetText) if text.get_visible()]
    is_free = axis.label.get_transform() == _free(ax, axis)  # nobody has given it a place
    if is_free:
        axis.set_label_coords(*axis.label.get_position(), transform=axis.label.get_transform())
    for text in texts:
        text.set_visible(False)
    box = axis.get_tightbbox()
    for text in texts:
        text.set_visible(True)
    ticks = [box] if box else []
    if is_free:
        _keep_distance(ax, axis, ticks)
    if not axis.offsetText.get_text() and axis.get_ticks_position() in ("bottom", "left"):  # else they move others
        for tick in axis.get_major_ticks():
            tick.label1.set_in_layout(False)
    yield from ticks
    for text in texts:
        if text.get_text():
            yield _flat(axis, text.get_window_extent()) if text is axis.label else text.get_window_extent()


def _free(ax: Axes, axis: Axis) -> Transform:
    """How matplotlib places a label: along the Axes, and in pixels away from them."""
    ways = (ax.transAxes, IdentityTransform())
    return blended_transform_factory(*(ways if axis.axis_name == "x" else ways[::-1]))


def _keep_distance(ax: Axes, axis: Axis, ticks: list[Bbox]) -> None:
    """The label stands outside of ticks and spine and goes along with its side of the Axes."""
    side = axis.get_label_position()
    across, far = int(side in ("bottom", "top")), int(side in ("right", "top"))
    outside = Bbox.union([*ticks, ax.spines.get(side, ax).get_window_extent()])
    pad = axis.labelpad * ax.get_figure(root=True).dpi / 72
    shift, place = [0.0, 0.0], list(axis.label.get_position())
    shift[across] = (outside.get_points() - ax.bbox.get_points())[far, across] + (pad if far else -pad)
    place[across] = far
    axis.set_label_coords(*place, transform=ax.transAxes + Affine2D().translate(*shift))


def _flat(axis: Axis, box: Bbox) -> Bbox:
    """Without its length, to which the layout can give no room."""
    points, along = box.get_points().copy(), int(axis.axis_name == "y")
    points[:, along] = points[:, along].mean()
    return Bbox(points)
