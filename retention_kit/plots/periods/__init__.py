"""Figures over time, and of what changed from one period to the next."""
