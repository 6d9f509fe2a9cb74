"""The schedule examples: they parse, hold commands that exist, run what they say, and hold no secret."""

import ast
import os
import re
import shlex
import subprocess
import sys
import types
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import yaml
from click.testing import CliRunner

from retention_kit.cli import main
from retention_kit.errors import ConfigError
from retention_kit.report.notebooks.discovery import own_folder

EXAMPLES = Path(__file__).parents[1] / "examples"
CRON = next(line for line in (EXAMPLES / "crontab.txt").read_text().splitlines() if line[0:1].isdigit())
AIRFLOW = (
    "airflow", "airflow.providers.papermill.operators.papermill", "airflow.providers.standard.operators.bash",
    "airflow.providers.standard.operators.python", "airflow.timetables.interval", "pendulum",
)  # fmt: skip


def workflow():
    return yaml.safe_load((EXAMPLES / "github-workflow.yml").read_text())


def steps():
    return {step.get("name"): step for step in workflow()["jobs"]["report"]["steps"]}


@pytest.fixture
def dag(monkeypatch):
    """The example's names, with Airflow replaced: it does not belong to the test environment."""
    for name in AIRFLOW:
        for part in (name.rsplit(".", n)[0] for n in range(name.count(".") + 1)):
            monkeypatch.setitem(sys.modules, part, MagicMock())
    monkeypatch.setenv("RETENTION_HOME", str(own_folder().parents[1]))
    made = types.ModuleType("airflow_dag")
    exec(compile((EXAMPLES / "airflow_dag.py").read_text(), "airflow_dag.py", "exec"), made.__dict__)
    return made


def bash_command():
    tree = ast.parse((EXAMPLES / "airflow_dag.py").read_text())
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BashOperator"
    ]
    return next(ast.literal_eval(word.value) for word in calls[0].keywords if word.arg == "bash_command")


@pytest.mark.parametrize("text", [CRON, steps()["Report"]["run"], bash_command()], ids=["cron", "github", "airflow"])
def test_every_command_and_option_exists(text):
    (told,) = re.findall(r"retention-kit (.*?)(?: > .*)?$", text, re.MULTILINE)
    command, *words = shlex.split(told.split("||")[0])
    known = CliRunner().invoke(main, [command, "--help"])
    assert known.exit_code == 0
    options = {word for word in words if word.startswith("--")}
    assert {"--config", "--month", "--fail-on-alert"} <= options
    assert all(f"{option} " in known.output for option in options)


def run_shell(script, folder, **environment):
    """Run a line with a retention-kit that only says how it was called."""
    fake = folder / "bin" / "retention-kit"
    for place in (fake, folder / ".venv" / "bin" / "retention-kit"):
        place.parent.mkdir(parents=True)
        place.write_text('#!/bin/sh\necho "called: $*, shop: $SHOP_URL"\nexit ${STATUS:-0}\n')
        place.chmod(0o755)
    where = {"PATH": f"{fake.parent}:{os.environ['PATH']}", **environment}
    return subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=where, capture_output=True, text=True)


@pytest.mark.parametrize(("status", "printed"), [("0", False), ("3", True)])
def test_the_cron_line_runs_the_month_that_ended_and_prints_only_what_went_wrong(tmp_path, status, printed):
    (tmp_path / "shop.env").write_text("SHOP_URL=from-the-file\n")
    script = CRON.split(maxsplit=5)[5].replace("\\%", "%")
    assert "%" not in CRON.replace("\\%", "")
    done = run_shell(script, tmp_path, RETENTION=str(tmp_path), STATUS=status)
    log = (tmp_path / "last-run.log").read_text()
    assert re.search(r"report --config report.toml --month \d{4}-\d\d --fail-on-alert, shop: from-the-file", log)
    assert done.stdout == (log if printed else "")
    assert done.stderr == ""


@pytest.mark.parametrize(("given", "month"), [("2026-03", "2026-03"), ("", r"\d{4}-\d\d")])
def test_the_workflow_takes_a_month_or_the_one_that_ended(tmp_path, given, month):
    done = run_shell(steps()["Report"]["run"], tmp_path, MONTH=given, SHOP_URL="x")
    assert done.returncode == 0
    assert re.search(rf"--month {month} --output reports", done.stdout)


def test_the_workflow_gives_data_to_the_shell_only_through_the_environment():
    told = workflow()
    assert told[True]["schedule"] == [{"cron": "0 6 2 * *"}]  # YAML 1.1 reads the word on as true
    assert told["permissions"] == {"contents": "read"}
    assert not [step for step in steps().values() if "${{" in step.get("run", "")]
    assert steps()["Report"]["env"]["SHOP_URL"] == "${{ secrets.SHOP_URL }}"


def test_the_dag_runs_a_notebook_that_is_there_with_parameters_it_has(dag):
    assert dag.NOTEBOOK.is_file()
    dag.check(str(dag.NOTEBOOK), dag.PARAMETERS)
    assert dag.PapermillOperator.call_args.kwargs["parameters"] == dag.PARAMETERS
    assert dag.BashOperator.call_args.kwargs["env"] == {"MONTH": dag.MONTH}


@pytest.mark.parametrize(
    ("wrong", "says"), [({"perod": "week"}, "did you mean period"), ({"min_size": "20"}, "a number")]
)
def test_the_dag_refuses_parameters_that_the_notebook_does_not_have(dag, wrong, says):
    with pytest.raises(ConfigError, match=says):
        dag.check(str(dag.NOTEBOOK), dag.PARAMETERS | wrong)


def test_no_example_holds_a_secret_and_the_readme_names_each():
    told = (EXAMPLES / "README.md").read_text()
    for path in EXAMPLES.iterdir():
        assert path.name == "README.md" or f"`{path.name}`" in told
        assert not re.search(r"://[^\s/]+:[^\s/]+@|(password|token|api_key)\s*[:=]", path.read_text(), re.IGNORECASE)
