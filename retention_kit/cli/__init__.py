"""The command `retention-kit`: the same work as the package, for a terminal or a scheduler.

The package is imported by the command that needs it, so that `--help` answers at once.
"""

from retention_kit.cli.main import main

__all__ = ["main"]
