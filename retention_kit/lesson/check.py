"""Checks of answers to exercises."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.lesson import exercises
from retention_kit.lesson.exercise import Exercise, Verdict


class Unanswered(Exception):  # noqa: N818  it is not an error: the exercise has not been answered yet
    """An exercise has no answer yet; a notebook that is run from the top stops here with one line."""

    def _render_traceback_(self) -> list[str]:
        """Jupyter shows this in place of a traceback."""
        return [str(self)]


def check(name: str, answer: Any) -> Verdict:
    """Say whether an answer is right, or give a hint.

    Parameters
    ----------
    name : str
        Name of the exercise.
    answer : object
        Your answer: a number, text, date or a sequence of them. Numbers may be rounded to two decimals.

    Returns
    -------
    Verdict
        Right, or a hint that does not give the answer away.

    Raises
    ------
    Unanswered
        While the answer is still `...`.
    ConfigError
        If there is no exercise of that name.

    Examples
    --------
    >>> check("retention_of_ten", 0.9)
    ✗ Not yet. Those who joined are in your numerator: of the ten at the start, who is still there?
    """
    refuse(name=(name, "name"))
    exercises_by_name = all_exercises()
    if name not in exercises_by_name:
        near = get_close_matches(name, exercises_by_name, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(exercises_by_name)}."
        raise ConfigError(f"No exercise is called {name!r}; {hint}")
    if answer is None or answer is Ellipsis:
        raise Unanswered(
            f"Your turn: in the cell above, put your answer to {name!r} in place of the three dots and run it again. "
            "The cells below wait for you; the lesson of the same name in notebooks/solutions has all answers."
        )
    return exercises_by_name[name].judge(answer)


def all_exercises() -> dict[str, Exercise]:
    """Every exercise of every lesson by its name."""
    exercises_by_name: dict[str, Exercise] = {}
    for module in sorted(iter_modules(exercises.__path__), key=lambda module: module.name):
        own = import_module(f"{exercises.__name__}.{module.name}").EXERCISES
        if twice := sorted(exercises_by_name.keys() & own.keys()):
            raise ConfigError(f"Two lessons have an exercise of the same name: {', '.join(twice)}; rename one.")
        exercises_by_name |= own
    return exercises_by_name
