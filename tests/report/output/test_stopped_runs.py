"""A run that is asked to end: what is private goes, nothing is left running or started, finished months stay."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import CancelledError
from pathlib import Path

import psutil
import pytest
from report_cases import notebook, orders_csv

from retention_kit import report, signals
from retention_kit.report.execution import forked
from retention_kit.report.execution.execute import execute
from retention_kit.report.notebooks import discovery
from retention_kit.report.output import manifest, working_folder

COMMAND = [sys.executable, "-c", "from retention_kit.cli import main; main()", "report", "--config", "report.toml"]
SLEEPS = "import pathlib, time\npathlib.Path(as_of).touch()\nwhile as_of > '2026-04': time.sleep(1)"
"""A notebook that never ends from April on."""
PATIENCE = 120.0
"""Seconds until a run has begun with a notebook on a busy machine."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture
def case(tmp_path):
    """A shop whose report of March ends and that of April does not."""
    notebook(tmp_path / "own", "01_sleeps", SLEEPS, parameters="orders = 'cdnow'\nas_of = ''")
    orders_csv(tmp_path)
    (tmp_path / "report.toml").write_text('notebooks = "own"\n[sources]\norders = "orders.csv"\n')
    return tmp_path


def begun(case, *options, marker="2026-04-30", **settings):
    """A run of the command whose notebook of April is running."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    settings.setdefault("preexec_fn", lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # also behind a shell's &
    run = subprocess.Popen([*COMMAND, *options], cwd=case, **pipes, **settings)
    waits_until(lambda: (case / "own" / marker).exists() or run.poll() is not None)
    assert run.poll() is None, run.communicate()
    return run


def waits_until(true):
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def everything(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_a_run_with_its_status_and_nothing_private_left(case, name):
    number = getattr(signal, name)
    run = begun(case, "--from", "2026-03", "--to", "2026-04")
    waits_until(lambda: (case / "reports" / "index.html").exists())  # March is finished
    (own,) = case.glob("reports/.run-*")
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert {"data", "kernels", working_folder.MARK} <= set(os.listdir(own))
    processes = psutil.Process(run.pid).children(recursive=True)
    assert len(processes) >= 2, "the process that kernels are forked from, and a kernel"
    before = time.monotonic()
    run.send_signal(number)
    out, said = run.communicate()
    assert time.monotonic() - before < 3
    assert run.returncode == 128 + number
    lines = [line for line in said.replace("\r", "\n").splitlines() if line.startswith("retention-kit:")]
    assert lines == [f"retention-kit: Stopped by {name}: 2026-03 finished; 2026-04 as before."]
    assert "Traceback" not in said
    assert "2/2" not in said, "the bar counts finished notebooks"
    psutil.wait_procs(processes, timeout=3)
    assert not [process for process in processes if process.is_running()]
    assert sorted(os.listdir(case / "reports")) == ["2026-03", "index.html"]
    assert manifest.read(case / "reports" / "2026-03")
    assert out == ""


def test_a_run_that_was_stopped_before_it_made_anything_leaves_no_folder(case):
    run = begun(case, "--month", "2026-04")
    run.terminate()
    run.communicate()
    assert not (case / "reports").exists()


def test_what_sigkill_leaves_goes_with_the_next_run(case):
    jupyter = case / "jupyter"
    env = os.environ | {"JUPYTER_RUNTIME_DIR": str(jupyter)}
    run = begun(case, "--month", "2026-04", env=env)
    run.kill()
    run.communicate()
    assert [name for name in everything(case / "reports") if name.endswith("data/orders.parquet")]
    (kernels,) = (path.resolve() for path in case.glob("reports/.run-*/kernels"))
    assert len([path for path in kernels.iterdir() if path.is_socket()]) == 5
    assert subprocess.run([*COMMAND, "--month", "2026-03"], cwd=case, capture_output=True, env=env).returncode == 0
    assert sorted(os.listdir(case / "reports")) == [".lock", "2026-03", "index.html"]
    assert not kernels.exists()
    assert not jupyter.exists(), "Jupyter's own folder has no file of a report"


def test_a_hangup_that_is_ignored_stays_ignored(case):
    """As under nohup."""
    run = begun(case, "--month", "2026-04", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    run.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert run.poll() is None
    run.terminate()
    run.communicate()
    assert run.returncode == 128 + signal.SIGTERM


def quick(case, output):
    """A report of March from Python."""
    report.run(report.Config(orders=case / "orders.csv", notebooks=case / "quick", output=output), months="2026-03")


def test_the_handlers_of_a_python_session_are_its_own(case):
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = [signal.getsignal(number) for number in numbers]
    look = f"import pathlib\npathlib.Path(r'{case}/ran').touch()"
    notebook(case / "quick", "01_first", look)
    report.run(
        report.Config(orders=case / "orders.csv", notebooks=case / "quick", output=case / "out"), months="2026-03"
    )
    assert [signal.getsignal(number) for number in numbers] == before
    with signals.handled():
        assert [signal.getsignal(number) for number in numbers] != before
    assert [signal.getsignal(number) for number in numbers] == before


def test_kernels_that_were_stopped_start_no_other_one(case, monkeypatch):
    launched = []
    monkeypatch.setattr(forked.LocalProvisioner, "launch_kernel", lambda *_, **__: launched.append("ordinary"))
    monkeypatch.setattr(forked.warm_kernels, "Server", lambda: launched.append("warmed"))
    kernels = forked.Kernels(case)
    kernels.stop()
    (page,) = discovery.find(case / "own", ())
    with pytest.raises(CancelledError):
        execute(page, {"as_of": ""}, {}, private=case, cell_timeout=60, kernels=kernels)
    assert launched == []


def test_a_deep_output_folder_has_its_sockets_elsewhere_and_they_go_too(case, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", None)
    deep = case / ("deep" * 30) / "reports"
    look = "from ipykernel.kernelapp import IPKernelApp\nimport json, pathlib\n"
    look += (
        f"app = IPKernelApp.instance()\npathlib.Path(r'{case}/seen').write_text(json.dumps([app.transport, app.ip]))"
    )
    notebook(case / "quick", "01_first", look)
    quick(case, deep)
    transport, address = json.loads((case / "seen").read_text())
    assert transport == "ipc"
    assert Path(address).parent.parent == Path(tempfile.gettempdir()).resolve()
    assert not Path(address).parent.exists()
    assert sorted(os.listdir(deep)) == [".lock", "2026-03", "index.html"]


def test_the_folder_of_sockets_that_a_killed_run_had_elsewhere_is_removed(tmp_path):
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    with working_folder.working(deep) as own:
        elsewhere = working_folder.for_kernels(own)
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
        (elsewhere / "kernel.json").touch()
        own.rename(tmp_path / "killed")
        own.mkdir()
    (tmp_path / "killed").rename(own)
    working_folder.recover(deep)
    assert not elsewhere.exists()
    assert os.listdir(deep) == []


def test_a_link_in_a_runs_folder_leads_to_no_folder_of_the_user(tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").touch()
    with working_folder.working(tmp_path) as own:
        (own / "kernels").symlink_to(mine)
    assert os.listdir(mine) == ["notes.txt"]
    assert os.listdir(tmp_path) == ["mine"]
