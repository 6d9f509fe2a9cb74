"""What a run is doing, for whoever waits: lines while it is set up, then a bar over everything that it makes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm


class Progress:
    """Lines and a bar on standard error; nothing at all unless `shown`.

    A step is what takes seconds: a notebook, the numbers of a month, the pages of a part, a PDF, and the publication of
    a month. So the bar is full when the run is over, and its text names the step that it waits for.
    """

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._bar: tqdm[None] | None = None

    def says(self, text: str) -> None:
        """A line about the set-up."""
        if self._shown:
            tqdm.write(text, file=sys.stderr)

    @contextmanager
    def over(self, steps: int) -> Iterator[None]:
        """The bar over so many steps."""
        with tqdm(total=steps, unit="step", dynamic_ncols=True, disable=not (self._shown and steps)) as self._bar:
            try:
                yield
            finally:
                self._bar = None

    def begins(self, text: str) -> None:
        """Name the step that the bar waits for."""
        if self._bar is not None:
            self._bar.set_description(text)

    def done(self) -> None:
        """One more step is over."""
        if self._bar is not None:
            self._bar.update()

    def more(self, steps: int) -> None:
        """Steps that were not expected."""
        if self._bar is not None and self._bar.total is not None:
            self._bar.total += steps
            self._bar.refresh()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """A step from its beginning to its end."""
        self.begins(text)
        yield
        self.done()
