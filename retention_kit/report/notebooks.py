"""The notebooks of a report: where they are, what they ask for, what they answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

import retention_kit
from retention_kit.errors import ConfigError, join_faults
from retention_kit.report import parameters
from retention_kit.schema import TABLES

__all__ = ["Notebook", "find", "own_folder"]


@dataclass(frozen=True)
class Notebook:
    """One report notebook, read and checked but not run."""

    path: Path
    node: Any
    defaults: dict[str, Any]

    @property
    def name(self) -> str:
        """File name without ending: the name of its page."""
        return self.path.stem

    @property
    def title(self) -> str:
        """Its first heading, else its name in words."""
        for line in self._prose().splitlines():
            if match := re.match(r"#\s+(.+?)\s*#*$", line):
                return _plain(match[1])
        return re.sub(r"^\d+[_-]*", "", self.name).replace("_", " ").capitalize() or self.name

    @property
    def question(self) -> str:
        """One line: what the page answers (metadata ``retention_kit.question``, else its first sentence)."""
        told = self.node.metadata.get("retention_kit", {}).get("question")
        if told:
            return str(told)
        paragraphs = [p for p in re.split(r"\n\s*\n", self._prose()) if p.strip() and not re.match(r"\s*[#|>\-*$<]", p)]
        if not paragraphs:
            return ""
        text = _plain(" ".join(paragraphs[0].split()))
        return re.split(r"(?<=[.?!])\s", text, maxsplit=1)[0]

    @property
    def heads_index(self) -> bool:
        """Whether its first numbers stand at the top of the index (metadata ``retention_kit.heads_index``)."""
        return bool(self.node.metadata.get("retention_kit", {}).get("heads_index"))

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables it cannot do without: parameters named like a table whose default is not None."""
        return tuple(name for name in TABLES if self.defaults.get(name) is not None)

    def _prose(self) -> str:
        return "\n\n".join(cell.source for cell in self.node.cells if cell.cell_type == "markdown")


def _plain(markdown: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"(\*\*|__|\*|`)", "", text)


def own_folder() -> Path:
    """Folder of the notebooks that come with the package: in the checkout, else in the installed wheel."""
    package = Path(retention_kit.__file__).parent
    for folder in (package.parent / "notebooks" / "reports", package / "_notebooks" / "reports"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise ConfigError("The package came without its report notebooks; pass the folder of your own notebooks.")


def find(folder: Path | None, only: Sequence[str] = ()) -> tuple[Notebook, ...]:
    """All notebooks of a folder in order of their names, or the chosen ones.

    Parameters
    ----------
    folder : Path or None
        Where they are; None takes the package's own.
    only : sequence of str
        Names, with or without their leading number and ending.

    Raises
    ------
    ConfigError
        No folder, no notebook, an unknown name, or a notebook that cannot take parameters; all faults at once.
    """
    folder = own_folder() if folder is None else folder
    if not folder.is_dir():
        raise ConfigError(f"There is no folder of notebooks {folder}.")
    paths = _choose(sorted(folder.glob("*.ipynb")), only)
    if not paths:
        raise ConfigError(f"No notebook (*.ipynb) in {folder}.")
    notebooks, faults = [], []
    for path in paths:
        try:
            notebooks.append(_read(path))
        except ConfigError as fault:
            faults.append(str(fault))
    if faults:
        raise ConfigError(join_faults(faults))
    return tuple(notebooks)


def _choose(paths: list[Path], only: Sequence[str]) -> list[Path]:
    if not only:
        return paths
    names = {path.stem: path for path in paths} | {re.sub(r"^\d+[_-]*", "", path.stem): path for path in paths}
    wanted = [name.removesuffix(".ipynb") for name in only]
    faults = [f"no notebook {name}, {parameters.closest(name, names)}" for name in wanted if name not in names]
    if faults:
        raise ConfigError(join_faults(faults))
    chosen = {names[name] for name in wanted}
    return [path for path in paths if path in chosen]


def _read(path: Path) -> Notebook:
    try:
        node = nbformat.read(path, as_version=4)
    except (ValueError, nbformat.ValidationError, AttributeError) as error:
        raise ConfigError(f"{path.name} is not a notebook: {str(error).splitlines()[0]}") from None
    tagged = [cell for cell in node.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise ConfigError(f"{path.name} needs exactly one cell tagged 'parameters'; it has {len(tagged)}.")
    try:
        return Notebook(path, node, parameters.defaults(tagged[0].source))
    except SyntaxError as error:
        raise ConfigError(
            f"{path.name}: its parameters cell cannot be read, line {error.lineno}: {error.msg}."
        ) from None
