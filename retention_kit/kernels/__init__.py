"""Kernels that are ready at once: one process does the imports, and every kernel is forked from it.

It stands apart from the report so that it can begin before the report is itself imported.
"""

from retention_kit.kernels.server import available, stop, warm_up

__all__ = ["available", "stop", "warm_up"]
