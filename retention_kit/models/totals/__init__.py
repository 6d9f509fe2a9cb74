"""Forecasts of totals: what all customers, or a segment, will buy; their past errors, and intervals that hold them."""
