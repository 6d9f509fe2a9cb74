"""Customer retention in Jupyter: orders become customers, customers become numbers, numbers become figures."""

from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__"]


def __getattr__(name: str) -> Any:
    """`retention_kit.explore`, imported when it is asked for, so that the package itself costs nothing."""
    if name == "explore":
        from retention_kit.workbench import explore

        return explore
    raise AttributeError(f"module 'retention_kit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), "explore"]
