"""Kernels forked from a warmed process: what they make is what an ordinary kernel makes, and nothing leaks."""

import os
import re
import subprocess
import sys
import tempfile
import time

import nbformat
import papermill
import pytest
from nbconvert.exporters.html import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

from retention_kit import warm_kernels
from retention_kit.report.execution import forked
from retention_kit.report.execution.execute import QUIET
from retention_kit.report.notebooks import discovery

pytestmark = pytest.mark.skipif(not warm_kernels.available(), reason="kernels are forked on Linux only")


def run(node, folder, engine=forked.ENGINE):
    return papermill.execute_notebook(
        node, None, engine_name=engine, kernel_name="python3", progress_bar=False, record_timing=False,
        resources={"metadata": {"path": str(folder)}}, extra_arguments=list(QUIET),
    )  # fmt: skip


def cells(*sources):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=[new_code_cell(source) for source in sources], metadata={"kernelspec": kernel})


def texts(node):
    return [cell.outputs[0].data["text/plain"] for cell in node.cells if cell.outputs]


def page(node):
    for number, cell in enumerate(node.cells):
        cell.id = f"cell-{number}"
        cell.metadata.pop("papermill", None)
    node.metadata.pop("papermill", None)
    return re.sub(r"ipykernel_\d+", "ipykernel_", HTMLExporter().from_notebook_node(node)[0])


def test_pages_are_byte_for_byte_those_of_an_ordinary_kernel(tmp_path):
    own = nbformat.read(discovery.own_folder() / "02_cohorts.ipynb", as_version=4)
    drawn = cells(
        "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);",
        "import matplotlib, os, sys\nmatplotlib.get_backend(), os.getcwd(), sys.path, __name__",
        "import warnings\nwarnings.warn('look here')",
        "import pandas\npandas.DataFrame({'a': [1.5, None]})",
    )
    for node in (own, drawn):
        assert page(run(node, tmp_path)) == page(run(node, tmp_path, engine=None))


def test_linear_algebra_starts_no_thread_beside_the_other_kernels(tmp_path):
    count = "len(os.listdir('/proc/self/task'))"
    asked = cells(
        f"import os, numpy\nbefore = {count}", f"numpy.ones((500, 500)) @ numpy.ones((500, 500));\n{count} - before"
    )
    assert texts(run(asked, tmp_path)) == ["0"]


def test_what_one_notebook_changes_the_next_does_not_see(tmp_path):
    changed = cells(
        "import os, sys, pandas, matplotlib.pyplot as plt",
        "pandas.DataFrame.sum = None\npandas.set_option('display.max_rows', 3)\nplt.rcParams['lines.linewidth'] = 50",
        "os.environ['SEEN'] = 'yes'\nos.chdir('/')\nsys.modules['left_behind'] = sys",
    )
    asked = cells(
        "import os, sys, pandas, matplotlib.pyplot as plt",
        "pandas.DataFrame([1]).sum()[0], pandas.get_option('display.max_rows'), plt.rcParams['lines.linewidth']",
        "os.environ.get('SEEN'), os.getcwd(), 'left_behind' in sys.modules",
    )
    before = texts(run(asked, tmp_path))
    run(changed, tmp_path)
    assert texts(run(asked, tmp_path)) == before
    assert " ".join(before[1].split()) == f"(None, '{tmp_path}', False)"


def test_two_notebooks_draw_different_random_numbers(tmp_path):
    drawn = cells("import numpy, random\nnumpy.random.rand(), random.random()")
    assert texts(run(drawn, tmp_path)) != texts(run(drawn, tmp_path))


def test_a_kernel_is_forked_with_its_modules_and_without_connections_or_threads(tmp_path):
    asked = cells(
        "import sys, os\n'seaborn' in sys.modules, 'lifetimes' in sys.modules, os.getppid()",
        "import ibis\nibis.options.default_backend is None",
    )
    first, second = texts(run(asked, tmp_path))
    assert first == f"(True, False, {warm_kernels.current().process.pid})"
    assert second == "True"


def test_nothing_but_imports_happens_before_the_fork():
    """Options of pandas and matplotlib are as an ordinary import leaves them, and Python runs one thread."""
    look = (
        "import sys, threading, contextlib, importlib\n"
        "with contextlib.suppress(IndexError):\n"
        "    for name in sys.argv[1].split(','): importlib.import_module(name)\n"
        "import pandas, matplotlib\n"
        "print(threading.active_count(), pandas.describe_option(_print_desc=False), dict(matplotlib.rcParams))"
    )
    env = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    warmed, plain = (
        subprocess.run([sys.executable, "-c", look, names], capture_output=True, text=True, check=True, env=env).stdout
        for names in (",".join(warm_kernels.MODULES), "matplotlib.pyplot")
    )
    assert warmed == plain


def test_an_ordinary_kernel_is_started_where_none_can_be_forked(tmp_path, monkeypatch):
    monkeypatch.setattr(warm_kernels, "available", lambda: False)
    (parent,) = texts(run(cells("import os\nos.getppid()"), tmp_path))
    assert int(parent) == os.getpid()


def test_an_ordinary_kernel_is_started_where_the_warmed_process_did_not_come_up(tmp_path, monkeypatch):
    monkeypatch.setattr(warm_kernels, "_START", "raise SystemExit(1)")
    broken = warm_kernels.Server()
    monkeypatch.setattr(warm_kernels, "current", lambda: broken)
    (parent,) = texts(run(cells("import os\nos.getppid()"), tmp_path))
    assert int(parent) == os.getpid()


SPOKEN_TO = "from ipykernel.kernelapp import IPKernelApp\nIPKernelApp.instance().transport"


def test_a_kernel_listens_on_no_port_and_leaves_no_file(tmp_path, monkeypatch):
    with tempfile.TemporaryDirectory() as short:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", short)
        assert texts(run(cells(SPOKEN_TO), tmp_path)) == ["'ipc'"]
        assert os.listdir(short) == []


def test_a_kernel_whose_files_would_have_too_long_a_path_listens_on_a_port(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / ("long" * 20)))
    assert texts(run(cells(SPOKEN_TO), tmp_path)) == ["'tcp'"]


def test_what_a_notebook_leaves_for_its_end_is_done_with_its_names_still_there(tmp_path):
    said = "kept = 'what was kept'\nimport atexit, pathlib"
    run(cells(said, f"atexit.register(lambda: pathlib.Path(r'{tmp_path}/end').write_text(kept));"), tmp_path)
    waited = time.monotonic() + 10
    while not (tmp_path / "end").exists() and time.monotonic() < waited:
        time.sleep(0.05)
    assert (tmp_path / "end").read_text() == "what was kept"


def test_only_this_pythons_own_kernel_is_forked():
    ours = [sys.executable, "-m", "ipykernel_launcher", "-f", "file"]
    assert forked._arguments(ours) == ["-f", "file"]
    assert forked._arguments(["/bin/sh", *ours[1:]]) is None
    assert forked._arguments([sys.executable, "-m", "xeus", "-f", "file"]) is None


@pytest.mark.parametrize("killed", ["os.getpid()", "warmed.process.pid"])
def test_kernels_end_with_the_process_that_asked_for_them_and_with_the_one_they_were_forked_from(tmp_path, killed):
    """Also one that is deep in a computation."""
    script = (
        "import asyncio, os, sys\n"
        "from retention_kit import warm_kernels\n"
        "from retention_kit.report.execution import forked\n"
        "async def main():\n"
        "    manager = forked.KernelManager(kernel_name='python3')\n"
        "    await manager.start_kernel(cwd=sys.argv[1])\n"
        "    client = manager.client()\n"
        "    client.start_channels()\n"
        "    await client.wait_for_ready()\n"
        '    client.execute(\'open("begun", "w").close()\\nwhile True: pass\')\n'
        "    while not os.path.exists(os.path.join(sys.argv[1], 'begun')): await asyncio.sleep(0.05)\n"
        "    warmed = warm_kernels.current()\n"
        "    print(warmed.process.pid, manager.provisioner.pid, flush=True)\n"
        f"    os.kill({killed}, 9)\n"
        "    if warmed.process.wait(): os._exit(0)\n"
        "asyncio.run(main())\n"
    )
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True)
    warmed, kernel = (int(word) for word in run.stdout.split())
    for pid in (warmed, kernel):
        assert _gone(pid), "a process was left behind"


def _gone(pid, patience=3.0):
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with open(f"/proc/{pid}/stat") as file:
            if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        time.sleep(0.05)
    return False
