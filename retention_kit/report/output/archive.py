"""The archive, index.html over all months, newest first: headline numbers, failed pages and tripped alerts."""

from __future__ import annotations

import hashlib
import json
import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from retention_kit import __version__
from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.report.html import month_page, page
from retention_kit.report.html.month_page import templates
from retention_kit.report.language import Language, gettext_noop, of
from retention_kit.report.numbers import alerts, notebook_numbers
from retention_kit.report.output import manifest, publish
from retention_kit.report.output.data_files import data_folder
from retention_kit.report.settings.config import Config

NAME: Final = "index.html"
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_SIGNATURE: Final = "\n<!-- The archive of retention-kit; SHA-256 of the lines above: {} -->\n"
_SIGNED: Final = re.compile(re.escape(_SIGNATURE).replace(r"\{\}", "([0-9a-f]{64})") + r"\Z")
_COLUMNS: Final = 6
"""Number of headline numbers that are shown over the months."""
_FILES: Final = (("report.html", gettext_noop("One file")), ("report.pdf", gettext_noop("PDF")))


@dataclass(frozen=True)
class Entry:
    """One month of the archive; without `numbers` if an older version made it."""

    month: str
    failed: int
    tripped: int
    files: tuple[tuple[str, str], ...]
    segments: tuple[tuple[str, str], ...]
    numbers: dict[tuple[str, str], notebook_numbers.Row]


def faults(output: Path) -> list[str]:
    """Why the page cannot be written: a file of this name exists that no report wrote."""
    page = output / NAME
    if not os.path.lexists(page) or (not page.is_symlink() and _SIGNED.search(_text(page))):
        return []
    return [f"{page} is not the archive that a report wrote: move it away or choose another folder with output='…'."]


def write(output: Path, config: Config, *, private: Path) -> None:
    """Write the page over all months in a folder; it is not changed if nothing is new.

    Parameters
    ----------
    output : Path
        Folder of the reports. No other process may write into it meanwhile.
    config : Config
        Its title and language are used.
    private : Path
        Folder on the same disk in which the page is written before it is moved to its place.

    Raises
    ------
    ConfigError
        For the reasons of `faults`.

    Warns
    -----
    RetentionKitWarning
        The page was changed by hand since it was written: the changed page is kept under another name.
    """
    folders = sorted((path for path in output.iterdir() if _MONTH.fullmatch(path.name)), reverse=True)
    months = [path for path in folders if (path / NAME).is_file()]
    signed = _signed(_html([_entry(path, of(config.language)) for path in months], config))
    there, old = output / NAME, _text(output / NAME)
    if old == signed:
        return
    if stranger := faults(output):
        raise ConfigError(stranger[0])
    if old and _signed(_SIGNED.sub("", old)) != old:
        kept = publish.unused(output, Path(f"{there.stem}.kept{there.suffix}"))
        there.rename(kept)
        warnings.warn(f"{there} was changed by hand and is kept as {kept}.", RetentionKitWarning, stacklevel=2)
    (private / NAME).write_text(signed, encoding="utf-8")
    os.replace(private / NAME, there)


def _text(path: Path) -> str:
    """Text of a file; empty if it is not a file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _signed(html: str) -> str:
    return html + _SIGNATURE.format(hashlib.sha256(html.encode("utf-8")).hexdigest())


def _html(months: list[Entry], config: Config) -> str:
    columns, language = _columns(months), of(config.language)
    title = month_page.title_of(config)
    heading = {
        "title": title,
        "name": title,
        "month_name": language.gettext("All months"),
        "version": __version__,
    }
    archive = templates(config.language).get_template("archive.html.j2")
    return archive.render(
        report=heading,
        home=NAME,
        language=config.language,
        css=page.style_sheet(),
        months=months,
        columns=columns,
        trend=[(month, [month.numbers.get(key) for key in columns]) for month in months if month.numbers],
    )


def _columns(months: list[Entry]) -> dict[tuple[str, str], str]:
    """Page, name and label of the headline numbers of the newest month that has any."""
    newest = next((month.numbers for month in months if month.numbers), {})
    return {key: row.label for key, row in list(newest.items())[:_COLUMNS]}


def _entry(folder: Path, language: Language) -> Entry:
    content = _json(folder / manifest.NAME)
    notebooks = [item for item in content.get("notebooks", ()) if isinstance(item, dict)]
    segments = [item for item in content.get("segments", ()) if _is_there(folder, item)]
    heading = next((item.get("name") for item in notebooks if item.get("heads_index")), None)
    return Entry(
        month=folder.name,
        failed=sum(item.get("status") == "failed" for item in notebooks),
        tripped=sum(_tripped(where) for where in (folder, *(folder / item["folder"] for item in segments))),
        files=tuple((name, title) for name, title in _FILES if (folder / name).is_file()),
        segments=tuple((item["folder"], _label(item, language)) for item in segments),
        numbers=_numbers(folder, heading, language),
    )


def _label(segment: Any, language: Language) -> str:
    return language.gettext(
        "%(dimension)s: %(value)s", dimension=language.dimension(segment["dimension"]), value=segment["value"]
    )


def _is_there(folder: Path, segment: Any) -> bool:
    """Whether a segment of the manifest has a folder with an index in this month."""
    name = segment.get("folder") if isinstance(segment, dict) else None
    if not isinstance(name, str) or name != Path(name).name:
        return False
    return {"dimension", "value"} <= set(segment) and (folder / name / NAME).is_file()


def _tripped(folder: Path) -> int:
    checked = _json(folder / alerts.NAME).get("alerts", ())
    return sum(bool(isinstance(alert, dict) and alert.get("tripped")) for alert in checked)


def _numbers(folder: Path, heading: str | None, language: Language) -> dict[tuple[str, str], notebook_numbers.Row]:
    """Numbers of a month by page and name, headline numbers first."""
    try:
        table = pd.read_parquet(folder / data_folder.FOLDER / "numbers.parquet")
        rows = sorted(table.to_dict("records"), key=lambda row: row["page"] != heading)
        return {(row["page"], row["name"]): notebook_numbers.row(row, language) for row in rows}
    except (OSError, ValueError, KeyError):  # made by an older version or by others: only a link is shown
        return {}


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # missing, or not written by a report
        return {}
    return content if isinstance(content, dict) else {}
