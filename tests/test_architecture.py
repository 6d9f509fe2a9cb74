"""The shape of the package: imports point one way, files and functions stay small, public names are documented."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import retention_kit

PACKAGE = Path(retention_kit.__file__).parent
LAYERS = [
    {"advice", "errors", "signals", "wording"},
    {"arguments", "extras", "figure_markup", "formats", "schema"},
    {"simulate"},
    {"load"},
    {"summarise"},
    {"metrics", "models"},
    {"tables", "plots"},
    {"embedded_tables"},
    {"warm_kernels"},
    {"report", "lesson", "workbench"},
    {"cli"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FOLDERS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
SLOW_IMPORTS = {"lifelines", "lifetimes", "pyspark", "psycopg"}
MODULE_NAME = re.compile(r"retention_kit(\.\w+)+")
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "_notebooks" not in path.parts)


def part(path):
    """The part of the package a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(tree):
    """Parts of the package named in any import of a file, wherever it stands, or in a text that is a module's name."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Constant) and MODULE_NAME.fullmatch(str(node.value)):
            names = [node.value]
        for name in names:
            if name.startswith("retention_kit."):
                yield name.split(".")[1]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_back_towards_the_data(path):
    own = part(path)
    for other in imported_parts(ast.parse(path.read_text())):
        if other == own or other == "__version__" or own == "__init__":
            continue
        assert LEVEL[other] < LEVEL[own], f"{own} imports {other}"


def test_every_part_has_its_place_in_the_order():
    assert {part(path) for path in SOURCES} - {"__init__"} <= set(LEVEL)


def test_the_top_exports_only_its_version():
    assert retention_kit.__all__ == ["__version__"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_slow_or_optional_libraries_are_imported_where_they_are_used(path):
    for node in ast.parse(path.read_text()).body:
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not SLOW_IMPORTS & {name.split(".")[0] for name in names}


DRAWN_OR_WRITTEN = {
    "decomposition": ("plots", "summarise"),
    "scorecard": ("metrics", "tables"),
    "survival": ("plots", "summarise"),
    "tracking": ("models", "plots"),
}
"""Module names that a part shares with the figure or the table that shows its result."""


def test_a_module_name_means_one_thing():
    parts = {}
    for path in SOURCES:
        if not path.stem.startswith("__"):
            parts.setdefault(path.stem, []).append(part(path))
    assert {name: tuple(found) for name, found in parts.items() if len(found) > 1} == DRAWN_OR_WRITTEN


def test_no_folder_has_the_name_of_a_function_beside_it():
    """`summarise.periods` is either a function or a folder: as both, what an import finds depends on its order."""
    shadowed = [
        f"{folder}.{name}"
        for folder in FOLDERS
        for name in importlib.import_module(f"retention_kit.{folder}").__all__
        if (PACKAGE / folder / name / "__init__.py").exists()
        and not inspect.ismodule(getattr(importlib.import_module(f"retention_kit.{folder}"), name))
    ]
    assert shadowed == []


def code_lines(node, lines):
    """Line numbers of a function that carry code: no docstring, comment or blank line."""
    docstring = node.body[0] if ast.get_docstring(node) is not None else None
    skip = set(range(docstring.lineno, docstring.end_lineno + 1)) if docstring else set()
    return [n for n in range(node.lineno, node.end_lineno + 1) if n not in skip and n in lines]


def lines_with_code(path):
    idle = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    with path.open("rb") as source:
        return {
            n
            for token in tokenize.tokenize(source.readline)
            if token.type not in idle
            for n in range(token.start[0], token.end[0] + 1)
        }


def test_files_stay_under_400_lines():
    long = {str(p.relative_to(PACKAGE)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}


def test_functions_stay_under_60_lines_of_code():
    long = {}
    for path in SOURCES:
        lines = lines_with_code(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (n := len(code_lines(node, lines))) > 60:
                long[f"{path.relative_to(PACKAGE)}:{node.name}"] = n
    assert long == {}


def exported():
    """(address, thing) of every function and class that a folder exports, and of every public method, each once."""
    seen = {}
    for folder in FOLDERS:
        module = importlib.import_module(f"retention_kit.{folder}")
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isfunction(thing):
                seen.setdefault(thing, (f"{folder}.{name}", None))
            elif inspect.isclass(thing):
                for method, function in inspect.getmembers(thing, inspect.isfunction):
                    if not method.startswith("_") and function.__module__.startswith("retention_kit"):
                        seen.setdefault(function, (f"{folder}.{name}.{method}", thing))
    return [pytest.param(function, owner, id=name) for function, (name, owner) in seen.items()]


@pytest.mark.parametrize(("function", "owner"), exported())
def test_public_functions_say_what_they_take_and_give_with_an_example(function, owner):
    """A method may leave the example to its class."""
    doc, around = inspect.getdoc(function) or "", (inspect.getdoc(owner) or "") if owner else ""
    signature = inspect.signature(function)
    parameters = [p for p in signature.parameters if p not in ("self", "cls")]
    headings = ["Parameters"] if parameters else []
    if owner is None:
        headings += ["Examples"] + (["Returns"] if signature.return_annotation not in (None, "None") else [])
    missing = [heading for heading in headings if f"{heading}\n{'-' * len(heading)}" not in doc]
    assert not missing, f"lacks {missing}"
    assert ">>>" in doc + around, "has no example that runs"
    undocumented = [p for p in parameters if p not in doc.split("Returns\n")[0]]
    assert not undocumented, f"does not explain {undocumented}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_exports_names_that_exist(folder):
    module = importlib.import_module(f"retention_kit.{folder}")
    assert len(module.__all__) == len(set(module.__all__))
    assert all(hasattr(module, name) for name in module.__all__)


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("cli", {"pandas", "ibis", "scipy", "matplotlib"}),
        ("load", {"scipy", "matplotlib", "lifelines"}),
        ("summarise", {"scipy", "matplotlib", "lifelines"}),
    ],
)
def test_importing_a_part_brings_no_library_that_few_of_its_functions_need(module, unneeded):
    code = f"import sys, retention_kit.{module}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert not unneeded & set(answer.split())
