"""The package uses what other libraries publish: no private name, no C function called directly, no module replaced."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import retention_kit

PACKAGE = Path(retention_kit.__file__).parent
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "_notebooks" not in path.parts)
TREES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in SOURCES}
ALLOWED = {"os._exit": "documented by Python: to end a process without its exit handlers"}
NO_MODULES = {"__init__", "__main__"}


def is_private(name):
    """Whether a name begins with an underscore; `_` alone, `__init__` and `_repr_html_` are agreements, not secrets."""
    return name.startswith("_") and not name.endswith("_")


def defined(tree):
    """Names that a file gives: functions, classes, variables, attributes and parameters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_own(node.value):
            yield node.attr


def is_own(node):
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


OURS = {name for tree in TREES.values() for name in defined(tree)}


def private_names(tree):
    """Private names of others that a file uses, as an attribute, an import, or a text given to `getattr`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in OURS:
            yield ast.unparse(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            for alias in node.names:
                name = f"{module}.{alias.name}" if module else alias.name
                if any(map(is_private, name.split("."))) and not name.startswith("retention_kit."):
                    yield name
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr", "hasattr", "delattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant) and is_private(name.value) and name.value not in OURS:
                yield ast.unparse(node)


def tricks(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            yield from (name for name in names if name.split(".")[0] in ("ctypes", "cffi"))
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules":
            yield "sys.modules"


@pytest.mark.parametrize("path", TREES)
def test_no_private_name_of_another_library_is_used(path):
    assert not set(private_names(TREES[path])) - set(ALLOWED)


@pytest.mark.parametrize("path", TREES)
def test_no_c_function_is_called_directly_and_no_module_is_replaced(path):
    assert not list(tricks(TREES[path]))


def test_every_exception_is_in_use():
    assert {name for tree in TREES.values() for name in private_names(tree)} == set(ALLOWED)


def classes():
    """The classes of the package that have a base of another library."""
    for path in SOURCES:
        if path.stem not in NO_MODULES:
            name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
            members = inspect.getmembers(importlib.import_module(name), inspect.isclass)
            yield from (kind for _, kind in members if kind.__module__ == name)


def test_no_private_method_of_another_librarys_class_is_overridden():
    overridden = [
        f"{kind.__qualname__}.{name} of {base.__qualname__}"
        for kind in classes()
        for base in kind.__mro__[1:]
        if not base.__module__.startswith("retention_kit") and base not in (object, tuple)
        for name, value in vars(kind).items()
        if is_private(name) and name in vars(base) and getattr(value, "__module__", "") == kind.__module__
    ]
    assert overridden == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("fitter._compute_confidence_intervals()", {"fitter._compute_confidence_intervals"}),
        ("getattr(table, '_find_backend')()", {"getattr(table, '_find_backend')"}),
        ("from nbconvert._x import y\nimport jupyter_client._version", {"nbconvert._x.y", "jupyter_client._version"}),
        ("from ibis import _\nx.__dict__\nx._repr_html_()", set()),
    ],
)
def test_a_private_name_would_be_noticed(source, names):
    assert set(private_names(ast.parse(source))) == names


def test_a_trick_would_be_noticed():
    assert list(tricks(ast.parse("import ctypes\nsys.modules['json'] = None"))) == ["ctypes", "sys.modules"]
