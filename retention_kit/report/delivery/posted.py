"""What a month has posted to webhooks, so that rebuilding it posts nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Final

from retention_kit.report.numbers.alerts import Record

NAME: Final = "alert-posted.json"
"""File in the folder of a month, kept when it is rebuilt; a month without it has posted nothing."""


def mark(webhook: str, records: Sequence[Record]) -> str:
    """Identity of a post: the webhook (``env:NAME``) and which alerts tripped where, whatever their numbers."""
    which = sorted({(r.metric, r.page, r.condition, r.on, r.segment or "") for r in records})
    return hashlib.sha256(json.dumps([webhook, which]).encode("ascii")).hexdigest()


def read(folder: Path) -> frozenset[str]:
    """Marks of what a month has posted, read from its folder before it is replaced."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="ascii"))
        return frozenset(map(str, content["posted"]))
    except (OSError, ValueError, KeyError, TypeError):  # the first run, or a file that somebody changed
        return frozenset()


def write(folder: Path, marks: Set[str]) -> None:
    """Write the marks, if there are any, into the folder of the month that is being built."""
    if marks:
        (folder / NAME).write_text(json.dumps({"posted": sorted(marks)}, indent=2) + "\n", encoding="ascii")
