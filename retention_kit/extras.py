"""Packages that only a part of the toolkit needs, and what to install if they are missing."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from retention_kit.errors import MissingExtraError

MODULES: Final = {
    "delta": ("deltalake",),
    "iceberg": ("pyiceberg",),
    "lab": ("anywidget", "traitlets"),
    "report": (
        "bs4",
        "ipykernel",
        "jinja2",
        "jupyter_client",
        "jupyter_core",
        "latex2mathml",
        "markupsafe",
        "nbconvert",
        "nbformat",
        "papermill",
        "traitlets",
        "xlsxwriter",
    ),
}
"""The modules of each extra of pyproject.toml that the package imports, by the names under which they are imported."""

_USERS: Final = {
    "delta": "A Delta table",
    "iceberg": "An Iceberg table",
    "lab": "The workbench",
    "report": "The report",
}


def require(extra: str) -> None:
    """Raise an error that says how to install the packages of an extra, if some are missing.

    Examples
    --------
    >>> require("report")
    """
    missing = [name for name in MODULES[extra] if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"{_USERS[extra]} needs packages that are not installed ({', '.join(missing)}): "
            f'run pip install "retention-kit[{extra}]".'
        )
