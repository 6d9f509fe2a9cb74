"""Figures of surveys."""
