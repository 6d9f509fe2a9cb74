"""Run one notebook through papermill and hand back what came out, whole or failed."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from retention_kit.report.clean import INJECTED, PRIVATE, clean, plain_text
from retention_kit.report.notebooks import Notebook

__all__ = ["Executed", "Failure", "execute"]

KERNEL: Final = "python3"
QUIET: Final = ["--IPKernelApp.log_level=40"]
_ADDED: Final = {INJECTED, "papermill-error-cell-tag"}
"""Tags of the cells that papermill adds."""


@dataclass(frozen=True)
class Failure:
    """Why a notebook stopped: the cell, counted from 1 over the cells of the notebook as its author wrote it, and the
    cause in one line."""

    cell: int
    cause: str


@dataclass(frozen=True)
class Executed:
    """A notebook after its run; `failure` is None where every cell ran."""

    notebook: Notebook
    node: Any
    seconds: float
    failure: Failure | None = None


def execute(
    notebook: Notebook,
    values: Mapping[str, Any],
    shown: Mapping[str, Any],
    *,
    private: Path,
    scratch: Path,
    cell_timeout: float,
    engine: str | None = None,
) -> Executed:
    """Run a notebook with these parameters; a cell that fails is a result, not an exception.

    Parameters
    ----------
    values : mapping
        What the kernel gets.
    shown : mapping
        The same names as they stand in the saved notebook.
    private : Path
        The run's workspace; its path is written nowhere.
    scratch : Path
        Folder in it where papermill keeps the notebook while it runs.
    cell_timeout : float
        Seconds that one cell may take.
    engine : str, optional
        A papermill engine; None is papermill's own.
    """
    saved = scratch / f"{notebook.name}.ipynb"
    started = time.monotonic()
    cause = None
    try:
        papermill.execute_notebook(
            copy.deepcopy(notebook.node),
            str(saved).replace("{", "{{").replace("}", "}}"),  # papermill formats its paths
            parameters=dict(values),
            engine_name=engine,
            kernel_name=KERNEL,
            language="python",
            progress_bar=False,
            start_timeout=120,
            execution_timeout=cell_timeout,
            resources={"metadata": {"path": str(notebook.path.parent)}},
            extra_arguments=list(QUIET),
            record_timing=False,
            coalesce_streams=True,
        )
    except Exception as error:  # whatever stops a notebook is reported with its page, and the others go on
        cause = _cause(error)
    seconds = time.monotonic() - started
    node = nbformat.read(saved, as_version=4) if saved.exists() else copy.deepcopy(notebook.node)
    failure = _failure(node, cause and cause.replace(str(private), PRIVATE))
    return Executed(notebook, clean(node, shown, hidden=str(private)), seconds, failure)


def _cause(error: Exception) -> str:
    if isinstance(error, PapermillExecutionError):
        return _line(f"{error.ename}: {error.evalue}")
    names = {"CellTimeoutError": "took longer than the time limit", "DeadKernelError": "its Python process ended"}
    return names.get(type(error).__name__) or _line(f"{type(error).__name__}: {error}")


def _line(text: str) -> str:
    return " ".join(plain_text(text).split())[:500]


def _failure(node: Any, cause: str | None) -> Failure | None:
    """The cell that stopped the run, marked `failed`; papermill calls cells "completed" that never ran."""
    own = [cell for cell in node.cells if not _ADDED & set(cell.metadata.get("tags", []))]
    code = [(i, cell) for i, cell in enumerate(own, start=1) if cell.cell_type == "code" and cell.source.strip()]
    raised = [i for i, cell in code if any(o.output_type == "error" for o in cell.outputs)]
    started = [i for i, cell in code if cell.metadata.get("papermill", {}).get("start_time")]
    unfinished = [i for i, cell in code if cell.execution_count is None]
    if cause is None and not raised and not unfinished:
        return None
    number = (raised or started[-1:] or unfinished or [1])[0]
    own[number - 1].metadata["failed"] = True
    return Failure(number, cause or "stopped before the last cell")
