"""Questions about customers whose parameters are those of their segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.drawn_futures import Question
from retention_kit.models.numerics.arrays import Array


@dataclass(frozen=True)
class OfSegments(Question):
    """A question, asked with the parameters of each customer's segment.

    θ holds the parameters of the first segment, then those of the second …; `code` is the column with the position of
    a customer's segment.
    """

    question: Question
    code: str
    size: int
    """Parameters per segment."""

    @property
    def columns(self) -> Sequence[str]:
        return (*self.question.columns, self.code)

    def alive(self, theta: Array, rows: Rows) -> Array:
        return self._each(theta, rows, lambda own, some, _: self.question.alive(own, some))

    def expected(self, theta: Array, rows: Rows, alive: Array | None = None, rough: bool = False) -> Array:
        return self._each(theta, rows, lambda own, some, known: self.question.expected(own, some, known, rough), alive)

    def future(self, theta: Array, rows: Rows, rng: np.random.Generator, alive: Array | None = None) -> Array:
        return self._each(theta, rows, lambda own, some, known: self.question.future(own, some, rng, known), alive)

    def purchases(self, theta: Array, rows: Rows) -> Array:
        return self._each(theta, rows, lambda own, some, _: self.question.purchases(own, some))

    def _each(
        self, theta: Array, rows: Rows, answer: Callable[[Array, Rows, Array | None], Array], alive: Array | None = None
    ) -> Array:
        code = rows[self.code].astype(int)
        values = np.empty((*np.shape(theta)[1:-1], len(rows)))
        for segment in np.unique(code):
            at = np.flatnonzero(code == segment)
            own = theta[segment * self.size : (segment + 1) * self.size]
            values[..., at] = answer(own, rows.take(at), None if alive is None else alive[..., at])
        return values
