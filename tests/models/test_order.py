"""The shape of the family: folders in one order, no circle between modules, no model more than two classes deep."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from retention_kit import models
from retention_kit.models.base.model import Model
from retention_kit.models.base.process import Process
from retention_kit.models.futures.buying import ActiveCustomers

ROOT = Path(models.__file__).parent
ORDER = [
    {"numerics"},
    {"base"},
    {"futures"},
    {"purchases", "contracts"},
    {"covariates", "spend"},
    {"dynamic", "segments"},
    {"rfm", "checks"},
    {"totals"},
    {"outlook"},
]
LEVEL = {folder: level for level, folders in enumerate(ORDER) for folder in folders}


def imports():
    """Modules of the family, each with those it imports; imports inside functions count too."""
    imported = {}
    for path in ROOT.rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        nodes = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.ImportFrom)]
        modules = [n.module for n in nodes if (n.module or "").startswith("retention_kit.models.")]
        imported[name] = {module.removeprefix("retention_kit.models.") for module in modules}
    return imported


def below(kind):
    return {kind} | {deeper for child in kind.__subclasses__() for deeper in below(child)}


def test_folders_import_those_before_them():
    against = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if module != "__init__" and module.split(".")[0] != other.split(".")[0]
        if LEVEL[other.split(".")[0]] >= LEVEL[module.split(".")[0]]
    ]
    assert against == []


def test_no_modules_import_each_other_in_a_circle():
    assert len(tuple(TopologicalSorter(imports()).static_order())) > 40


def test_a_folder_has_at_most_twelve_modules():
    assert {folder: n for folder in LEVEL if (n := len(list((ROOT / folder).glob("*.py")))) > 12} == {}


@pytest.mark.parametrize("base", [Model, Process, ActiveCustomers])
def test_no_class_is_more_than_two_below_its_base(base):
    assert [kind.__name__ for kind in below(base) if kind.__mro__.index(base) > 2] == []
