"""Two installs: without the extra `report` everything but the report works, and the report says what to install.

An environment is a folder with links to the distributions that pyproject.toml declares and to those that they need;
Python is started with no other folder to import from.
"""

import ast
import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import retention_kit
from retention_kit.extras import MODULES

ROOT = Path(__file__).parents[1]
PACKAGE = Path(retention_kit.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BASE = PROJECT["dependencies"]
REPORT = PROJECT["optional-dependencies"]["report"]


def needed(lines):
    """Distributions that requirements name, and those that these need, here and now."""
    waiting, seen = [Requirement(line) for line in lines], set()
    while waiting:
        requirement = waiting.pop()
        for extra in requirement.extras | {""}:
            key = (canonicalize_name(requirement.name), extra)
            if key in seen:
                continue
            seen.add(key)
            for line in importlib.metadata.requires(requirement.name) or []:
                other = Requirement(line)
                if other.marker is None or other.marker.evaluate({"extra": extra}):
                    waiting.append(other)
    return {name for name, _ in seen}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder to import from that holds what `pip install retention-kit` installs."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "retention_kit").symlink_to(PACKAGE)
    for name in needed(BASE):
        for file in importlib.metadata.files(name):
            top = folder / file.parts[0]
            if top.name not in ("..", "__pycache__") and not top.is_symlink():
                top.symlink_to(Path(file.locate()).parents[len(file.parts) - 1] / top.name)
    return folder


def test_the_base_install_loads_summarises_fits_and_draws_and_names_what_a_report_needs(base, tmp_path):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(base), "MPLBACKEND": "agg"}
    script = ROOT / "tests" / "installs" / "base.py"
    command = [sys.executable, "-S", str(script)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.endswith("base install: whole\n"), done.stdout + done.stderr


def imported(folder):
    """Modules of other projects that files of a folder of the package import, at their top or in a function."""
    for path in sorted((PACKAGE / folder).rglob("*.py") if (PACKAGE / folder).is_dir() else [PACKAGE / folder]):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            yield from (name.split(".")[0] for name in names)


def modules_of(lines):
    """Modules that distributions hold which requirements name themselves."""
    names = {canonicalize_name(Requirement(line).name) for line in lines}
    holders = importlib.metadata.packages_distributions()
    return {module for module, found in holders.items() if names & {canonicalize_name(name) for name in found}}


OPTIONAL = {"anywidget", "deltalake", "ipywidgets", "psycopg", "pyiceberg", "pyspark", "playwright"}
"""Imported in a function, where a user asks for what they do, and named by a message where they are missing."""
PARTS = sorted(path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists())


@pytest.mark.parametrize("part", PARTS)
def test_a_part_imports_only_what_its_install_declares(part):
    lines = BASE + (REPORT if part in ("report", "warm_kernels.py", "lesson", "workbench") else [])
    foreign = {name for name in imported(part) if name not in sys.stdlib_module_names and name != "retention_kit"}
    assert foreign - modules_of(lines) - OPTIONAL == set()


def test_the_modules_that_are_looked_for_are_those_of_the_extra():
    declared = {canonicalize_name(Requirement(line).name) for line in REPORT}
    holders = importlib.metadata.packages_distributions()
    assert {canonicalize_name(name) for module in MODULES["report"] for name in holders[module]} == declared


def test_the_report_brings_every_package_that_the_base_does_not():
    assert not {Requirement(line).name for line in BASE} & {Requirement(line).name for line in REPORT}
