"""Run one notebook through papermill and return the result, finished or failed."""

from __future__ import annotations

import copy
import errno
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from papermill.execute import remove_error_markers

from retention_kit import embedded_tables
from retention_kit.report.execution import forked
from retention_kit.report.execution.clean import INJECTED, PRIVATE, clean, has_tag, in_one_line
from retention_kit.report.inputs import customer_ids
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.settings import redaction

NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""Errors of a disk that is full or cannot be written."""

KERNEL: Final = "python3"
MORE_STARTS: Final = 3
"""How often a kernel that did not start is started again."""
QUIET: Final = ["--IPKernelApp.log_level=50"]
TABLES: Final = ["--IPKernelApp.extra_extensions=retention_kit.embedded_tables"]
"""Outputs of cells carry the table behind them, for the month's data folder."""
SPILLED: Final = "spilled"
"""Folder, in a private one, for what does not fit into the memory of an engine; DuckDB makes it."""
_SKIPPED: Final = "skip-execution"
_MAY_RAISE: Final = "raises-exception"
"""Tags that nbclient honours: a cell that is not run, and a cell whose error its author wants to show."""


_DECIMALS: Final = (
    "(Money in Dataset.table is exact decimals, which pandas does not plot; Dataset.to_pandas() gives it as floats.)"
)
"""Advice for a notebook that plots money from a table of the engine."""


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
    behind: Mapping[str, Path] = field(default_factory=dict)
    """Private Parquet files with the customers behind its tables, by the id of the table."""


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

    The kernel receives `values`, the saved notebook shows them as `shown`. The path of the workspace `private` is
    written nowhere, and `passwords` are masked wherever they occur in the result; without `lists` those of customers
    are left out. A cell may take `cell_timeout` seconds.

    Raises CancelledError if the run was stopped, and OSError if the disk is full or cannot be written: the notebook did
    not cause that, so it is not reported as failed.
    """
    started, kernels = time.monotonic(), kernels or forked.Kernels()
    for _ in range(1 + MORE_STARTS):
        node, error = _attempt(notebook, values, cell_timeout, kernels, private)
        if kernels.stopped:
            raise CancelledError
        if not _never_began(error):
            break
    cause = redaction.hide(_cause(error).replace(str(private), PRIVATE), passwords) if error else None
    failure = _failure(node, cause)
    behind = _saved(embedded_tables.customers_taken(node), private)
    node = embedded_tables.converted(node, embedded_tables.as_values)  # passwords are searched for in each value
    node = redaction.hide(clean(node, shown, hidden=str(private)), passwords)
    node = node if lists else customer_ids.without_lists(node)
    node = embedded_tables.converted(node, embedded_tables.as_text)
    return Executed(notebook, node, time.monotonic() - started, failure, dict(shown), behind)


def _saved(files: Mapping[str, bytes], private: Path) -> dict[str, Path]:
    """The files in a new folder of the private folder of the run, which is removed with it."""
    if not files:
        return {}
    folder = Path(tempfile.mkdtemp(prefix="behind-", dir=private))
    paths = {id: folder / f"{number}.parquet" for number, id in enumerate(files)}
    for id, path in paths.items():
        path.write_bytes(files[id])
    return paths


def _memory(kernels: forked.Kernels, private: Path) -> list[str]:
    """The options of a kernel whose engine has a limit, and writes what needs more into the private folder."""
    if kernels.memory is None:
        return []
    return [f"--{embedded_tables.MEMORY}={kernels.memory}", f"--{embedded_tables.SPILL}={private / SPILLED}"]


def _wording(kernels: forked.Kernels, notebook: Notebook) -> list[str]:
    """The option of a kernel whose figures are in another language than English: for notebooks of the package only."""
    is_ours = bool(notebook.language)
    return [f"--{embedded_tables.OPTION}={kernels.wording}"] if kernels.wording and is_ours else []


def _attempt(
    notebook: Notebook, values: Mapping[str, Any], cell_timeout: float, kernels: forked.Kernels, private: Path
) -> tuple[Any, Exception | None]:
    """The notebook up to where it stopped, and the error that stopped it."""
    with tempfile.TemporaryDirectory(dir=private) as folder:
        saved = Path(folder, "executed.ipynb")
        try:
            node = papermill.execute_notebook(
                notebook.node,
                str(saved).replace("{", "{{").replace("}", "}}"),  # papermill treats a path as a format string
                parameters=dict(values),
                engine_name=forked.ENGINE,
                kernel_name=KERNEL,
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                saved_to=saved,
                start_timeout=120,
                execution_timeout=math.ceil(cell_timeout),  # papermill 2.6 takes whole seconds only
                resources={"metadata": {"path": str(notebook.path.parent.absolute())}},
                extra_arguments=[*QUIET, *TABLES, *_wording(kernels, notebook), *_memory(kernels, private)],
                iopub_timeout=math.ceil(cell_timeout),  # papermill's 4 seconds are too few on a busy machine
                record_timing=False,
                coalesce_streams=True,
                kernels=kernels,
            )
        except Exception as error:  # whatever else stops a notebook is reported with its page, and the others go on
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                raise
            node = _without_outputs(notebook.node)
            if saved.exists():
                node = remove_error_markers(nbformat.read(saved, as_version=4))
            return node, None if _is_meant(node, error) else error
        return node, None


def _is_meant(node: Any, error: Exception) -> bool:
    """Whether a cell was meant to raise this error: papermill raises it at the end, when all cells have run."""
    return isinstance(error, PapermillExecutionError) and has_tag(node.cells[error.cell_index], _MAY_RAISE)


def _without_outputs(node: Any) -> Any:
    node = copy.deepcopy(node)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return node


def _never_began(error: Exception | None) -> bool:
    """Whether the kernel did not start. Its ports are chosen before it binds them, and another program may take one in
    between; no cell has run, so another start is safe."""
    return isinstance(error, RuntimeError) and str(error).startswith("Kernel died before")


def _cause(error: Exception) -> str:
    if isinstance(error, PapermillExecutionError) and error.ename == "OutOfMemoryException":
        return "DuckDB needs more memory than its share of the run's; give more (--memory) or fewer notebooks at a time"
    if isinstance(error, PapermillExecutionError):
        return in_one_line(f"{error.ename}: {error.evalue}")
    names = {"CellTimeoutError": "took longer than the time limit", "DeadKernelError": "its Python process ended"}
    return names.get(type(error).__name__) or in_one_line(f"{type(error).__name__}: {error}")


def _failure(node: Any, cause: str | None) -> Failure | None:
    """The cell that stopped the run, which is marked `failed`; papermill also marks cells that never ran
    "completed"."""
    own = [cell for cell in node.cells if not has_tag(cell, INJECTED)]
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
    """The error in a cell's output; papermill treats sys.exit(0) as success."""
    return next(
        (in_one_line(f"{o.ename}: {o.evalue}") for o in cell.get("outputs", []) if o.output_type == "error"), ""
    )
