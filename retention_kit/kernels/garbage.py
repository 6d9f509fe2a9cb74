"""When a process looks for garbage: not while it imports, and less often than Python would."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["none_in_imports"]

_YOUNG: Final = 10_000
"""Objects after which it looks. Figures, expressions and pages are made of thousands; Python's 700 are from smaller
days."""


@contextmanager
def none_in_imports() -> Iterator[None]:
    """Nothing that imports make is garbage: do not look for any meanwhile, nor later among what they made.

    Forked processes would copy every page that they look through.

    Returns
    -------
    context manager
        For the imports. Afterwards what they made is frozen; ``gc.unfreeze`` takes that back.

    Examples
    --------
    >>> with none_in_imports():
    ...     gc.isenabled()
    False
    >>> gc.unfreeze()
    """
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
    gc.set_threshold(_YOUNG)
