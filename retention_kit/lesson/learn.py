"""Make a lesson to work through from a solved lesson: answers and outputs are removed, everything else is kept."""

from __future__ import annotations

import copy
import os
import warnings
from pathlib import Path
from typing import Any, Final

import nbformat

from retention_kit.errors import ConfigError, RetentionKitWarning

ANSWER: Final = "# your answer"
"""In a cell tagged `exercise` the lines after this one, up to the call of `lesson.check`, are the answer."""
_CHECK: Final = "lesson.check("
_KEPT: Final = ("kernelspec", "language_info")


def to_learn(solution: Any) -> Any:
    """The lesson without answers and outputs.

    Parameters
    ----------
    solution : NotebookNode
        The solved lesson.

    Returns
    -------
    NotebookNode
        The same cells: without outputs and counts, `answer = ...` in place of the answer of a cell tagged `exercise`;
        cells tagged `solution` are left out.

    Raises
    ------
    ConfigError
        When a cell tagged `exercise` does not have one line `# your answer` with a `lesson.check` after it.

    Examples
    --------
    >>> source = "# your answer\\nanswer = 1 + 1\\nlesson.check('sum', answer)"
    >>> cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["exercise"]})
    >>> print(to_learn(nbformat.v4.new_notebook(cells=[cell])).cells[0].source)
    # your answer
    answer = ...
    lesson.check('sum', answer)
    """
    lesson = copy.deepcopy(solution)
    kept = {key: lesson.metadata[key] for key in _KEPT if key in lesson.metadata}
    lesson.metadata = nbformat.from_dict(kept)
    lesson.cells = [cell for cell in lesson.cells if "solution" not in _tags(cell)]
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if "exercise" in _tags(cell):
            cell.source = _without_answer(cell.source)
    return lesson


def write_all(solutions: Path, learn: Path, *, replace: bool = False) -> list[Path]:
    """Write a lesson to work through for every solved lesson.

    Parameters
    ----------
    solutions, learn : Path
        Folders to read from and to write into.
    replace : bool
        Whether lessons are replaced that hold something else, such as somebody's answers.

    Raises
    ------
    ConfigError
        Lessons would be replaced without `replace`; nothing was written.

    Warns
    -----
    RetentionKitWarning
        There are notebooks without a solved lesson; they stay.
    """
    texts = {learn / path.name: learn_text(path) for path in sorted(solutions.glob("*.ipynb"))}
    others = [path for path, text in texts.items() if os.path.lexists(path) and not _holds(path, text)]
    if others and not replace:
        names = ", ".join(str(path) for path in others)
        raise ConfigError(f"{names} would be overwritten, with the answers in it; ask for that with --replace.")
    learn.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    if strangers := sorted(set(learn.glob("*.ipynb")) - set(texts)):
        names = ", ".join(str(path) for path in strangers)
        warnings.warn(f"No solved lesson belongs to {names}; remove it if it is an old one.", RetentionKitWarning, 2)
    return list(texts)


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode("utf-8")


def learn_text(path: Path) -> str:
    """The exact content of the file with the lesson to work through."""
    solution = nbformat.read(path, as_version=4)
    text: str = nbformat.writes(to_learn(solution))
    return text + "\n"


def _tags(cell: Any) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags


def _without_answer(source: str) -> str:
    lines = source.split("\n")
    starts = [i for i, line in enumerate(lines) if line.strip().lower() == ANSWER]
    ends = [i for i, line in enumerate(lines) if line.startswith(_CHECK)]
    if len(starts) != 1 or len(ends) != 1 or ends[0] < starts[0]:
        raise ConfigError(f"An exercise has one line {ANSWER!r} and one {_CHECK}…) after it; this has not: {source!r}")
    return "\n".join([*lines[: starts[0] + 1], "answer = ...", *lines[ends[0] :]])
