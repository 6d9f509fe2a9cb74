"""The page of a notebook that ran, although a page cannot show one of its cells."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

from retention_kit.report.execution.clean import INJECTED, has_tag, in_one_line
from retention_kit.report.execution.execute import Executed, Failure
from retention_kit.report.html.page import Page, render
from retention_kit.report.language import Language, report_wording


def rendered(result: Executed, *, title: str, language: Language) -> tuple[Page, Failure | None]:
    """The page of an executed notebook without the cells that cannot be shown, and the reason if it is incomplete.

    The reason is the failure of the run; else the first cell that cannot be shown, with the cause.
    """
    is_ours = bool(result.notebook.language)  # a user's own notebook stays as it is
    asked: dict[str, Any] = {"title": title, "language": language}
    asked["translation"] = report_wording.wording(language.code) if is_ours else None
    try:
        return render(result.node, **asked), result.failure
    except Exception as error:  # any error is reported with its page, and the other pages are made
        faults = {i: fault for i, cell in enumerate(result.node.cells) if (fault := _fault(result.node, cell, asked))}
        number, cause = next(iter(faults.items()), (0, error))
        before = sum(has_tag(cell, INJECTED) for cell in result.node.cells[:number])
        failure = Failure(number + 1 - before, in_one_line(f"no page can show it: {type(cause).__name__}: {cause}"))
        kept = [cell for i, cell in enumerate(result.node.cells) if i not in faults] if faults else []
        return render(NotebookNode(result.node, cells=kept), **asked), result.failure or failure


def _fault(node: Any, cell: Any, asked: dict[str, Any]) -> Exception | None:
    """The error that a page of this cell alone would raise; None if there is none."""
    try:
        render(NotebookNode(node, cells=[cell]), **asked)
    except Exception as error:
        return error
    return None
