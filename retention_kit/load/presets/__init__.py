"""Exports of vendors: how each is recognised and which rules apply. The folder vendors describes them as data."""
