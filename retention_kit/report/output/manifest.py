"""manifest.json: the inputs of a month, the versions that made it, and its results. Timings are only written here."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import retention_kit
from retention_kit.report.execution.execute import Executed
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.output import fingerprint
from retention_kit.report.settings import redaction
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.source_names import published

NAME: Final = "manifest.json"
_SHA256: Final = re.compile("[0-9a-f]{64}")
_WARNING: Final = re.compile(r"\w*Warning: .*")


def write(
    folder: Path,
    month: str,
    executed: Mapping[str, Sequence[Executed]],
    *,
    config: Config,
    plan: Plan,
    data: Workspace,
    depends: fingerprint.Inputs,
    made_by: Mapping[str, Any],
    is_due: bool = False,
) -> None:
    """Write the manifest into the folder of a month, as its last file.

    Parameters
    ----------
    executed : mapping of str to sequence of Executed
        The notebooks for all customers under ``""``, those of each segment under its folder.
    depends : mapping
        `fingerprint.inputs`.
    made_by : mapping
        `makers`.
    is_due : bool
        Whether a post to a webhook is still due: the next run then rebuilds the month.
    """
    content = {
        "month": month,
        "as_of": data.last_counted(month).isoformat(),
        "title": config.title,
        "fingerprint": fingerprint.of_month(month, depends),
        "inputs": {name: _input(name, source, config, depends) for name, source in data.facts.items()},
        "parameters": redaction.masked(dict(config.parameters)),
        "settings": depends["settings"],
        "notebooks": [
            _notebook(month, segment_folder, result, depends)
            for segment_folder, results in executed.items()
            for result in results
        ],
        "left_out": depends["left_out"],
        "segments": [asdict(segment) for segment in plan.segments],
        **made_by,
        "code": depends["code"],
        "environment": depends["environment"],
        **({"webhooks": "due"} if is_due else {}),
        "files": _files(folder),
    }
    content = redaction.hide(content, redaction.passwords_of(config))
    (folder / NAME).write_text(json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def makers(plan: Plan) -> dict[str, Any]:
    """Versions, and commits of the package and of the notebooks if they are in a git repository."""
    folders = {Path(retention_kit.__file__).parent, *(notebook.path.parent.absolute() for notebook in plan.notebooks)}
    return {"versions": fingerprint.versions(), "commits": _commits(folders)}


def _input(name: str, source: Any, config: Config, depends: fingerprint.Inputs) -> dict[str, Any]:
    facts = asdict(source)
    facts["name"] = published(config.sources[name])
    files = (f"{name}.parquet", f"{name}.rows.json")
    return facts | {"sha256_of_rows_kept": next(depends["data"][file] for file in files if file in depends["data"])}


def _notebook(month: str, segment_folder: str, result: Executed, depends: fingerprint.Inputs) -> dict[str, Any]:
    name, shown = result.notebook.name, result.shown
    plain = {key: value for key, value in result.notebook.defaults.items() if isinstance(value, (int, str))}
    return {
        "name": name,
        "segment": segment_folder,
        "heads_index": result.notebook.heads_index,
        "status": "failed" if result.failure else "whole",
        "failure": asdict(result.failure) if result.failure else None,
        "seconds": round(result.seconds, 2),
        "sha256": depends["notebooks"][name],
        "fingerprint": fingerprint.of_page(month, name, depends),
        "parameters": dict(shown),
        "makes_lists": bool(result.behind),
        "seeds": {key: value for key, value in (plain | dict(shown)).items() if "seed" in key},
        "warnings": list(_warnings(result.node)),
    }


def _warnings(node: Any) -> Iterable[str]:
    outputs = [output for cell in node.cells for output in cell.get("outputs", [])]
    texts = [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    return dict.fromkeys(match for text in texts for match in _WARNING.findall(text))


def _commits(folders: Iterable[Path]) -> dict[str, str]:
    """The commit of each folder in a git repository, by the folder's name, with a mark if files differ from it."""
    commits = {}
    for folder in sorted(folders):
        commit = _git(folder, "rev-parse", "HEAD")
        if commit:
            changed = _git(folder, "status", "--porcelain", "--", ".")
            commits[folder.name] = f"{commit} with changes" if changed else commit
    return commits


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):  # git is missing or too slow: then no commit is recorded
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _files(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    return {path.relative_to(folder).as_posix(): fingerprint.sha256(path) for path in paths}


def read(folder: Path) -> dict[str, Any] | None:
    """The manifest of a month's folder; None if no run of the report wrote one for that month.

    Notes
    -----
    It has to contain the month of the folder's name, the version of this package, and the SHA-256 of each file: a file
    that only has the same name is not a manifest.
    """
    try:
        manifest = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if isinstance(manifest, dict) and _is_ours(manifest, folder.name) else None


def _is_ours(manifest: Mapping[str, Any], month: str) -> bool:
    versions, files = manifest.get("versions"), manifest.get("files")
    if not isinstance(versions, dict) or not isinstance(files, dict):
        return False
    sums = [manifest.get("fingerprint"), *files.values()]
    are_sums = all(isinstance(value, str) and _SHA256.fullmatch(value) for value in sums)
    return are_sums and manifest.get("month") == month and "retention-kit" in versions


def unchanged(folder: Path, manifest: Mapping[str, Any] | None, expected: str) -> bool:
    """Whether a month exists, is complete, without failures and without posts that are due, and has the same inputs as
    a rebuilt month would have.

    Every file of the manifest has to be unchanged: a month is rebuilt if one of its pages was edited or lost. Files
    that the manifest does not list belong to the user and have no influence.
    """
    if manifest is None or manifest["fingerprint"] != expected or "webhooks" in manifest:
        return False
    try:
        finished = all(notebook["status"] == "whole" for notebook in manifest["notebooks"])
        return finished and all(fingerprint.sha256(folder / name) == sum for name, sum in manifest["files"].items())
    except (OSError, KeyError, TypeError):  # a file is missing, or an older version wrote the manifest
        return False
