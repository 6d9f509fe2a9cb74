"""An exercise: its answer, the tolerance of numbers, and hints for typical mistakes."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Verdict:
    """The result of a check; Jupyter shows it as a line.

    Parameters
    ----------
    right : bool
        Whether the answer is right.
    text : str
        One or two sentences for the student.

    Examples
    --------
    >>> Verdict(True, "20 % is right.")
    ✓ 20 % is right.
    """

    right: bool
    text: str

    def __repr__(self) -> str:
        return f"{'✓' if self.right else '✗'} {self.text}"

    def _repr_html_(self) -> str:
        return f"<p><strong>{'✓' if self.right else '✗'}</strong> {html.escape(self.text)}</p>"


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson.

    Parameters
    ----------
    answer : callable
        Computes the right answer, from the package's functions: a number, text, date or a sequence of them.
    hints : sequence of (wrong answer, hint)
        Typical mistakes: a value or a function that computes it, and a sentence that helps without the answer.
    tolerance : float
        Largest error of a number.
    unit : {"rate", "money", "count", "score", "days", "number", "text"}
        Unit of the answer.
    why : str
        What the right answer teaches, in a sentence.
    otherwise : str
        Hint for every other wrong answer.

    Examples
    --------
    >>> half = Exercise(lambda: 0.5, hints=((2.0, "You divided the whole by the part."),), unit="rate")
    >>> half.judge(0.5)
    ✓ Right.
    >>> half.judge(2)
    ✗ Not yet. You divided the whole by the part.
    >>> half.judge(50)
    ✗ Not yet. Rates are fractions here: write 0.05 for 5 %.
    """

    answer: Callable[[], Any]
    hints: tuple[tuple[Any, str], ...] = ()
    tolerance: float = 0.005
    unit: str = "number"
    why: str = ""
    otherwise: str = "Read the question once more, and look at what is divided by what."

    def judge(self, answer: Any) -> Verdict:
        """Right, or a hint.

        Parameters
        ----------
        answer : object
            The student's answer.

        Returns
        -------
        Verdict
            Whether it is right, and a sentence.
        """
        expected = self.answer()
        if same(answer, expected, self.tolerance):
            return Verdict(True, f"Right. {self.why}".strip())
        for wrong, hint in self.hints:
            if same(answer, wrong() if callable(wrong) else wrong, self.tolerance):
                return Verdict(False, f"Not yet. {hint}")
        return Verdict(False, f"Not yet. {self._general_hint(answer, expected)}")

    def _general_hint(self, answer: Any, expected: Any) -> str:
        """A hint for any wrong answer, on its kind, length, unit or sign."""
        expected_kind, given_kind = _kind(expected), _kind(answer)
        if expected_kind != given_kind:
            return f"The answer is {expected_kind}; this is {given_kind}."
        if expected_kind == "a list" and len(_items(answer)) != len(_items(expected)):
            return f"The answer has {len(_items(expected))} values; this has {len(_items(answer))}."
        if self.unit == "rate" and same(_scaled(answer, 0.01), expected, self.tolerance):
            return "Rates are fractions here: write 0.05 for 5 %."
        if same(_scaled(answer, -1), expected, self.tolerance):
            return "The size is right, the sign is not."
        return self.otherwise


def same(answer: Any, expected: Any, tolerance: float) -> bool:
    """Whether an answer is the expected one: numbers within the tolerance, words whatever their case.

    Examples
    --------
    >>> same([1, 2.001], (1, 2), 0.005), same("Loyal ", "loyal", 0), same(1, "1", 0)
    (True, True, False)
    """
    if _kind(answer) != _kind(expected):
        return False
    if _kind(expected) == "a list":
        given, right = _items(answer), _items(expected)
        return len(given) == len(right) and all(same(a, b, tolerance) for a, b in zip(given, right, strict=True))
    if _kind(expected) == "a number":
        a, b = float(answer), float(expected)
        return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance
    if _kind(expected) == "a text":
        return bool(answer.strip().casefold() == expected.strip().casefold())
    if _kind(expected) == "a date":
        return pd.Timestamp(answer) == pd.Timestamp(expected)
    return bool(answer == expected)


def _kind(x: Any) -> str:
    """The kind of a value, in plain words."""
    if isinstance(x, (bool, np.bool_)):
        return "True or False"
    if isinstance(x, str):
        return "a text"
    if pd.api.types.is_number(x) or hasattr(x, "as_integer_ratio"):
        return "a number"
    if hasattr(x, "year") and hasattr(x, "month"):
        return "a date"
    if isinstance(x, (pd.Series, np.ndarray, list, tuple, set, frozenset, Mapping)):
        return "a list"
    return f"a {type(x).__name__}"


def _items(x: Any) -> list[Any]:
    """The values of a list in their order; of a set sorted; of a mapping those of its sorted keys."""
    if isinstance(x, Mapping):
        return [x[key] for key in sorted(x)]
    return sorted(x) if isinstance(x, (set, frozenset)) else list(x)


def _scaled(x: Any, factor: float) -> Any:
    if _kind(x) == "a list":
        return [_scaled(item, factor) for item in _items(x)]
    return float(x) * factor if _kind(x) == "a number" else x
