"""What a month's index says about acting: the lists of the month, and what came of those of the month before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retention_kit.report import language
from retention_kit.report.actions import action_lists, uplift
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.output.data_files import action_files
from retention_kit.report.output.data_files.data_folder import Table
from retention_kit.report.settings.config import Config

__all__ = ["Acted", "of_month"]


@dataclass(frozen=True)
class Acted:
    """Ready for the index; `tables` go into the data folder."""

    lists: tuple[action_files.Written, ...] = ()
    overlap: bool = False
    uplift: tuple[dict[str, str], ...] = ()
    tables: tuple[Table, ...] = ()


def of_month(
    folder: Path, month: str, made: Sequence[action_lists.Made], *, config: Config, plan: Plan, data: Workspace
) -> Acted:
    """Write the action lists of the whole or of a segment, and compare the groups of those of the month before."""
    value, where = (plan.segment.value, plan.segment.folder) if plan.segment else (None, "")
    came = uplift.of_month(month, config=config, workspace=data.folder, folder=where)
    lists = action_files.write(folder, made, config=config, segment=value)
    overlap = bool(config.actions.get("overlap"))
    return Acted(lists, overlap, tuple(uplift.rows(came, language.of(config.language))), (came,) if came else ())
