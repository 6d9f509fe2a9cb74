"""What came of a month: its index, the notebooks that failed, the alerts that tripped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from retention_kit.report.execution.execute import Executed, Failure
from retention_kit.report.numbers import alerts
from retention_kit.report.output import manifest

__all__ = ["Month", "failures", "tripped"]


@dataclass(frozen=True)
class Month:
    """One month as it is there: its index, the notebooks that failed with their reasons, the alerts that tripped.

    `made` is False where the month was there already, made from the same data, parameters, code and versions.
    """

    month: str
    index: Path
    failures: dict[str, Failure] = field(default_factory=dict)
    alerts: tuple[dict[str, Any], ...] = ()
    made: bool = True


def failures(executed: Mapping[str, Sequence[Executed]]) -> dict[str, Failure]:
    """Notebooks that failed, by their page in the month."""
    return {
        f"{part}/{result.notebook.name}".removeprefix("/"): result.failure
        for part, results in executed.items()
        for result in results
        if result.failure
    }


def tripped(folder: Path) -> tuple[dict[str, Any], ...]:
    """Alerts that tripped, from the alerts.json of a month and of its segments; files of the user are not read."""
    files = (manifest.read(folder) or {"files": ()})["files"]
    paths = [folder / name for name in sorted(files) if PurePosixPath(name).name == alerts.NAME]
    checked = [alert for path in paths for alert in json.loads(path.read_text(encoding="utf-8"))["alerts"]]
    return tuple(alert for alert in checked if alert["tripped"])
