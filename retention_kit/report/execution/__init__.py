"""Notebooks are executed in kernels of their own."""
