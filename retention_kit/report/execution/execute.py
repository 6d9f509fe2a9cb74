"""Run one notebook through papermill and hand back what came out, whole or failed."""

from __future__ import annotations

import copy
import errno
import math
import time
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import papermill
from nbformat import NotebookNode
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from retention_kit.report.execution import carried, forked
from retention_kit.report.execution.clean import INJECTED, PRIVATE, clean, has_tag, in_one_line
from retention_kit.report.inputs import customer_ids
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.settings import redaction

__all__ = ["NO_ROOM", "Executed", "Failure", "execute"]

NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""Errors of a disk that is full or cannot be written."""

KERNEL: Final = "python3"
ENGINE: Final = "retention-kit-report"
"""Name of `Engine` among papermill's."""
MORE_STARTS: Final = 3
"""How often a kernel that did not come up is started again."""
QUIET: Final = ["--IPKernelApp.log_level=50"]
TABLES: Final = ["--IPKernelApp.extra_extensions=retention_kit.embedded_tables"]
"""What a cell shows carries the table behind it, for the month's data folder."""
_SKIPPED: Final = "skip-execution"
_MAY_RAISE: Final = "raises-exception"
"""Tags that nbclient honours: a cell that is not run, and one whose error is what its author wants to show."""
_ADDED: Final = {INJECTED, "papermill-error-cell-tag"}
"""Tags of the cells that papermill adds."""


_DECIMALS: Final = (
    "(Money in Dataset.table is exact decimals, which pandas does not plot; Dataset.to_pandas() gives it as floats.)"
)
"""What to do where a notebook plots the money of a table of the engine."""


@dataclass(frozen=True)
class Failure:
    """Why a notebook stopped: the cell, counted from 1 over the cells of the notebook as its author wrote it, and the
    cause in one line."""

    cell: int
    cause: str


@dataclass(frozen=True)
class Executed:
    """A notebook after its run; `failure` is None where every cell ran, `shown` its parameters as published."""

    notebook: Notebook
    node: Any
    seconds: float
    failure: Failure | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)


def execute(
    notebook: Notebook,
    values: Mapping[str, Any],
    shown: Mapping[str, Any],
    *,
    private: Path,
    cell_timeout: float,
    passwords: Sequence[str] = (),
    kernels: forked.Kernels | None = None,
    lists: bool = True,
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
    cell_timeout : float
        Seconds that one cell may take.
    passwords : sequence of str
        What is made unreadable wherever it stands in the result.
    kernels : forked.Kernels, optional
        Those of the run; where they were stopped, no kernel is started again.
    lists : bool
        Whether lists of customers stay in the result.

    Raises
    ------
    CancelledError
        The run was stopped.
    OSError
        There is no room to write. That is no notebook's fault, so it is not reported as one.
    """
    started, kernels = time.monotonic(), kernels or forked.Kernels()
    for _ in range(1 + MORE_STARTS):
        node, error = _attempt(notebook, values, cell_timeout, kernels)
        if kernels.stopped:
            raise CancelledError
        if not _never_began(error):
            break
    cause = redaction.hide(_cause(error).replace(str(private), PRIVATE), passwords) if error else None
    failure = _failure(node, cause)
    node = redaction.hide(clean(node, shown, hidden=str(private)), passwords)
    node = carried.as_text(node if lists else customer_ids.without_lists(node))
    return Executed(notebook, node, time.monotonic() - started, failure, dict(shown))


def _attempt(
    notebook: Notebook, values: Mapping[str, Any], cell_timeout: float, kernels: forked.Kernels
) -> tuple[Any, Exception | None]:
    """The notebook as far as it came, and what stopped it."""
    made: list[Any] = []
    try:
        papermill.execute_notebook(
            _outline(notebook.node),
            None,
            parameters=dict(values),
            engine_name=ENGINE,
            kernel_name=KERNEL,
            language="python",
            progress_bar=False,
            start_timeout=120,
            execution_timeout=math.ceil(cell_timeout),  # papermill 2.6 takes whole seconds only
            resources={"metadata": {"path": str(notebook.path.parent.absolute())}},
            extra_arguments=[*QUIET, *TABLES],
            iopub_timeout=math.ceil(cell_timeout),  # papermill's 4 seconds for what a cell shows fail on a busy machine
            record_timing=False,
            coalesce_streams=True,
            keep=made,
            kernels=kernels,
        )
    except Exception as error:  # whatever else stops a notebook is reported with its page, and the others go on
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        return made[0] if made else copy.deepcopy(_outline(notebook.node)), error
    return made[0], None


class Engine(forked.Engine):
    """Hands papermill the outline of what it made, `keep` has all of it.

    Papermill turns every notebook that it gets into text and checks it, before and after the run, even where it is
    neither read from a file nor written to one.
    """

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, *, keep: list[Any], **options: Any) -> Any:
        """Run a notebook; `keep` receives it first, so that a run that breaks off leaves what it had made."""
        keep.append(nb)
        return _outline(super().execute_notebook(nb, kernel_name, **options), types={"error"})  # papermill looks for it


papermill_engines.register(ENGINE, Engine)


def _outline(node: Any, *, types: Set[str] = frozenset()) -> Any:
    """A notebook whose cells are the same but for their outputs, of which only these types are left."""
    cells = [NotebookNode(cell) for cell in node.cells]
    for cell in cells:
        if cell.cell_type == "code":
            looked_for = types if not has_tag(cell, _MAY_RAISE) else ()
            cell.outputs = [output for output in cell.outputs if output.output_type in looked_for]
    return NotebookNode(node, cells=cells)


def _never_began(error: Exception | None) -> bool:
    """Whether the kernel did not come up. Its ports are chosen before it binds them, and now and then one is taken in
    between; no cell has run, so another start is safe."""
    return isinstance(error, RuntimeError) and str(error).startswith("Kernel died before")


def _cause(error: Exception) -> str:
    if isinstance(error, PapermillExecutionError):
        return in_one_line(f"{error.ename}: {error.evalue}")
    names = {"CellTimeoutError": "took longer than the time limit", "DeadKernelError": "its Python process ended"}
    return names.get(type(error).__name__) or in_one_line(f"{type(error).__name__}: {error}")


def _failure(node: Any, cause: str | None) -> Failure | None:
    """The cell that stopped the run, marked `failed`; papermill calls cells "completed" that never ran."""
    own = [cell for cell in node.cells if not has_tag(cell, *_ADDED)]
    code = [(i, cell) for i, cell in enumerate(own, start=1) if cell.cell_type == "code" and cell.source.strip()]
    code = [(i, cell) for i, cell in code if not has_tag(cell, _SKIPPED)]
    raised = [i for i, cell in code if not has_tag(cell, _MAY_RAISE) and _raised(cell)]
    started = [i for i, cell in code if cell.metadata.get("papermill", {}).get("start_time")]
    unfinished = [i for i, cell in code if cell.execution_count is None]
    if cause is None and not raised and not unfinished:
        return None
    number = (raised or started[-1:] or unfinished or [1])[0]
    own[number - 1].metadata["failed"] = True
    if "no numeric data to plot" in (cause or ""):
        cause = f"{cause} {_DECIMALS}"
    return Failure(number, cause or _raised(own[number - 1]) or "stopped before the last cell")


def _raised(cell: Any) -> str:
    """The error in a cell's output; papermill takes sys.exit(0) for a good end."""
    return next(
        (in_one_line(f"{o.ename}: {o.evalue}") for o in cell.get("outputs", []) if o.output_type == "error"), ""
    )
