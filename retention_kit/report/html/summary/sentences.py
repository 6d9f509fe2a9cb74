"""A sentence before it is written: a message with named places, and the values that fill them.

Rules return sentences, so that they are the same in every language; `writer` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "money", "expected", "expected_range", "range", "change", "size_of_change", "share", "points", "count", "decimal",
    "score", "number", "month", "of_month", "in_month", "month_year", "of_month_year", "in_month_year", "day", "chance",
    "label", "text", "signed_money", "unit_range", "in_unit", "unit_change",
]  # fmt: skip
"""How a value is written; `writer` says what each kind holds."""


@dataclass(frozen=True)
class Value:
    """A value in a sentence; `behind` says where it comes from, and makes it a button."""

    kind: Kind
    data: Any
    behind: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A message and its values; with `plural` it has the grammatical form for `n`, which it holds as the place n."""

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str = ""
    n: int = 0


def sentence(message: str, /, **values: Value) -> Sentence:
    """A sentence without a counted noun."""
    return Sentence(message, values)


def counted(messages: tuple[str, str], n: float, /, **values: Value) -> Sentence:
    """A sentence about a number of things, which is its place ``n``."""
    return Sentence(messages[0], {"n": count(n), **values}, messages[1], round(n))


def money(x: float, *behind: Sentence) -> Value:
    """Money in whole units."""
    return Value("money", x, behind)


def expected(x: float, *behind: Sentence) -> Value:
    """Expected money, three digits."""
    return Value("expected", x, behind)


def expected_range(low: float, high: float) -> Value:
    """An interval of expected money."""
    return Value("expected_range", (low, high))


def count(x: float, *behind: Sentence) -> Value:
    """A number of things."""
    return Value("count", x, behind)


def share(x: float, *behind: Sentence) -> Value:
    """A share, in whole per cent."""
    return Value("share", x, behind)
