"""Read a report.toml into a `Config`: no key is ignored, and all faults are reported at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from retention_kit.errors import ConfigError, join_faults
from retention_kit.load.one_source.keep import keep_faults
from retention_kit.load.one_source.samples import NAMES
from retention_kit.load.sources.lake_tables import is_lake_table, located
from retention_kit.report.settings.config import SEGMENT_MAPS, Config, Source
from retention_kit.report.settings.value_types import closest
from retention_kit.schema import TABLES

_KEYS: Final = ({item.name for item in fields(Config)} - set(TABLES) - {"columns"}) | {"sources"}
_OPTIONS: Final = {
    "query": str,
    "sheet": str,
    "encoding": str,
    "decimal": str,
    "day_first": bool,
    "rates": str,
    "keep": dict,
    "unit": str,
    "ends": str,
}
"""Options of a source other than columns and preset, with their types."""
_SOURCE_KEYS: Final = {"from": str, "preset": str, "columns": dict} | _OPTIONS
_OF_PARTS: Final = {"name": str, "timezone": str, "currency": str}
"""Further options of one of several sources."""
_WORDS: Final = {str: "text", dict: "a table", bool: "true or false"}


def read_config(path: str | Path) -> Config:
    """Read a report.toml.

    Parameters
    ----------
    path : path
        The file. Paths in it are relative to its folder.

    Returns
    -------
    Config

    Raises
    ------
    ConfigError
        The file does not exist, is not TOML, or has an unknown key or a value of the wrong type; all faults at once.

    Notes
    -----
    A table is named under ``[sources]``: a sample, a path, ``delta:PATH``, ``iceberg:CATALOG.NAMESPACE.TABLE``, a URL
    or ``"env:NAME"`` for a URL that an environment variable holds; or as a table with ``from``, and where needed
    ``preset``, ``columns``, ``query``, ``sheet``, ``encoding``, ``decimal``, ``day_first``, ``unit``, ``ends``,
    ``rates`` (a file with the columns day, currency, rate). Several sources are a list of these, as ``orders =
    ["shop.csv", "paypal.csv"]`` or as tables ``[[sources.orders]]``, which may also have ``name``, ``timezone`` and
    ``currency``.
    ``rates`` at the top is for orders and subscriptions.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "report.toml"
    ...     _ = file.write_text('title = "Shop"\\n[sources]\\norders = "store"\\n')
    ...     read_config(file).title
    'Shop'
    """
    path = Path(path)
    content = _parsed(path)
    faults = [f"unknown key {key}, {closest(key, _KEYS)}" for key in content if key not in _KEYS]
    paths = [name for name in ("rates", "identities") if not isinstance(content.get(name, ""), str)]
    faults += [f"{name} must be text, got {content.pop(name)!r}" for name in paths]
    sources, wrong = _sources(content.pop("sources", {}), path.parent)
    faults += wrong
    values = {key: value for key, value in content.items() if key in _KEYS}
    try:
        config = Config(**{**_located(values, path.parent), **sources})
    except ConfigError as fault:
        faults.append(str(fault))
    if faults:
        raise ConfigError(f"{path}: {join_faults(faults)}")
    return config


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"There is no file {path}; `retention-kit init` writes one.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not written in UTF-8, which TOML asks for; save it again as UTF-8.") from None
    except (ValueError, RecursionError) as error:  # ValueError is also raised for numbers with thousands of digits
        raise ConfigError(f"{path} is not TOML: {error}.") from None


def _sources(tables: Any, folder: Path) -> tuple[dict[str, Source], list[str]]:
    if not isinstance(tables, Mapping):
        return {}, [f"sources must be a table such as [sources], got {tables!r}"]
    faults = [f"unknown table sources.{name}, {closest(name, TABLES)}" for name in tables if name not in TABLES]
    good = {}
    for name, value in tables.items():
        several = isinstance(value, list)
        items = value if several else [value]
        parts = [{"from": item} if isinstance(item, str) else item for item in items]
        wrong = [fault for part in parts for fault in _source_faults(f"sources.{name}", part, several=several)]
        wrong += [f"sources.{name} is an empty list; name at least one source"] if several and not parts else []
        faults += wrong
        if not wrong and name in TABLES:
            sources = tuple(_source(part, folder) for part in parts)
            good[name] = Source(sources) if several else sources[0]
    return good, faults


def _source(entry: Mapping[str, Any], folder: Path) -> Source:
    """One source, with paths independent of the working directory."""
    options = {key: entry[key] for key in _OPTIONS | _OF_PARTS if key in entry}
    if "rates" in options:
        options["rates"] = str(folder / options["rates"])
    columns, preset = entry.get("columns", {}), entry.get("preset", "auto")
    return Source(_absolute(entry["from"], folder), columns, preset, options, written=entry["from"])


def _source_faults(name: str, entry: Any, *, several: bool) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f"{name} must be text or a table with from, preset and columns, got {entry!r}"]
    keys = _SOURCE_KEYS | (_OF_PARTS if several else {})
    faults = [f"unknown key {name}.{key}, {closest(key, keys)}" for key in entry if key not in keys]
    for key, kind in keys.items():
        if key in entry and not isinstance(entry[key], kind):
            faults.append(f"{name}.{key} must be {_WORDS[kind]}, got {entry[key]!r}")
    columns = entry.get("columns", {})
    if isinstance(columns, dict):
        faults += [f"{name}.columns.{k} must be text, got {v!r}" for k, v in columns.items() if not isinstance(v, str)]
    if isinstance(entry.get("keep"), dict):
        faults += keep_faults(entry["keep"], f"{name}.keep")
    return faults if "from" in entry else [*faults, f"{name} needs a key from: a path, a URL, env:NAME or a sample"]


def _absolute(where: str, folder: Path) -> str:
    """A source's path independent of the working directory; anything other than a path is unchanged."""
    if is_lake_table(where):
        return located(where, folder)
    return where if where in NAMES or where.startswith("env:") or "://" in where else str(folder / where)


def _located(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The values with paths relative to the file's folder; `Config` reports values of the wrong type."""
    located = {"output": "reports"} | values
    if isinstance(located["output"], str):
        located["output"] = folder / located["output"]
    for name in ("rates", "identities"):
        if isinstance(located.get(name), str):
            located[name] = folder / located[name]
    given = located.get("notebooks")
    if isinstance(given, str):
        located["notebooks"] = folder / given
    elif isinstance(given, list):
        located["notebooks"] = [_notebook(entry, folder) for entry in given]
    parameters = located.get("parameters")
    if isinstance(parameters, Mapping):
        segments = parameters.get("segment_map")
        if isinstance(segments, str) and segments not in SEGMENT_MAPS:
            located["parameters"] = {**parameters, "segment_map": str(folder / segments)}
    return located


def _notebook(entry: Any, folder: Path) -> Any:
    """A path, or the name of a notebook of the package."""
    is_path = isinstance(entry, str) and (entry.endswith(".ipynb") or "/" in entry or (folder / entry).is_dir())
    return folder / entry if is_path else entry
