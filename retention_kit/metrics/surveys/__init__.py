"""Scores of surveys with their intervals, and comparisons of groups."""
