"""Clean an executed notebook for publication: the same bytes for the same run, and nothing private in it."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, Final

from papermill.translators import papermill_translators

INJECTED: Final = "injected-parameters"
PRIVATE: Final = "workspace"
"""Replaces the path of the private folder wherever it occurs."""
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""Colour codes of a terminal, which tracebacks contain."""
_WARNING: Final = re.compile(r"^\S.*?:\d+: (\w*Warning: .*)$")


def clean(node: Any, shown: Mapping[str, Any], *, hidden: str) -> Any:
    """Insert the published parameters and remove timings, the private folder and the folders of code.

    The notebook is changed and returned; `PRIVATE` is written in place of the path `hidden`.
    """
    node.metadata.pop("papermill", None)
    node.metadata.get("language_info", {}).pop("version", None)
    for cell in node.cells:
        _clean_cell(cell, shown)
    return _replaced(node, {hidden: PRIVATE, **_folders_of_code()})


def _folders_of_code() -> dict[str, str]:
    """Folders of this machine's code, as tracebacks name them, and the names that are written in their place."""
    folders = {str(Path(__file__).parents[2]): "retention_kit"}
    for kind, name in (("purelib", "site-packages"), ("platlib", "site-packages"), ("stdlib", "python")):
        folder = Path(sysconfig.get_path(kind))
        folders |= {str(folder): name, str(folder.resolve()): name}
    home = str(Path.home())  # IPython writes ~ for it
    folders |= {folder.replace(home, "~", 1): name for folder, name in folders.items() if folder.startswith(home)}
    return dict(sorted(folders.items(), key=lambda item: -len(item[0])))


def _clean_cell(cell: Any, shown: Mapping[str, Any]) -> None:
    for key in ("papermill", "execution"):
        cell.metadata.pop(key, None)
    if INJECTED in cell.metadata.get("tags", []):
        cell.id = INJECTED  # papermill draws a random one
        cell.source = "# Parameters of this run\n" + _assignments(shown)
    if not cell.metadata.get("tags"):
        cell.metadata.pop("tags", None)
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            output.text = _warnings_only(output.text)


def _assignments(values: Mapping[str, Any]) -> str:
    translate = papermill_translators.find_translator("python3", "python").translate
    return "\n".join(f"{name} = {translate(value)}" for name, value in values.items())


def _warnings_only(text: str) -> str:
    """Standard error with warnings reduced to their message: file, line and process number differ between machines."""
    lines, skip = [], False
    for line in plain_text(text).splitlines():
        match = _WARNING.match(line)
        if skip and not match and line.startswith("  "):
            continue
        lines.append(match[1] if match else line)
        skip = bool(match)
    return "\n".join(lines) + "\n"


def has_tag(cell: Any, *tags: str) -> bool:
    """Whether a cell has one of these tags."""
    return not set(tags).isdisjoint(cell.metadata.get("tags", []))


def plain_text(text: str) -> str:
    """Text without the colour codes of a terminal.

    Examples
    --------
    >>> plain_text("\\x1b[31mred\\x1b[0m")
    'red'
    """
    return _ANSI.sub("", text)


def in_one_line(text: str) -> str:
    """The beginning of a text on one line, without the colour codes of a terminal."""
    return " ".join(plain_text(text).split())[:500]


def _replaced(value: Any, names: Mapping[str, str]) -> Any:
    """A plain value with folders replaced by names, in one pass over everything that it holds."""
    if isinstance(value, str):
        for folder, name in names.items():
            value = value.replace(folder, name)
        return value
    if isinstance(value, MutableMapping):
        for key in value:
            value[key] = _replaced(value[key], names)
    elif isinstance(value, list):
        value[:] = [_replaced(item, names) for item in value]
    return value
