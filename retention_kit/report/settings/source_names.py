"""Names of sources in a report: as the user wrote them, without passwords and without folders of the machine."""

from __future__ import annotations

import os
import re
from typing import Any

from retention_kit.report.settings import redaction
from retention_kit.report.settings.config import Source


def published(source: Source) -> str:
    """The source as a report shows it: as the user wrote it, without a password.

    Examples
    --------
    >>> published(Source("postgresql://anna:secret@db/shop"))
    'postgresql://anna:***@db/shop'
    """
    if source.parts != (source,):
        return ", ".join(published(part) for part in source.parts)
    where = source.where if source.written is None else source.written
    if not isinstance(where, (str, os.PathLike)):
        return type(where).__name__
    return str(redaction.masked(re.sub(r"(://[^:/@\s]*):.*@", r"\1:***@", str(where))))


def parameter(source: Source) -> Any:
    """The source as a parameter of a notebook that is opened and run again: text, or a list of several sources."""
    if source.parts == (source,):
        return published(source)
    own = [
        {"columns": dict(part.columns), **part.options, "preset": part.preset if part.preset != "auto" else None}
        for part in source.parts
    ]
    own = [{name: str(value) if name == "rates" else value for name, value in given.items() if value} for given in own]
    return [
        {"where": published(part), **given} if given else published(part)
        for part, given in zip(source.parts, own, strict=True)
    ]


def short(name: str) -> str:
    """A path without its folders; any other name is unchanged."""
    return name if "://" in name else name.replace("\\", "/").rsplit("/", 1)[-1]
