"""Recurring revenue, revenue retention, and their scorecard."""
