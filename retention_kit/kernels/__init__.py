"""Kernels that are ready at once: one process does the imports, and every kernel is forked from it.

It stands apart from the report so that it can begin before the report is itself imported.
"""

from retention_kit.kernels.garbage import none_in_imports
from retention_kit.kernels.server import available, stop, warm_up

__all__ = ["available", "none_in_imports", "stop", "warm_up"]
