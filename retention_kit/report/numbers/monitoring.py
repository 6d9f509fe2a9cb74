"""What a month's index watches: its targets, its alerts, and the numbers that moved most."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from retention_kit.errors import RetentionKitWarning
from retention_kit.report import language
from retention_kit.report.delivery import alert_delivery
from retention_kit.report.execution.execute import Executed
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.numbers import alerts, largest_changes, measures, targets
from retention_kit.report.settings.config import Config, last_day

__all__ = ["Watch", "of_month"]


@dataclass(frozen=True)
class Watch:
    """Ready for the index; `elsewhere` are the alerts that tripped in segments, with the folder of each."""

    targets: tuple[targets.Measured, ...]
    alerts: tuple[alerts.Checked, ...]
    elsewhere: tuple[tuple[str, alerts.Checked], ...]
    moved: tuple[largest_changes.Moved, ...]
    notes: tuple[str, ...]
    rule: str = largest_changes.RULE

    @property
    def tripped(self) -> tuple[tuple[str, alerts.Checked], ...]:
        """Alerts that tripped: the folder of their index, empty for this one."""
        return (*(("", one) for one in self.alerts if one.tripped), *self.elsewhere)


def of_month(folder: Path, month: str, executed: Sequence[Executed], *, config: Config, plan: Plan) -> Watch:
    """Measure targets, check alerts and write alerts.json; the whole, which comes last, also acts on what tripped.

    The file is in English whatever the language of the report, so that programs can rely on it.
    """
    pages = [(r.notebook.name, r.notebook.title, r.node) for r in executed if r.failure is None]
    spoken = language.of(config.language)
    numbers = measures.find(pages, spoken)
    segment = plan.segment and f"{plan.segment.dimension} = {plan.segment.value}"
    told = [alert for alert in alerts.read(config.alerts) if alert.by == "segment" or segment is None]
    checked = [alerts.check(alert, measures.find(pages), segment) for alert in told]
    if checked:
        alerts.write(folder, checked)
    shown = tuple(alerts.check(alert, numbers, segment, spoken) for alert in told)
    moved = (
        [largest_changes.moved(numbers, against, spoken) for against in ("previous", "last_year")] if numbers else []
    )
    if segment is not None:
        return Watch((), shown, (), tuple(moved), ())
    found = _of_segments(folder, plan, [alert for alert in told if alert.by == "segment"])
    tripped = [pair for pair in zip(told, checked, strict=True) if pair[1].tripped]
    tripped += [(alert, one) for alert, _, one in found]
    about = {"title": config.title, "month": month, "language": spoken}
    undelivered = alert_delivery.act(folder, tripped, **about, earlier=config.output / month)
    for note in undelivered:
        warnings.warn(note, RetentionKitWarning, stacklevel=2)
    notes = undelivered if plan.segments else (*undelivered, *_not_split(told, spoken))
    measured = targets.measured(targets.read(config.targets), numbers, last_day(month), spoken)
    elsewhere = tuple((where, alerts.again(alert, one, spoken)) for alert, where, one in found)
    return Watch(measured, shown, elsewhere, tuple(moved), notes)


def _of_segments(
    folder: Path, plan: Plan, told: Sequence[alerts.Alert]
) -> list[tuple[alerts.Alert, str, alerts.Checked]]:
    """Alerts that tripped in the segments, which were written before, with their folders."""
    names, found = [field.name for field in fields(alerts.Checked)], []
    for segment in plan.segments if told else ():
        rows = json.loads((folder / segment.folder / alerts.NAME).read_text(encoding="ascii"))["alerts"]
        made = [alerts.Checked(**{name: row[name] for name in names}) for row in rows]
        pairs = zip(told, made, strict=True)
        found += [(alert, segment.folder, one) for alert, one in pairs if one.tripped]
    return found


def _not_split(told: Sequence[alerts.Alert], spoken: language.Language) -> list[str]:
    names = [alert.metric for alert in told if alert.by == "segment"]
    text = language.gettext_noop(
        "Alerts on %(metrics)s by segment were checked in the whole only, because this report is not split (split_by)."
    )
    return [spoken.gettext(text, metrics=", ".join(names))] if names else []
