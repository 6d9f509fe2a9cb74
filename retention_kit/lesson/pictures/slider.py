"""A picture with sliders in an interactive notebook, and a still picture everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes

from retention_kit.errors import ConfigError
from retention_kit.plots.drawing.display import Picture, picture

Range = tuple[float, float, float]
_STEPS = 50


def slider(function: Callable[..., Axes], **ranges: Range) -> None:
    """Show a picture with a slider for each of its numbers.

    In JupyterLab the picture is drawn again whenever a slider moves. Where nobody can move one (a batch run, a test, a
    page), and where ipywidgets is not installed, it is a still picture at the start values. The picture itself is an
    ordinary output in both cases, so that it stays in the saved notebook.

    Parameters
    ----------
    function : callable
        Takes the numbers by name and returns Axes with a title and labels.
    **ranges : (low, high, start)
        For each number the ends of its slider and its start value; three integers make integer steps.

    Raises
    ------
    ConfigError
        If a range is not low <= start <= high.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> def line(slope):
    ...     ax = plt.figure().add_subplot()
    ...     ax.plot([0, 1], [0, slope])
    ...     ax.set_title("A line")
    ...     return ax
    >>> slider(line, slope=(0.0, 2.0, 1.0))
    A line. At slope = 1.
    """
    for name, (low, high, start) in ranges.items():
        if not low <= start <= high:
            raise ConfigError(
                f"A slider needs (low, high, start) with low <= start <= high; got {ranges[name]} for {name}."
            )
    starts = {name: start for name, (_, _, start) in ranges.items()}
    widgets = _widgets() if somebody_is_there() else None
    if widgets is None:
        display(_drawn(function, starts))  # type: ignore[no-untyped-call]
    else:
        _interactive(widgets, function, ranges)


def somebody_is_there() -> bool:
    """Whether a person sent the code from a notebook in which they can move sliders.

    Every request to a kernel says whether it could ask a person for input: JupyterLab and Notebook say yes, nbconvert,
    papermill and nbval say no.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    return bool(kernel.get_parent("shell").get("content", {}).get("allow_stdin", False))


def _widgets() -> Any | None:
    try:
        import ipywidgets
    except ImportError:
        return None
    return ipywidgets


def _interactive(widgets: Any, function: Callable[..., Axes], ranges: Mapping[str, Range]) -> None:
    """Sliders, and under them the picture that each move replaces."""
    controls = {name: _control(widgets, name, *ends) for name, ends in ranges.items()}
    display(widgets.VBox(list(controls.values())))  # type: ignore[no-untyped-call]
    first = _drawn(function, {name: c.value for name, c in controls.items()})
    handle = display(first, display_id=True)  # type: ignore[no-untyped-call]

    def redraw(_: Any) -> None:
        handle.update(_drawn(function, {name: c.value for name, c in controls.items()}))

    for control in controls.values():
        control.observe(redraw, names="value")


def _control(widgets: Any, name: str, low: float, high: float, start: float) -> Any:
    options = {
        "description": name.replace("_", " "),
        "continuous_update": False,
        "style": {"description_width": "initial"},
    }
    if all(isinstance(x, int) for x in (low, high, start)):
        return widgets.IntSlider(start, low, high, max(1, (high - low) // 100), **options)
    return widgets.FloatSlider(start, min=low, max=high, step=(high - low) / _STEPS, readout_format=".3g", **options)


def _drawn(function: Callable[..., Axes], values: Mapping[str, float]) -> Picture:
    """The picture at these values, with alternative text that names them."""
    ax = function(**values)
    own = str(ax.get_label())
    labels = [f"{ax.get_ylabel()} against {ax.get_xlabel()}"] if ax.get_xlabel() and ax.get_ylabel() else []
    description = (
        own if own and not own.startswith("<") else ". ".join([ax.get_title(loc="left") or ax.get_title(), *labels])
    )
    at = ", ".join(f"{name.replace('_', ' ')} = {value:g}" for name, value in values.items())
    return picture(ax, alt=f"{description.rstrip('.')}. At {at}.")
