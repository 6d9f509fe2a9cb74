"""Subscriptions by the rules of their vendor: periods, movements, cohorts, tenures."""
