"""Small notebooks and small data for the tests of the report machine."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NUMBERS = """\
from IPython.display import display
rows = [
    {"name": "orders", "label": "Orders", "value": len(as_of) * 10.0, "unit": "count", "previous": 80.0},
    {"name": "churn_rate", "label": "Churn rate", "value": 0.1, "unit": "rate", "low": 0.08, "high": 0.13, "n": 500},
]
display({"text/plain": "numbers", "application/vnd.retention-kit.numbers+json": rows}, raw=True)
"""


def notebook(folder: Path, name: str, *cells: str, parameters: str = "", title: str | None = None) -> Path:
    """Write a notebook: a title, a parameters cell, and code cells; text that starts with '#!' is Markdown."""
    told = title or name.strip("0123456789_").capitalize()
    made = [new_markdown_cell(f"# {told}\n\nWhat does {told.lower()} say? It says a lot.")]
    made.append(
        new_code_cell(parameters or "orders = 'cdnow'\nas_of = '1998-06-30'", metadata={"tags": ["parameters"]})
    )
    made += [new_markdown_cell(c[2:]) if c.startswith("#!") else new_code_cell(c) for c in cells]
    node = new_notebook(cells=made, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    nbformat.write(node, path)
    return path


def orders_csv(folder: Path, **columns: list) -> Path:
    """Write a small order log of March to May 2026."""
    table = {
        "customer_id": ["a", "a", "b", "c", "c", "d"],
        "ordered_at": ["2026-03-02", "2026-04-05", "2026-03-20", "2026-04-11", "2026-05-30", "2026-05-31"],
        "amount": [10.0, 12.5, 8.0, 30.0, 31.0, 5.0],
    } | columns
    path = folder / "orders.csv"
    pd.DataFrame(table).to_csv(path, index=False)
    return path
