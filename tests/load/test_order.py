"""The shape of loading: folders in one order, and no circle between modules."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

from retention_kit import load

ROOT = Path(load.__file__).parent
ORDER = [
    {"sources"},
    {"dataset"},
    {"shared_answers"},
    {"values"},
    {"columns", "files"},
    {"verdicts"},
    {"presets"},
    {"one_source"},
    {"samples"},
    {"several"},
    {"tables", "quality"},
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}


def imports():
    """Modules of loading, each with those it imports; imports inside functions count too."""
    imported = {}
    for path in ROOT.rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        others = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("retention_kit.load"):
                inside = node.module.removeprefix("retention_kit.load").strip(".")
                own = ROOT.joinpath(*inside.split(".")) if inside else ROOT
                names = [alias.name for alias in node.names] if own.is_dir() else [""]
                others |= {f"{inside}.{other}".strip(".") for other in names}
        imported[name] = others
    return imported


def test_folders_import_those_before_them():
    against = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if not module.endswith("__init__") and module.split(".")[0] != other.split(".")[0]
        if LEVEL[other.split(".")[0]] >= LEVEL[module.split(".")[0]]
    ]
    assert against == []


def test_no_modules_import_each_other_in_a_circle():
    assert len(tuple(TopologicalSorter(imports()).static_order())) > 50


def test_a_folder_has_at_most_twelve_modules():
    folders = [ROOT, *(path.parent for path in ROOT.rglob("__init__.py"))]
    assert {str(folder): n for folder in folders if (n := len(list(folder.glob("*.py")))) > 12} == {}
