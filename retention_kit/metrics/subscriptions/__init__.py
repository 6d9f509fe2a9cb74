"""Recurring revenue, what stayed of it, and its scorecard."""
