"""Notebooks are executed, each in its own kernel."""
