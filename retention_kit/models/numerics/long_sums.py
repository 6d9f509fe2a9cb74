"""Long sums over future periods, in parts that fit in memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retention_kit.errors import ConfigError
from retention_kit.models.base.rows import Array

__all__: list[str] = []

_CELLS = 2_000_000
"""Lines × periods held at a time."""
_MOST = 10_000_000


def steps(last: float, lines: int) -> Iterator[Array]:
    """1, 2, … last, in parts; refused where the sum would have more than ten million terms."""
    if last > _MOST:
        raise ConfigError(
            f"The horizon has {last:.3g} periods, more than {_MOST:,}; give a shorter time or a higher discount rate."
        )
    size = max(_CELLS // max(lines, 1), 1)
    return (np.arange(k, min(k + size, int(last) + 1)) for k in range(1, int(last) + 1, size))
