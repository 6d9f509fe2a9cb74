"""A workbench for JupyterLab: choose a period, a group and a definition, and see cohorts, money and customers."""

from retention_kit.workbench.explore import explore

__all__ = ["explore"]
