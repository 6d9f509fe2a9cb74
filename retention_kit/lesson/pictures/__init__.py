"""Figures that only lessons draw, and sliders."""
