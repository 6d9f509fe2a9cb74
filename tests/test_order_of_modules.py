"""The order of the modules: no circle in the package, and the folders of the report point one way.

Imports are followed by name, wherever they stand, and by text: a text that is the name of a module, as in a list of
modules to import, or that is code which imports one.
"""

import ast
import graphlib
import re
from pathlib import Path

import pytest

import retention_kit

PACKAGE = Path(retention_kit.__file__).parent
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "_notebooks" not in path.parts)
REPORT = (
    "settings", "language", "inputs", "notebooks", "execution", "actions", "numbers", "html", "delivery", "output",
    "run", "__init__",
)  # fmt: skip
"""Folders and modules of the report; each imports from those before it only."""
MOST_ENTRIES = 12
NAME = re.compile(r"retention_kit(?:\.\w+)+")
CODE = re.compile(r"(?:from|import) (retention_kit(?:\.\w+)+)")


def name_of(path):
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in SOURCES}


def for_types_only(tree):
    """Nodes below ``if TYPE_CHECKING``, which nothing imports when it runs."""
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    return {id(node) for block in blocks for statement in block.body for node in ast.walk(statement)}


def imported(path):
    """Every module of the package that a file imports."""
    tree, own = ast.parse(path.read_text(encoding="utf-8")), name_of(path)
    skipped = for_types_only(tree)
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom) and id(node) not in skipped:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [name for name in named_in(node.value) if not own.startswith(name)]  # its own folder is no import
        for name in names:
            module = name if name in MODULES else name.rpartition(".")[0]
            if module in MODULES and module not in ("retention_kit", own):
                yield module


def named_in(text):
    """Modules that a text names: one that is a name, or code in one line."""
    if NAME.fullmatch(text):
        return [text]
    return [] if "\n" in text else CODE.findall(text)


GRAPH = {name: set(imported(path)) for name, path in MODULES.items()}


def test_imports_by_name_and_by_text_are_followed():
    assert "retention_kit.schema" in GRAPH["retention_kit.report.settings.config"]
    assert named_in("retention_kit.load") == ["retention_kit.load"]
    assert named_in("import sys; from retention_kit.metrics import nps") == ["retention_kit.metrics"]
    assert named_in("See retention_kit.load for more.") == []


def test_no_module_is_part_of_a_circle():
    graphlib.TopologicalSorter(GRAPH).prepare()


def place(name):
    """The folder or module of the report that a module belongs to; a command stands above everything."""
    parts = name.split(".")
    if parts[-1] == "__main__":
        return "run"
    return parts[2] if len(parts) > 2 else "__init__"


def test_the_folders_of_the_report_point_one_way():
    back = [
        f"{name} imports {other}"
        for name, others in GRAPH.items()
        if name.startswith("retention_kit.report")
        for other in others
        if other.startswith("retention_kit.report.") and REPORT.index(place(other)) > REPORT.index(place(name))
    ]
    assert back == []


@pytest.mark.parametrize("folder", ["settings", "actions", "numbers"])
def test_what_computes_a_month_writes_no_file_and_no_page_and_sends_nothing(folder):
    writing = {"mkdir", "to_csv", "to_parquet", "unlink", "urlopen", "write_bytes", "write_text"}
    for path in (PACKAGE / "report" / folder).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
        libraries = {alias.name.split(".")[0] for node in imports for alias in node.names}
        assert not called & writing, path
        assert not libraries & {"bs4", "jinja2", "urllib"}, path


def test_no_folder_of_the_report_has_more_entries_than_one_can_take_in():
    folders = [path for path in (PACKAGE / "report").rglob("*") if (path / "__init__.py").is_file()]
    entries = {
        str(folder.relative_to(PACKAGE)): len(
            [e for e in folder.iterdir() if not e.name.startswith(("__pycache__", "."))]
        )
        for folder in [PACKAGE / "report", *folders]
    }
    assert {folder: n for folder, n in entries.items() if n > MOST_ENTRIES} == {}
