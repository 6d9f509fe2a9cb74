"""What goes wrong on a machine: killed runs, full disks, notebooks that never end. Earlier months stay whole, and a
later run finishes what is missing."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit.report.output import manifest
from retention_kit.report.output.fingerprint import sha256

MONTHS = ["2026-03", "2026-04", "2026-05"]
LOADS = "from retention_kit import load\nload.orders(orders).table.count().execute()"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the runs are forked, and killed by signals")


class Runner:
    """Starts runs of the command in a process that has everything imported."""

    def __init__(self):
        script = Path(__file__).parents[2] / "report_runner.py"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, str(script)], **pipes)

    def start(self, folder, *runs, **limits):
        """Begin runs together; each is a list of options of `retention-kit report --config report.toml`."""
        self.said = [folder / f"said-{number}" for number in range(len(runs))]
        base = ["report", "--config", "report.toml"]
        requests = [
            {"arguments": [*base, *run], "said": str(said), "folder": str(folder), **limits}
            for run, said in zip(runs, self.said, strict=True)
        ]
        print(json.dumps(requests), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def end(self):
        """Exit statuses, and what each run said about itself."""
        statuses = json.loads(self.process.stdout.readline())
        lines = [path.read_text(errors="replace").replace("\r", "\n").splitlines() for path in self.said]
        return statuses, [[line for line in said if line.startswith("retention-kit:")] for said in lines]

    def run(self, folder, *options, **limits):
        """One run to its end: exit status, and the lines it said."""
        self.start(folder, options, **limits)
        (status,), (said,) = self.end()
        return status, said


@pytest.fixture(scope="module")
def runner():
    runner = Runner()
    yield runner
    runner.process.stdin.close()
    runner.process.wait()


@pytest.fixture
def case(tmp_path):
    return prepared(tmp_path)


@pytest.fixture(scope="module")
def finished(runner, tmp_path_factory):
    """That shop with its report of March, and a copy of both."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "shop").mkdir()
    assert runner.run(prepared(folder / "shop"), "--month", MONTHS[0])[0] == 0
    shutil.copytree(folder / "shop", folder / "copy")
    return folder


@pytest.fixture
def march(finished):
    """The shop with its report of March as it was, in the same place."""
    shutil.rmtree(finished / "shop")
    shutil.copytree(finished / "copy", finished / "shop")
    return finished / "shop"


def prepared(folder):
    """A shop with two tiny notebooks."""
    notebook(folder / "own", "01_first", LOADS, NUMBERS)
    notebook(folder / "own", "02_second", "as_of")
    orders_csv(folder)
    (folder / "report.toml").write_text('notebooks = "own"\ncell_timeout = 60\n[sources]\norders = "orders.csv"\n')
    return folder


def state(folder):
    """Fingerprint and files of each month that is there; fails where one is not whole."""
    found = {}
    for path in sorted((folder / "reports").glob("2026-*")):
        told = json.loads((path / manifest.NAME).read_text())
        assert manifest.unchanged(path, manifest.read(path), told["fingerprint"]), f"{path} is broken"
        found[path.name] = told["files"]
    return found


def test_ten_runs_killed_at_random_moments_lose_and_break_nothing(runner, case):
    moments = random.Random(8)
    whole = {}
    for number in range(10):
        (pid,) = runner.start(case, ["--from", MONTHS[0], "--to", MONTHS[-1], *(["--force"] if number % 2 else [])])
        time.sleep(moments.uniform(0.3, 3.0))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        (status,), _ = runner.end()
        assert status in (0, -signal.SIGKILL)
        now = state(case)
        assert set(whole) <= set(now), "a month is missing"
        assert {month: now[month] for month in whole} == whole, "the same input gave other files"
        whole = now
    status, said = runner.run(case, "--from", MONTHS[0], "--to", MONTHS[-1])
    assert (status, said) == (0, [])
    assert list(state(case)) == MONTHS
    assert sorted(os.listdir(case / "reports")) == [".lock", *MONTHS, "index.html"]


def test_a_killed_run_goes_on_where_it_was(runner, march):
    before = (march / "reports" / MONTHS[0]).stat().st_ino
    assert runner.run(march, "--from", MONTHS[0], "--to", MONTHS[1])[0] == 0
    assert (march / "reports" / MONTHS[0]).stat().st_ino == before
    assert list(state(march)) == MONTHS[:2]


def test_of_two_runs_at_once_one_is_told_so(runner, case):
    run = ["--from", MONTHS[0], "--to", MONTHS[1]]
    runner.start(case, run, run)
    statuses, said = runner.end()
    assert sorted(statuses) == [0, 2]
    (refused,) = said[statuses.index(2)]
    assert "Another run is writing into" in refused
    assert list(state(case)) == MONTHS[:2]


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of its own for what is in the folder; the test is skipped where it cannot be mounted."""
    outside = folder.rename(folder.with_name("outside"))
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        shutil.copytree(outside, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def refused(outcome, says):
    status, said = outcome
    assert status == 2
    assert len(said) == 1
    assert says in said[0]


def test_a_full_disk_leaves_earlier_months_and_is_told_in_one_line(runner, march):
    with small_disk(march / "reports", "4m"):
        whole = state(march)
        free = shutil.disk_usage(march / "reports").free
        (march / "reports" / "filler").write_bytes(b"0" * (free - 60_000))
        refused(runner.run(march, "--month", MONTHS[1]), "No space left on device")
        assert state(march) == whole
        (march / "reports" / "filler").unlink()
        assert runner.run(march, "--from", MONTHS[0], "--to", MONTHS[1])[0] == 0
        assert list(state(march)) == MONTHS[:2]


def test_a_limit_on_the_size_of_files_is_told_in_one_line(runner, march):
    whole = state(march)
    refused(runner.run(march, "--month", MONTHS[1], largest_file=8_000), "File too large")
    assert state(march) == whole
    assert sorted(os.listdir(march / "reports")) == [".lock", MONTHS[0], "index.html"]


def test_a_read_only_output_folder_is_told_in_one_line(runner, march):
    with small_disk(march / "reports", "4m"):
        whole = state(march)
        subprocess.run(["mount", "-o", "remount,ro", march / "reports"], check=True)
        refused(runner.run(march, "--month", MONTHS[1]), "Read-only file system")
        assert state(march) == whole


@pytest.mark.parametrize(
    "content", [None, b"", b"\x00\xff\xfe" * 900, b"customer_id,ordered_at,amount\n1,never,much\n"]
)
def test_a_source_that_cannot_be_read_leaves_earlier_months(runner, march, content):
    whole = state(march)
    (march / "orders.csv").unlink()
    if content is not None:
        (march / "orders.csv").write_bytes(content)
    refused(runner.run(march, "--month", MONTHS[0], "--force"), "orders")
    assert state(march) == whole


def test_notebooks_that_fail_each_in_their_way_are_named_and_the_others_go_on(runner, case):
    notebook(case / "own", "03_raises", "1 + 1", "1 / 0")
    notebook(case / "own", "04_hangs", "print('so far')", "import time\ntime.sleep(600)")
    notebook(case / "own", "05_killed", "import os\nos.kill(os.getpid(), 9)")
    notebook(case / "own", "06_memory", "taken = bytearray(1 << 62)")
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))"
    notebook(case / "own", "07_limited", limit, "taken = [bytearray(1 << 28) for _ in range(64)]")
    notebook(case / "own", "08_leaves", "import sys\nsys.exit(0)", "1 + 1")
    (case / "report.toml").write_text((case / "report.toml").read_text().replace("= 60", "= 15"))
    status, said = runner.run(case, "--month", MONTHS[0])
    assert status == 1
    causes = {
        "03_raises": "cell 4: ZeroDivisionError: division by zero",
        "04_hangs": "cell 4: took longer than the time limit",
        "05_killed": "cell 3: its Python process ended",
        "06_memory": "cell 3: MemoryError",
        "07_limited": "cell 4: MemoryError",
        "08_leaves": "cell 3: SystemExit: 0",
    }
    assert len(said) == len(causes)
    for name, cause in causes.items():
        assert f"{MONTHS[0]} {name} failed in {cause}" in "\n".join(said)
    folder = case / "reports" / MONTHS[0]
    assert {path.stem for path in (folder / "failed").glob("*.html")} == set(causes)
    assert (folder / "01_first.html").is_file()
    assert "so far" in (folder / "failed" / "04_hangs.html").read_text(encoding="utf-8")
    status, _ = runner.run(case, "--month", MONTHS[1], "--only", "first")
    assert status == 0


def hashes(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != manifest.NAME)
    return {path.relative_to(folder): sha256(path) for path in files}


def test_the_clock_does_not_matter(runner, march):
    folder = march / "reports" / MONTHS[0]
    made = hashes(folder)
    for moment in (0, 4_000_000_000):
        for path in [march / "orders.csv", *march.glob("own/*"), *folder.rglob("*")]:
            os.utime(path, (moment, moment))
        before = folder.stat().st_ino
        assert runner.run(march, "--month", MONTHS[0])[0] == 0
        assert folder.stat().st_ino == before
    assert runner.run(march, "--month", MONTHS[0], "--force", env={"TZ": "Pacific/Kiritimati"})[0] == 0
    assert folder.stat().st_ino != before
    assert hashes(folder) == made
