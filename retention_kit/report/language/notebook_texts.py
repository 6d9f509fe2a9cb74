"""The texts of the package's notebooks as messages: blocks of their prose, and titles and sentences in their code.

A block of prose is one message; its formulas and the addresses of its links are values, named f1, f2 … and u1, u2 …. A
text with values in code (an f-string) is a message whose values are named after what they hold; numbers are n, n2 ….
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from retention_kit.wording import Wording

TEXTS: Final = Path(__file__).parent / "texts"
"""Texts of the package that its notebooks show, one message per line: headings of columns, what loading says, words in
figures, and sentences that results say of themselves."""
_VALUES: Final = re.compile(r"(?P<f>\$\$.+?\$\$|(?<!\\)\$[^$\n]+(?<!\\)\$)|(?<=\])\((?P<u>[^)\s]+)\)", re.DOTALL)
_HEADING: Final = re.compile(r"(#+\s+)(.+)", re.DOTALL)
_EMPHASIS: Final = re.compile(r"(\*{1,2})([^*]+)\1")
_WORDS_OF_FORMULA: Final = re.compile(r"\\text\{([^}]*)\}")
_NUMERIC: Final = re.compile(r"[\d,.+]*[dfgeE%,]")
_LETTERS: Final = re.compile(r"[A-Za-z]{2}")


def message(block: str) -> tuple[str, dict[str, str]]:
    """A block of prose as a message, without the marks of a heading, and its values.

    Examples
    --------
    >>> message("## The rate $r$, see [here](a.html)")
    ('The rate {f1}, see [here]({u1})', {'f1': '$r$', 'u1': 'a.html'})
    """
    values: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        kind = "f" if match["f"] else "u"
        name = f"{kind}{sum(other.startswith(kind) for other in values) + 1}"
        values[name] = match[kind]
        return f"{{{name}}}" if kind == "f" else f"({{{name}}})"

    heading = _HEADING.fullmatch(block)
    text = _VALUES.sub(named, heading[2] if heading else block)
    return " ".join(text.split()), values


def blocks(source: str) -> list[str]:
    """The blocks of prose of a cell."""
    return [block.strip() for block in re.split(r"\n\s*\n", source) if block.strip()]


def prose(source: str, report_words: Wording) -> str:
    """The prose of a cell in another language; a block without translation stays as it is."""
    return "\n\n".join(_block(block, report_words) for block in blocks(source))


def _block(block: str, report_words: Wording) -> str:
    id, values = message(block)
    translation = report_words.message(id)
    if translation is None and (known := None if values else report_words.known(block)) is not None:
        return known
    if translation is None and (emphasis := _EMPHASIS.fullmatch(block)):
        return f"{emphasis[1]}{report_words(emphasis[2])}{emphasis[1]}"
    if translation is None:
        return _formulas(block, report_words)
    for name, value in values.items():
        translation = translation.replace(f"{{{name}}}", _formulas(value, report_words))
    heading = _HEADING.fullmatch(block)
    return (heading[1] if heading else "") + translation


def _formulas(text: str, report_words: Wording) -> str:
    """The words inside formulas in another language."""
    return _WORDS_OF_FORMULA.sub(lambda match: rf"\text{{{report_words(match[1].strip())}}}", text)


def of_notebook(node: Any) -> Iterator[str]:
    """The messages of a notebook of the package."""
    for cell in node.cells:
        if cell.cell_type == "markdown":
            for block in blocks(cell.source):
                id, values = message(block)
                if _LETTERS.search(re.sub(r"\{\w+\}", "", id)):
                    yield id
                for value in values.values():
                    yield from (word.strip() for word in _WORDS_OF_FORMULA.findall(value))
        elif "parameters" not in cell.metadata.get("tags", ()):
            yield from of_code(cell.source)


def of_package() -> Iterator[tuple[str, str]]:
    """The messages of the package's own texts, each with the name of its list."""
    for file in sorted(TEXTS.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                yield file.stem, line.strip()


def of_code(source: str) -> Iterator[str]:
    """The texts in code that a reader sees: those with two words or a capital, but no names and no keys.

    Examples
    --------
    >>> list(of_code('table(x, id="kept", caption=f"{len(x):,} customers of {day}")'))
    ['{n} customers of {day}']
    """
    tree = ast.parse(source)
    inner = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    inner -= {node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)}
    for node in ast.walk(tree):
        text = "" if node in inner else _text(node)
        is_piece = text != text.rstrip() and text.rstrip() == text.strip() and text[:1].islower()
        if text[:1] not in (" ", ",") and not is_piece and _is_for_readers(text.strip(), node):
            yield " ".join(text.split())


def _is_for_readers(text: str, node: ast.AST) -> bool:
    literal = re.sub(r"\{\w+\}", "", text)
    if not _LETTERS.search(literal) or re.fullmatch(r"[\w{}]*_[\w{}]*", text):
        return False
    return " " in text or text[:1].isupper() or isinstance(node, ast.JoinedStr)


def _text(node: ast.AST) -> str:
    """A string constant, or an f-string with its values named; {} of `format` is one value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.replace("{}", "{value}")
    if not isinstance(node, ast.JoinedStr):
        return ""
    names: list[str] = []
    text = ""
    for value in node.values:
        if isinstance(value, ast.Constant):
            text += str(value.value)
        elif isinstance(value, ast.FormattedValue):
            names.append(_name(value, names))
            text += f"{{{names[-1]}}}"
    return text


def _name(value: ast.FormattedValue, taken: list[str]) -> str:
    spec = (
        "".join(str(part.value) for part in ast.walk(value.format_spec) if isinstance(part, ast.Constant))
        if (value.format_spec)
        else ""
    )
    name = "n" if _NUMERIC.fullmatch(spec) else _noun(value.value)
    number = sum(re.fullmatch(rf"{name}\d*", other) is not None for other in taken)
    return f"{name}{number + 1}" if number else name


def _noun(value: ast.AST) -> str:
    """What a value is called in code."""
    if isinstance(value, ast.Name):
        return value.id
    if isinstance(value, ast.Attribute):
        return value.attr
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        return value.slice.value if isinstance(value.slice.value, str) else _noun(value.value)
    return "value"
