"""Products of orders, and products that are bought together."""
