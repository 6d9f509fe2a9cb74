"""What was in the orders, and what is bought together."""
