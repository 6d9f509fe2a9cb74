"""The page of a notebook that ran, though one of its cells holds what no page can show."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

from retention_kit.report.execution.clean import INJECTED, has_tag, in_one_line
from retention_kit.report.execution.execute import Executed, Failure
from retention_kit.report.html.page import Page, render
from retention_kit.report.language import Language

__all__ = ["rendered"]


def rendered(result: Executed, *, title: str, language: Language) -> tuple[Page, Failure | None]:
    """The page of an executed notebook, and why it is not whole, if so.

    Parameters
    ----------
    result : Executed
        After its run.
    title, language
        As for `render`.

    Returns
    -------
    Page
        Without the cells of which none can be made.
    Failure or None
        That of the run; else the first such cell and the cause.
    """
    asked: dict[str, Any] = {"title": title, "language": language}
    try:
        return render(result.node, **asked), result.failure
    except Exception as error:  # whatever a page stumbles over is reported with it, and the other pages are made
        faults = {i: fault for i, cell in enumerate(result.node.cells) if (fault := _fault(result.node, cell, asked))}
        number, cause = next(iter(faults.items()), (0, error))
        before = sum(has_tag(cell, INJECTED) for cell in result.node.cells[:number])
        failure = Failure(number + 1 - before, in_one_line(f"no page can show it: {type(cause).__name__}: {cause}"))
        kept = [cell for i, cell in enumerate(result.node.cells) if i not in faults] if faults else []
        return render(NotebookNode(result.node, cells=kept), **asked), result.failure or failure


def _fault(node: Any, cell: Any, asked: dict[str, Any]) -> Exception | None:
    """What keeps a page of this cell alone from being made."""
    try:
        render(NotebookNode(node, cells=[cell]), **asked)
    except Exception as error:
        return error
    return None
