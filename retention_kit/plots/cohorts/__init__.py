"""Figures of cohort tables."""
