"""Jar & Scoop, an invented shop that sells groceries by weight: its truth and its tables, one file each."""

__all__: list[str] = []
