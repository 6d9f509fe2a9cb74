"""Colours of figures as classes of the style sheet, so that dark mode and print follow by themselves."""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np
from matplotlib.colors import to_hex, to_rgb

from retention_kit.plots.drawing import style

_NAMED: Final = {
    style.BLUE: "a",
    style.VERMILION: "w",
    style.ORANGE: "w",
    style.GREEN: "g",
    style.PURPLE: "p",
    style.SKY: "4",
    style.TEXT: "i",
    "#000000": "i",
    style.MUTED: "s",
    style.GREY: "m",
    style.GRID: "l",
    "#D9D9D9": "l",
    "#E6E6E6": "l",
    "#FFFFFF": "0",
    style.PALE: "1",
}
"""Letters of the classes: accent, worse, green, purple, ink, soft, grey, line, ground, and the steps 1 to 7."""
_STEPS: Final = (0.0, 0.12, 0.25, 0.38, 0.55, 0.72, 0.88)
"""Shares of the largest value at which the steps of the ramp begin."""
_NEAR: Final = 0.12
"""Distance of two colours, 0 to 1.7, up to which a foreign colour takes the class of one of ours."""
_ON: Final = frozenset("awgpis567")
"""Fills on which text has the colour of the ground."""


def letter(colour: Any) -> str:
    """The letter of a colour's class; the colour itself, as #rrggbb, where none is near.

    Examples
    --------
    >>> letter("#0072B2"), letter("white"), letter("#12ff56")
    ('a', '0', '#12ff56')
    """
    return _letter(to_hex(colour))


@functools.lru_cache(1024)
def _letter(code: str) -> str:
    names, points = _known()
    distances = np.linalg.norm(points - np.asarray(to_rgb(code)), axis=1)
    nearest = int(distances.argmin())
    return names[nearest] if distances[nearest] <= _NEAR else code


@functools.cache
def _known() -> tuple[list[str], np.ndarray]:
    """Known colours, first the named ones and then the ramp from light to dark."""
    shares = np.linspace(0.02, 1, 50)
    ramp = [to_rgb(style.sequential()(share)) for share in shares]
    names = [*_NAMED.values(), *(step(share) for share in shares)]
    return names, np.asarray([*map(to_rgb, _NAMED), *ramp])


def step(share: float) -> str:
    """The step of the ramp for a share of the largest value, "1" to "7".

    Examples
    --------
    >>> step(0.0), step(0.5), step(1.0)
    ('1', '4', '7')
    """
    return str(int(np.searchsorted(_STEPS, share, side="right")) or 1)


def carries_ground(name: str) -> bool:
    """Whether text on a fill of this class has the colour of the ground."""
    return name in _ON
