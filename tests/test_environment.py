"""pyproject.toml, the lock files and environment.yml describe one environment."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {
    "requirements.lock": ["report"],
    "requirements-lab.lock": ["report", "lab"],
    "requirements-test.lock": ["report", "lab", "test", "browser", "delta", "iceberg", "postgres", "spark"],
}
REQUIRED_BY_THE_USER = {"jupyterlab", "pandas", "matplotlib", "seaborn", "lifetimes", "papermill", "nbval"}


def declared(extras):
    lines = PROJECT["dependencies"] + [line for e in extras for line in PROJECT["optional-dependencies"][e]]
    needs = [Requirement(line) for line in lines]
    return [need for need in needs if need.name != PROJECT["name"]]  # an extra that brings another one along


def pinned(lock):
    """name → versions pinned in a lock file (several where they differ by Python version)."""
    pins = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ \\]+)", (ROOT / lock).read_text(), re.M):
        pins.setdefault(canonicalize_name(name), []).append(version)
    return pins


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_every_declared_range(lock):
    pins = pinned(lock)
    for need in declared(LOCKS[lock]):
        versions = pins.get(canonicalize_name(need.name), [])
        assert versions, f"{need.name} is not in {lock}"
        assert all(need.specifier.contains(v) for v in versions), f"{need} but {lock} has {versions}"


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_a_hash_for_every_pin_and_no_address(lock):
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?:|file:|--index|--find-links|--extra-index", text)


def test_the_locks_agree_where_they_overlap():
    core, lab, tests = (pinned(lock) for lock in LOCKS)
    assert core.items() <= lab.items()
    assert lab.items() <= tests.items()


def test_every_declared_range_is_bounded_below():
    for need in declared(PROJECT["optional-dependencies"]):
        assert any(s.operator in (">=", "==", "~=") for s in need.specifier), need


ON_CONDA_FORGE = {
    "duckdb": ["python-duckdb"],
    "great-tables": ["great_tables"],
    "ibis-framework": ["ibis-duckdb", "ibis-sqlite"],
    "jupyter-client": ["jupyter_client"],
    "jupyter-core": ["jupyter_core"],
    "tzdata": ["python-tzdata"],
}
"""Packages with other names there: duckdb is the program, tzdata the data of the system, and ibis-framework comes
without any engine."""


def entries():
    return yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


def test_environment_yml_names_the_same_packages_and_ranges_as_conda_forge_calls_them():
    plain = [Requirement(e) for e in entries() if isinstance(e, str) and e not in ("pip",)]
    conda = {r.name: r.specifier for r in plain if r.name != "python"}
    wanted = {
        name: need.specifier
        for need in declared(["report", "lab", "test"])
        for name in ON_CONDA_FORGE.get(canonicalize_name(need.name), [canonicalize_name(need.name)])
    }
    assert conda == wanted
    python = next(r for r in plain if r.name == "python")
    assert str(python.specifier) == PROJECT["requires-python"]


def test_pip_takes_the_pip_section_of_environment_yml_as_conda_hands_it_over(tmp_path):
    """Conda writes the section into a file of requirements; an option like --no-deps is none that may stand there."""
    (section,) = [e["pip"] for e in entries() if isinstance(e, dict)]
    (tmp_path / "requirements.txt").write_text("\n".join(section) + "\n")
    options = ["--dry-run", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "-r", str(tmp_path / "requirements.txt")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "no such option" not in done.stderr
    if importlib.util.find_spec("hatchling"):
        assert done.returncode == 0, done.stderr
        assert "Would install retention-kit" in done.stdout
    else:  # what builds the package is not installed here: pip had read every line before it looked for it
        assert "hatchling" in done.stdout + done.stderr


def test_the_packages_the_user_asked_for_are_declared():
    assert {r.name for r in declared(["report", "lab", "test"])} >= REQUIRED_BY_THE_USER


def test_the_tests_of_oldest_and_newest_versions_are_there():
    quick = re.search(r"^QUICK := (.*?[^\\])$", (ROOT / "Makefile").read_text(), re.M | re.S).group(1)
    names = re.findall(r"tests/[\w/.]+", quick)
    assert len(names) > 10
    assert [name for name in names if not (ROOT / name).exists()] == []
