"""Figures over time, and of changes from one period to the next."""
