"""Names in the package say what they hold: a few words that fit anything are not used."""

import ast
from pathlib import Path

import retention_kit

VAGUE = {"found", "told", "wanted", "words"}
"""Participles and nouns that fit any value; `headers`, `message`, `kept_values` or `titles` say which value it is."""

PACKAGE = Path(retention_kit.__file__).parent


def named(node: ast.AST) -> str:
    """The name that a node gives to a variable, an argument or a function; empty for other nodes."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.FunctionDef(name=name):
            return name.strip("_")
    return ""


def vague_names(source: str) -> list[str]:
    """The vague names in a module, each with its line."""
    return [f"line {node.lineno}: {named(node)}" for node in ast.walk(ast.parse(source)) if named(node) in VAGUE]


def test_names_are_not_vague():
    modules = {str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert {module: names for module, source in modules.items() if (names := vague_names(source))} == {}


def test_vague_names_are_seen_wherever_a_name_is_given():
    source = "def told(wanted):\n    found = wanted\n    return [words for words in found]\n"
    assert vague_names(source) == ["line 1: told", "line 1: wanted", "line 2: found", "line 3: words"]
