"""Exports of vendors: which one a file is, and what its rules do. The folder vendors holds them as data."""
