"""Twenty runs of the report's command, each ended by a signal at a random moment: what is lost, left or still running.

The real command makes three months of a small shop with the notebooks that ship, again and again into one folder, in
which a user keeps files of his own. After each signal it is checked that every month is whole (its manifest's hashes)
and no older than before, that the user's files are as they were, that no process is left, and, unless the run was
killed, that nothing private is. The run after the last one has to leave nothing but reports.
Run from the repository: python benchmarks/kills.py [signals] [longest wait in seconds] [seed]
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from sections import machine, write_section

from retention_kit.report.output import manifest

ROOT = Path(__file__).parents[1]
MONTHS = ("2026-04", "2026-05", "2026-06")
NAMES = ("SIGKILL", "SIGTERM", "SIGINT", "SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
COMMAND = [sys.executable, "-c", "from retention_kit.cli import main; main()", "report", "--config", "report.toml"]
MINE = ("reports/notes.txt", "reports/.run-notes/mine.txt", "reports/2026-03/orders.csv")
SETTLED = 3.0
"""Seconds after the end of the command in which its processes have to be gone."""

HEAD = """\
`python benchmarks/kills.py {command}`: the command makes {first} to {last} of the sample store with the notebooks that
ship and an action list, again and again into one folder, and gets a signal at a random moment. {machine}

| signal | after s | status | ended in s | its processes then | whole months | left for the next run |
|---|---|---|---|---|---|---|
"""
FOOT = """

No month was lost or mixed (every file has the SHA-256 of its month's manifest, and no file is there that it does not
list), no file of the user changed (one beside the months, one in a folder called .run-notes, one in the place of a
month, one in every finished month), no process was left {settled:.0f} seconds later. After SIGTERM, SIGINT and SIGHUP
nothing private of that run was left; what the run before had left when it was killed stays where the signal comes too
early to tidy up. The slowest end took {slowest:.2f} seconds. The last run went to its end and left reports only. Load
of the machine at the end: {load:.1f}."""


def prepared(folder: Path, notebooks: str | None) -> None:
    """A shop's settings, and the files of a user in the folder of the reports."""
    tables = {name: str(ROOT / "data" / "sample" / f"{name}.csv") for name in ("orders", "surveys", "subscriptions")}
    sources = "".join(f'{name} = "{path}"\n' for name, path in tables.items())
    own = f'notebooks = "{notebooks}"\n' if notebooks else ""
    actions = '[actions]\nlists = ["champions"]\n' if notebooks is None else ""
    (folder / "report.toml").write_text(f'currency = "EUR"\n{own}{actions}[sources]\n{sources}', encoding="utf-8")
    for name in MINE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"mine: {name}", encoding="utf-8")


def state(folder: Path) -> dict[str, str]:
    """The fingerprint of each month that is there; a month that is lost, mixed or changed is an error."""
    found = {}
    for path in sorted((folder / "reports").glob("2026-0[4-6]")):
        told = manifest.read(path)
        if told is None or not manifest.unchanged(path, told, told["fingerprint"]):
            raise AssertionError(f"{path.name} is not whole")
        listed = {*told["files"], manifest.NAME}
        there = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
        if there - listed != ({"comment.txt"} & there):
            raise AssertionError(f"{path.name} has files of another run: {sorted(there - listed)}")
        found[path.name] = told["fingerprint"]
    return found


def private(folder: Path) -> list[str]:
    """What a run has for its own time: its folder with copies of the data, the mark of its lock, files of kernels."""
    names = [path.name for path in (folder / "reports").iterdir() if path.name.startswith((".run-", ".lock-holder"))]
    elsewhere = [path.name for path in Path(tempfile.gettempdir()).glob("retention-kit-*")]
    runtime = folder / "jupyter"
    return sorted({*names, *elsewhere, *(path.name for path in runtime.glob("*"))} - {".run-notes"})


def of_the_user(folder: Path) -> dict[str, str]:
    """The user's files, also the one in a month of ours."""
    comments = [path.relative_to(folder).as_posix() for path in folder.glob("reports/2026-0[4-6]/comment.txt")]
    return {name: (folder / name).read_text(encoding="utf-8") for name in (*MINE, *comments)}


def ended(folder: Path, name: str, wait: float, env: dict[str, str]) -> tuple[int, float, list[psutil.Process], str]:
    """Start a run, end it by a signal after some seconds: status, seconds to its end, its processes, its last line."""
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    options = ["--from", MONTHS[0], "--to", MONTHS[-1], "--force"]
    run = subprocess.Popen([*COMMAND, *options], cwd=folder, env=env, preexec_fn=_as_in_a_terminal, **pipes)
    time.sleep(wait)
    if run.poll() is None:
        children = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(getattr(signal, name))
    else:
        children = []
    before = time.monotonic()
    _, said = run.communicate()
    lines = said.replace("\r", "\n").strip().splitlines() or [""]
    return run.returncode, time.monotonic() - before, children, lines[-1]


def _as_in_a_terminal() -> None:
    """A shell lets what it starts in the background ignore Ctrl+C, and the command would leave it so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def kills(folder: Path, number: int, longest: float, seed: int, notebooks: str | None = None) -> Iterator[list[str]]:
    """End runs one after another and check after each; a row for each, and one for the run to the end that follows."""
    moments, env = random.Random(seed), os.environ | {"JUPYTER_RUNTIME_DIR": str(folder / "jupyter")}
    prepared(folder, notebooks)
    known, mine, older = state(folder), of_the_user(folder), private(folder)
    for count in range(number):
        name, wait = NAMES[count % len(NAMES)], moments.uniform(0.3, longest)
        status, seconds, processes, said = ended(folder, name, wait, env)
        _, alive = psutil.wait_procs(processes, timeout=SETTLED)
        now, after, left = state(folder), of_the_user(folder), private(folder)
        sent, killed = (
            getattr(signal, name),
            name == "SIGKILL",
        )  # a run that is killed may hold a month for the next one
        checks = {
            f"status {status}: {said}": status in {0, -sent, 128 + sent},
            f"months {list(known)} became {list(now)}": killed or set(known) <= set(now),
            f"files of the user {mine} became {after}": killed or mine.items() <= after.items(),
            f"processes left: {alive}": not alive,
            f"left: {left}": killed or set(left) <= set(older),  # it may end before it comes to tidy up
        }
        if not all(checks.values()):
            raise AssertionError("; ".join(fault for fault, fine in checks.items() if not fine))
        comments = {f"reports/{month}/comment.txt" for month in now}
        for comment in comments - set(mine):
            (folder / comment).write_text(f"mine: {comment}", encoding="utf-8")
        known, mine, older = known | now, mine | of_the_user(folder), left
        yield [name, f"{wait:.1f}", str(status), f"{seconds:.2f}", str(len(processes)), str(len(now)), ", ".join(left)]
    done = subprocess.run([*COMMAND, "--from", MONTHS[0], "--to", MONTHS[-1]], cwd=folder, env=env, capture_output=True)
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    now, after, left = state(folder), of_the_user(folder), private(folder)
    if left or tuple(now) != MONTHS or not mine.items() <= after.items():
        raise AssertionError(f"left {left}, months {list(now)}, files of the user {after}")
    yield ["none", "", "0", "", "", str(len(now)), ""]


def main(number: str = "20", longest: str = "60", seed: str = "8") -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for row in kills(Path(folder), int(number), float(longest), int(seed)):
            print(*row, sep="\t", flush=True)
            rows.append(row)
    slowest = max(float(row[3]) for row in rows[:-1])
    text = HEAD.format(command=f"{number} {longest} {seed}", first=MONTHS[0], last=MONTHS[-1], machine=machine())
    text += "\n".join(f"| {' | '.join(row)} |" for row in rows)
    text += FOOT.format(settled=SETTLED, slowest=slowest, load=os.getloadavg()[0])
    write_section("Runs that are killed", text)


if __name__ == "__main__":
    main(*sys.argv[1:])
