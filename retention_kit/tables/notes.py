"""Warnings of the package as sentences under their cell."""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from IPython.display import display

from retention_kit.errors import RetentionKitWarning

__all__ = ["notes"]


class _Note:
    """One sentence that needs a second look."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Note: {self.text}"

    def _repr_html_(self) -> str:
        return f"<p class='note'><strong>Note.</strong> {html.escape(self.text)}</p>"


@contextmanager
def notes() -> Iterator[None]:
    """Show the package's warnings of a block as notes for the reader, not as lines of code and paths.

    Returns
    -------
    context manager
        Warnings of other packages pass through unchanged.

    Examples
    --------
    >>> with notes():
    ...     warnings.warn("Only 12 answers.", RetentionKitWarning, stacklevel=1)
    Note: Only 12 answers.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RetentionKitWarning)
        yield
    for warning in caught:
        if issubclass(warning.category, RetentionKitWarning):
            display(_Note(str(warning.message)))
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
