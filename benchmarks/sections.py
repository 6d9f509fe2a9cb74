"""Where benchmarks store what they found: one section each in RESULTS.md."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


def machine() -> str:
    """Machine and versions, in one sentence."""
    packages = ", ".join(f"{p} {version(p)}" for p in ("numpy", "scipy", "pandas", "lifetimes"))
    return f"{os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()}, {packages}."


def write_section(title: str, text: str) -> None:
    """Replace the section of that title, or add it; the others stay as they are."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Benchmark results\n"
    head, *parts = old.split("\n## ")
    kept = {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip() for part in parts}
    kept[title] = text.strip()
    body = "".join(f"\n## {name}\n\n{what}\n" for name, what in kept.items())
    RESULTS.write_text(head.rstrip() + "\n" + body, encoding="utf-8")
