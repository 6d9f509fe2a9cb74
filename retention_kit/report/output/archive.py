"""index.html over all months: each with its headline numbers, what failed and what tripped, newest first."""

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
from markupsafe import Markup

from retention_kit import __version__
from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.report.html import page
from retention_kit.report.html.month_page import templates
from retention_kit.report.language import Language, gettext_noop, of
from retention_kit.report.numbers import alerts, notebook_numbers
from retention_kit.report.output import manifest, publish
from retention_kit.report.output.data_files import data_folder
from retention_kit.report.settings.config import Config

__all__ = ["NAME", "faults", "write"]

NAME: Final = "index.html"
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_SIGNATURE: Final = "\n<!-- The archive of retention-kit; SHA-256 of the lines above: {} -->\n"
_SIGNED: Final = re.compile(re.escape(_SIGNATURE).replace(r"\{\}", "([0-9a-f]{64})") + r"\Z")
_COLUMNS: Final = 6
"""How many headline numbers are followed over the months."""
_FILES: Final = (("report.html", gettext_noop("One file")), ("report.pdf", gettext_noop("PDF")))


@dataclass(frozen=True)
class Entry:
    """One month of the list; without `numbers` where an older version made it."""

    month: str
    failed: int
    tripped: int
    files: tuple[tuple[str, str], ...]
    segments: tuple[tuple[str, str], ...]
    numbers: dict[tuple[str, str], notebook_numbers.Row]


def faults(output: Path) -> list[str]:
    """Why the page cannot be written: what stands in its place was not written by a report."""
    place = output / NAME
    if not os.path.lexists(place) or (not place.is_symlink() and _SIGNED.search(_text(place))):
        return []
    return [f"{place} is not the archive that a report wrote: move it away or choose another folder with output='…'."]


def write(output: Path, config: Config, *, private: Path) -> None:
    """Write the page over all months that stand in a folder; it stays as it is where nothing is new.

    Parameters
    ----------
    output : Path
        Folder of the reports. Nobody else may write into it meanwhile.
    config : Config
        With the title and the language.
    private : Path
        Folder on the same disk in which the page is written before it is moved to its place.

    Raises
    ------
    ConfigError
        `faults`.

    Warns
    -----
    RetentionKitWarning
        The page was changed by hand since it was written: that one is kept under another name.
    """
    found = sorted((path for path in output.iterdir() if _MONTH.fullmatch(path.name)), reverse=True)
    months = [path for path in found if (path / NAME).is_file()]
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
    """Text of a file; nothing where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _signed(html: str) -> str:
    return html + _SIGNATURE.format(hashlib.sha256(html.encode("utf-8")).hexdigest())


def _html(months: list[Entry], config: Config) -> str:
    columns, language = _columns(months), of(config.language)
    heading = {"title": config.title, "month_name": language.gettext("All months"), "version": __version__}
    archive = templates(config.language).get_template("archive.html.j2")
    return archive.render(
        report=heading,
        home=NAME,
        language=config.language,
        css=Markup((page.TEMPLATE / "style.css").read_text(encoding="utf-8")),
        months=months,
        columns=columns,
        trend=[(month, [month.numbers.get(key) for key in columns]) for month in months if month.numbers],
    )


def _columns(months: list[Entry]) -> dict[tuple[str, str], str]:
    """Page, name and label of the numbers that head the newest month that has any."""
    newest = next((month.numbers for month in months if month.numbers), {})
    return {key: row.label for key, row in list(newest.items())[:_COLUMNS]}


def _entry(folder: Path, language: Language) -> Entry:
    content = _json(folder / manifest.NAME)
    made = [one for one in content.get("notebooks", ()) if isinstance(one, dict)]
    segments = [one for one in content.get("segments", ()) if _is_there(folder, one)]
    heading = next((one.get("name") for one in made if one.get("heads_index")), None)
    return Entry(
        month=folder.name,
        failed=sum(one.get("status") == "failed" for one in made),
        tripped=sum(_tripped(where) for where in (folder, *(folder / one["folder"] for one in segments))),
        files=tuple((name, title) for name, title in _FILES if (folder / name).is_file()),
        segments=tuple((one["folder"], f"{one['dimension']} = {one['value']}") for one in segments),
        numbers=_numbers(folder, heading, language),
    )


def _is_there(folder: Path, segment: Any) -> bool:
    """Whether a segment that the manifest names is a folder of this month with an index."""
    name = segment.get("folder") if isinstance(segment, dict) else None
    if not isinstance(name, str) or name != Path(name).name:
        return False
    return {"dimension", "value"} <= set(segment) and (folder / name / NAME).is_file()


def _tripped(folder: Path) -> int:
    found = _json(folder / alerts.NAME).get("alerts", ())
    return sum(bool(isinstance(one, dict) and one.get("tripped")) for one in found)


def _numbers(folder: Path, heading: str | None, language: Language) -> dict[tuple[str, str], notebook_numbers.Row]:
    """Numbers of a month by page and name, those of the page that heads its index first."""
    try:
        table = pd.read_parquet(folder / data_folder.FOLDER / "numbers.parquet")
        rows = sorted(table.to_dict("records"), key=lambda row: row["page"] != heading)
        return {(row["page"], row["name"]): notebook_numbers.row(row, language) for row in rows}
    except (OSError, ValueError, KeyError):  # made by an older version, or not by us: its link stands alone
        return {}


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or not one of ours
        return {}
    return content if isinstance(content, dict) else {}
