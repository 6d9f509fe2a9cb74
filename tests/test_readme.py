"""What README.md promises: its Python runs on one's own CSV, its commands exist, its links lead somewhere."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from retention_kit import simulate
from retention_kit.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.S) for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with somebody's own orders.csv: customer, date, amount."""
    folder = tmp_path_factory.mktemp("shop")
    orders = simulate.store()["orders"]
    own = orders.rename(columns={"customer_id": "customer", "ordered_at": "date"})[["customer", "date", "amount"]]
    own.to_csv(folder / "orders.csv", index=False)
    return folder


@pytest.mark.parametrize("snippet", PYTHON)
def test_the_python_runs_on_a_csv_of_ones_own(snippet, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    names = {}
    exec(compile(snippet, "README.md", "exec"), names)
    assert ("customers" in names) == ("lifetime_value" in snippet)
    if "customers" in names:
        assert (names["customers"]["value"] >= 0).all()
        assert capsys.readouterr().out.count("\n") > 10


def test_the_report_of_ones_own_csv_is_made(folder, monkeypatch):
    monkeypatch.chdir(folder)
    line = next(line for line in SHELL if line.startswith("retention-kit report --orders"))
    result = CliRunner().invoke(main, [*shlex.split(line)[1:], "--only", "overview"])
    assert result.exit_code == 0, result.output
    assert (folder / "reports" / "2026-06" / "index.html").is_file()


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("make ")])
def test_every_make_command_has_its_target(line):
    target = shlex.split(line)[1]
    subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)
    assert (
        f"  make {target}"
        in subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    )


def test_the_way_without_make_is_what_make_does():
    """Line by line the same installs and the same command as the Makefile."""
    plain = [line for line in SHELL if ".venv" in line]
    assert len(plain) == 3
    recipe = subprocess.run(["make", "-Bn", "report"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    said = re.sub(r"python -m pip|pip", "pip", recipe).replace("--quiet ", "")
    for command in [part.strip() for line in plain for part in line.split("&&")]:
        if "venv .venv" not in command:
            assert command in said, command


DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/decisions.md", "data/README.md"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert [target for target in targets if not ((ROOT / document).parent / target).exists()] == []


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/decisions.md"])
def test_every_file_named_in_a_document_exists(document):
    """A path with an ending, from the root or from the package; CAPITALS stand for a name of your own."""
    text = (ROOT / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:[\w.]+/)+[\w.]+\.(?:py|md|toml|yml|ipynb))`", text)
    roots = [ROOT, ROOT / "retention_kit", ROOT / "retention_kit" / "models", ROOT / "tests"]
    absent = [name for name in named if not any((root / name).exists() for root in roots)]
    assert [name for name in absent if not re.search("[A-Z]{4}", name)] == []


def test_every_make_target_named_in_a_document_exists():
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS)
    help_text = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    named = {name for names in re.findall(r"`make ([a-z -]+)`", text) for name in names.split()}
    assert named <= set(re.findall(r"^  make ([a-z-]+)", help_text, re.M))


def test_every_function_named_exists():
    import importlib

    for folder, name in re.findall(r"`(summarise|metrics|models|load|plots)\.(\w+)", README):
        module = importlib.import_module(f"retention_kit.{folder}")
        assert hasattr(module, name) or importlib.import_module(f"retention_kit.{folder}.{name}")
