"""Answers of surveys by period, and what the customers who answered did afterwards."""
