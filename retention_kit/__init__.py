"""Customer retention in Jupyter: orders become customers, customers become numbers, numbers become figures."""

__version__ = "0.1.0"
__all__ = ["__version__"]
