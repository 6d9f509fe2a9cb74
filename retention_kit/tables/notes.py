"""Warnings of the package, shown as sentences under their cell."""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.display import display

from retention_kit.errors import DataError, RetentionKitWarning


class _Note:
    """One sentence that needs a second look."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Note: {self.text}"

    def _repr_html_(self) -> str:
        return f"<p class='note'><strong>Note.</strong> {html.escape(self.text)}</p>"


class _LeftOut(_Note):
    """Why something is not on the page."""

    def __repr__(self) -> str:
        return f"Left out: {self.text}"

    def _repr_html_(self) -> str:
        return f"<p class='note'>{html.escape(self.text)}</p>"


class Reason:
    """Why a block of `notes` ended early: a complete sentence, empty if it did not.

    Examples
    --------
    >>> from retention_kit.errors import FitError
    >>> with notes(FitError) as no_fit:
    ...     raise FitError("the fit did not converge")
    Note: Not shown: the fit did not converge
    >>> str(no_fit)
    'The fit did not converge.'
    """

    def __init__(self) -> None:
        self.text = ""

    def __str__(self) -> str:
        text = " ".join(self.text.split())
        return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


@contextmanager
def notes(*errors: type[Exception]) -> Iterator[Reason]:
    """Show the package's warnings of a block as notes for the reader, not as lines of code and paths.

    Parameters
    ----------
    errors : types of error, optional
        Errors of the package that end the block with a note, if the rest of the page does not need it: a model that
        cannot be fitted yet, or no complete cohort. Any other error stops the page.

    Returns
    -------
    context manager
        Warnings of other packages pass through unchanged. It yields the Reason why the block ended early, for
        `numbers(…, missing=…)`.

    Examples
    --------
    >>> from retention_kit.errors import FitError
    >>> with notes():
    ...     warnings.warn("Only 12 answers.", RetentionKitWarning, stacklevel=1)
    Note: Only 12 answers.
    >>> with notes(FitError):
    ...     raise FitError("The fit did not converge.")
    Note: Not shown: The fit did not converge.
    """
    reason = Reason()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RetentionKitWarning)
        try:
            yield reason
        except errors as error:
            reason.text = str(error)
    for warning in caught:
        if issubclass(warning.category, RetentionKitWarning):
            display(_Note(str(warning.message)))  # type: ignore[no-untyped-call]
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if reason.text:
        display(_Note(f"Not shown: {reason.text}"))  # type: ignore[no-untyped-call]


def needs(*results: Any) -> None:
    """End a block of `notes` with a sentence if a result that it needs could not be computed further up.

    Parameters
    ----------
    results : any
        Results that the block needs; None, or an empty result, is missing.

    Raises
    ------
    DataError
        If one is missing.

    Examples
    --------
    >>> model = None  # because its fit ended with a note
    >>> with notes(DataError):
    ...     needs(model)
    Note: Not shown: it rests on a result that could not be given further up on this page.
    """
    if any(result is None or (hasattr(result, "__len__") and len(result) == 0) for result in results):
        raise DataError("it rests on a result that could not be given further up on this page.")


def left_out(reason: str) -> _LeftOut:
    """A sentence in place of a result for which the data have nothing.

    Parameters
    ----------
    reason : str
        What is missing: a complete sentence.

    Returns
    -------
    object
        For display. A notebook shows the sentence; a page of the report leaves out the section that holds nothing
        else, and gives the reason at its end.

    Examples
    --------
    >>> left_out("The orders have no column country.")
    Left out: The orders have no column country.
    """
    return _LeftOut(reason)
