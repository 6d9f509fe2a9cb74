"""Rates of customers, averages of orders, simple lifetime values, and their scorecard."""
