"""The notebooks of a report: their files, the tables they need, the questions they answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat

import retention_kit
from retention_kit.errors import ConfigError, join_faults
from retention_kit.report.notebooks import parameters
from retention_kit.report.settings.value_types import closest
from retention_kit.schema import TABLES

STANDARD: Final = "standard"
"""Entry in a list of notebooks that stands for all notebooks of the package."""


_TAKEN: Final = ("index", "report", "restated")
"""Names of pages that no notebook makes."""
_NO_LINK: Final = '#?%\\:"<>|*'
"""Characters that have a meaning in addresses, or that some systems do not allow in file names."""


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
    def length(self) -> int:
        """Number of cells. Long notebooks start first, so that none runs alone at the end."""
        return len(self.node.cells)

    @property
    def title(self) -> str:
        """First heading, otherwise the name in words."""
        for line in self._prose().splitlines():
            if match := re.match(r"#\s+(.+?)\s*#*$", line):
                return _plain(match[1])
        return re.sub(r"^\d+[_-]*", "", self.name).replace("_", " ").capitalize() or self.name

    @property
    def question(self) -> str:
        """The question that the page answers (metadata ``retention_kit.question``, otherwise its first sentence)."""
        question = self.node.metadata.get("retention_kit", {}).get("question")
        if question:
            return str(question)
        paragraphs = [p for p in re.split(r"\n\s*\n", self._prose()) if p.strip() and not re.match(r"\s*[#|>\-*$<]", p)]
        if not paragraphs:
            return ""
        text = _plain(" ".join(paragraphs[0].split()))
        return re.split(r"(?<=[.?!])\s", text, maxsplit=1)[0]

    @property
    def heads_index(self) -> bool:
        """Whether its first numbers head the index (metadata ``retention_kit.heads_index``)."""
        return bool(self.node.metadata.get("retention_kit", {}).get("heads_index"))

    @property
    def has_standard_parameters(self) -> bool:
        """Whether its parameters have the meaning of the standard notebooks, so that their values can be checked before
        the run (metadata ``retention_kit.parameters`` is "standard", also in a copy)."""
        return bool(self.node.metadata.get("retention_kit", {}).get("parameters") == "standard")

    @property
    def language(self) -> str:
        """Language of its prose: English for notebooks of the package, empty for others."""
        return "en" if self.path.resolve().parent == own_folder().resolve() else ""

    @property
    def tables(self) -> tuple[str, ...]:
        """Required tables: parameters named like a table whose default is not None, except for optional tables, which
        its metadata list (``retention_kit.optional_tables``)."""
        optional = self.node.metadata.get("retention_kit", {}).get("optional_tables", ())
        return tuple(name for name in TABLES if self.defaults.get(name) is not None and name not in optional)

    def _prose(self) -> str:
        return "\n\n".join(cell.source for cell in self.node.cells if cell.cell_type == "markdown")


def _plain(markdown: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"(\*\*|__|\*|`)", "", text)


def own_folder() -> Path:
    """Folder of the package's notebooks: in the checkout, otherwise in the installed wheel."""
    package = Path(retention_kit.__file__).parent
    for folder in (package.parent / "notebooks" / "reports", package / "_notebooks" / "reports"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise ConfigError("The package came without its report notebooks; pass the folder of your own notebooks.")


def find(chosen: Path | str | Sequence[Path | str] | None, only: Sequence[str] = ()) -> tuple[Notebook, ...]:
    """All notebooks of a folder or of a list, in order of name, or those named in `only`.

    Parameters
    ----------
    chosen : path, sequence or None
        A folder; or a list of folders, of notebooks, and of names of those that come with the package, where
        "standard" stands for all of them. None takes the package's own.
    only : sequence of str
        Names, with or without their leading number and ending.

    Raises
    ------
    ConfigError
        A missing folder or notebook, an unknown name, two notebooks of the same name, or a notebook that cannot take
        parameters; all faults at once.
    """
    entries = [STANDARD] if chosen is None else [Path(chosen)] if isinstance(chosen, (str, Path)) else list(chosen)
    paths, faults = _located(entries)
    names = [path.stem for path in paths]
    faults += [
        f"two notebooks are called {name}; rename one." for name in sorted({n for n in names if names.count(n) > 1})
    ]
    faults += [
        f"notebook {name} would replace the report's own page {name}.html; rename it."
        for name in names
        if name.lower() in _TAKEN
    ]
    faults += [
        f"notebook {name} has one of the characters {_NO_LINK} in its name, so that no link could lead to its "
        "page; rename it."
        for name in names
        if set(name) & set(_NO_LINK)
    ]
    if faults:
        raise ConfigError(join_faults(faults))
    if not (paths := _choose(paths, only)):
        raise ConfigError(f"No notebook (*.ipynb) in {', '.join(str(entry) for entry in entries)}.")
    return _all(paths)


def _located(entries: Sequence[Path | str]) -> tuple[list[Path], list[str]]:
    """Files of notebooks, each once and in order of name, and messages on entries that could not be found."""
    paths: dict[Path, Path] = {}
    faults = []
    for entry in entries:
        try:
            paths |= {file.resolve(): file for file in _files(entry)}
        except ConfigError as fault:
            faults.append(str(fault))
    return sorted(paths.values(), key=lambda file: file.name), faults


def _files(entry: Path | str) -> list[Path]:
    path = Path(entry)
    if entry == STANDARD:
        return list(own_folder().glob("*.ipynb"))
    if path.is_dir():
        return list(path.glob("*.ipynb"))
    if path.is_file():
        return [path]
    named = [file for file in own_folder().glob("*.ipynb") if str(entry) in (file.stem, _bare(file))]
    if not named:
        raise ConfigError(f"There is no {'notebook' if path.suffix == '.ipynb' else 'folder of notebooks'} {entry}.")
    return named


def _bare(path: Path) -> str:
    """File name without its leading number."""
    return re.sub(r"^\d+[_-]*", "", path.stem)


def _all(paths: Sequence[Path]) -> tuple[Notebook, ...]:
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
    names = {path.stem: path for path in paths} | {_bare(path): path for path in paths}
    asked = [name.removesuffix(".ipynb") for name in only]
    faults = [f"no notebook {name}, {closest(name, names)}" for name in asked if name not in names]
    if faults:
        raise ConfigError(join_faults(faults))
    chosen = {names[name] for name in asked}
    return [path for path in paths if path in chosen]


def _read(path: Path) -> Notebook:
    try:
        node = nbformat.read(path, as_version=4)
    except (ValueError, nbformat.ValidationError, AttributeError) as error:
        raise ConfigError(f"{path.name} is not a notebook: {str(error).splitlines()[0]}") from None
    _refuse_other_languages(path, node)
    tagged = [cell for cell in node.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise ConfigError(f"{path.name} needs exactly one cell tagged 'parameters'; it has {len(tagged)}.")
    try:
        return Notebook(path, node, parameters.defaults(tagged[0].source))
    except SyntaxError as error:
        raise ConfigError(
            f"{path.name}: its parameters cell cannot be read, line {error.lineno}: {error.msg}."
        ) from None


def _refuse_other_languages(path: Path, node: Any) -> None:
    info, kernel = (node.metadata.get(key, {}) for key in ("language_info", "kernelspec"))
    language = info.get("name") or kernel.get("language") or "python"
    if language.lower() not in ("python", "ipython"):
        raise ConfigError(f"{path.name} is written in {language}; the report runs notebooks in Python.")
