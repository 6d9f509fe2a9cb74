"""Advice in the language of the reader: an argument in Python, a flag on the command line, a key in report.toml.

A message is written once and names arguments as in Python: ``pass day_first=True or day_first=False``, ``pass
columns={"amount": "<its header>"}``, ``pass timezone=``. `said` finds the arguments in a message and converts them for
the place of the reader. A new argument of messages gets a line in `OPTIONS`; a test checks every message of the package
for arguments without one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_HEADER: Final = "<its header>"


@dataclass(frozen=True)
class Option:
    """An argument: its flag, if it has one, a sample value for the command line and for TOML, and the section of
    report.toml with its key: a source, ``[sources]``, or the top level (empty text)."""

    flag: str | None
    word: str
    sample: str
    section: str = "sources.{table}"


OPTIONS: Final[Mapping[str, Option]] = {
    "columns": Option("--columns", "NAME=HEADER", '{ NAME = "HEADER" }'),
    "keep": Option("--keep", "HEADER=VALUE", '{ HEADER = ["VALUE"] }'),
    "preset": Option("--preset", "NAME", '"NAME"'),
    "encoding": Option("--encoding", "NAME", '"cp1250"'),
    "decimal": Option("--decimal", "SIGN", '","'),
    "day_first": Option("--day-first", "", "true"),
    "query": Option("--query", "TABLE", '"TABLE"'),
    "sheet": Option("--sheet", "NAME", '"NAME"'),
    "unit": Option("--unit", "NAME", '"cents"'),
    "ends": Option("--ends", "WORD", '"inclusive"'),
    "rates": Option("--rates", "FILE", '"rates.csv"', ""),
    "identities": Option("--identities", "FILE", '"identities.csv"', ""),
    "timezone": Option("--timezone", "ZONE", '"Europe/Warsaw"', ""),
    "currency": Option("--currency", "CODE", '"EUR"', ""),
    "months": Option("--month", "YYYY-MM", "", ""),
    "output": Option("--output", "DIR", '"DIR"', ""),
    **{
        table: Option(f"--{table.replace('_', '-')}", "PATH", '"PATH"', "sources")
        for table in ("orders", "order_lines", "subscriptions", "surveys", "visits")
    },
}
"""Every argument that messages advise."""

EVERY_FILE: Final = ("encoding", "decimal", "day_first")
"""Options of sources that a command takes once, for all of its files."""

_VALUE: Final = r"True|False|None|\{[^{}]*\}|<[^<>]*>|'[^']*'|\"[^\"]*\"|[0-9]+|…|(?=[\s,;.:)]|$)"
"""A value in a message: a constant, a mapping, a header to fill in, a text, a number, or nothing."""
_NAMES: Final = rf"(?<![\w.\-])(?:{'|'.join(OPTIONS)})"
"""A name in `OPTIONS` that is not part of a longer name or of an attribute."""
_ARGUMENT: Final = re.compile(rf"({_NAMES})=({_VALUE})")
_RUN: Final = re.compile(
    rf"(?P<verb>\b[Pp]ass )?(?P<run>{_NAMES}=(?:{_VALUE})(?:(?:, or |, and |, | or | and ){_NAMES}=(?:{_VALUE}))*)"
)
"""Arguments that are advised together, and the verb before them."""
_PAIR: Final = re.compile(r"""['"]([^'"]*)['"]: *(…|'[^']*'|"[^"]*"|\[[^\]]*\])""")
"""A header and its value or values in a mapping."""
_UNKNOWN: Final = ("", "…", "...")
"""Values that a message leaves to the reader."""


@dataclass(frozen=True)
class Place:
    """Where a message is read: `language` is "python", "command" or "toml"; `tables` are those that a command names."""

    language: str
    tables: tuple[str, ...] = ("orders",)

    @property
    def main(self) -> str:
        """The table whose options need no prefix: the orders, or the only table."""
        return self.tables[0] if len(self.tables) == 1 else "orders"


PYTHON: Final = Place("python")
COMMAND: Final = Place("command")


def said(message: str, place: Place, table: str = "orders") -> str:
    """A message with its advice in the notation of a place.

    Examples
    --------
    >>> text = "ordered_at: every date looks like 3/4/2024; pass day_first=True or day_first=False"
    >>> said(text, PYTHON) == text
    True
    >>> said(text, COMMAND)
    'ordered_at: every date looks like 3/4/2024; pass --day-first or --month-first'
    >>> said(text, Place("toml"))[44:]
    'write day_first = true or day_first = false under [sources.orders]'
    >>> both = Place("command", ("orders", "surveys"))
    >>> said('Pass columns={"kind": "=nps", "score": "<its header>"}', both, "surveys")
    'Pass --columns surveys.kind==nps --columns surveys.score=HEADER'
    """
    if place.language == "python":
        return message
    return _RUN.sub(lambda run: _spelled(run, place, table), message)


def _spelled(run: re.Match[str], place: Place, table: str) -> str:
    """One or several arguments that a message advises together."""
    verb, text = run["verb"] or "", run["run"]
    if place.language == "command" and all(OPTIONS[name].flag for name, _ in _ARGUMENT.findall(text)):
        return verb + _ARGUMENT.sub(lambda match: _flag(match[1], match[2], place, table), text)
    keys = _ARGUMENT.sub(lambda match: _key(match[1], match[2]), text)
    sections = {OPTIONS[name].section.format(table=table) for name, _ in _ARGUMENT.findall(text)}
    under = f" under [{next(iter(sections))}]" if len(sections) == 1 and "" not in sections else ""
    verb = verb.replace("pass", "write").replace("Pass", "Write")
    return f"{verb}{keys}{under}" + (" in a report.toml" if place.language == "command" else "")


def _flag(name: str, value: str, place: Place, table: str) -> str:
    """An argument on the command line."""
    option = OPTIONS[name]
    if name == "day_first":
        return "--month-first" if value == "False" else "--day-first"
    front = "" if table == place.main or option.section != "sources.{table}" else table
    if value.startswith("{") and (pairs := _PAIR.findall(value)):
        front = f"{front}." if front else ""
        assignments = [f"{front}{key}={_word(item)}" for key, cell in pairs for item in _items(cell)]
        return " ".join(f"{option.flag} {shlex.quote(assignment)}" for assignment in assignments)
    word = option.word if _is_open(value) else shlex.quote({"None": "none"}.get(value, value.strip("'\"")))
    return f"{option.flag} {front + '=' if front and name not in EVERY_FILE else ''}{word}".rstrip()


def _is_open(value: str) -> bool:
    """Whether a message leaves the value to the reader."""
    text = value.strip("'\"")
    return text in _UNKNOWN or text.startswith(("{", "<"))


def _items(cell: str) -> list[str]:
    """The texts of a value of a mapping: a single text, or the texts of a list."""
    return [text[1:-1] for text in re.findall(r"'[^']*'|\"[^\"]*\"", cell)] or [cell]


def _word(item: str) -> str:
    return "HEADER" if item in (_HEADER, "…") else item


def _key(name: str, value: str) -> str:
    """An argument as a key of report.toml."""
    option = OPTIONS[name]
    if value in ("True", "False"):
        return f"{name} = {value.lower()}"
    if value == "None":
        return f'{name} = "none"'
    if value.startswith("{") and (pairs := _PAIR.findall(value)):
        return f"{name} = {{ {', '.join(f'{_bare(key)} = {_toml(cell)}' for key, cell in pairs)} }}"
    if _is_open(value):
        return f"{name} = {option.sample}" if option.sample else name
    return f"{name} = {_toml(value)}"


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else f'"{key}"'


def _toml(cell: str) -> str:
    """A text or a list of texts."""
    quoted = [f'"{_word(item)}"' for item in _items(cell)]
    return f"[{', '.join(quoted)}]" if cell.startswith("[") else quoted[0]
