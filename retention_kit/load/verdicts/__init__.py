"""Which rows are refused, and what is odd about those that are kept."""
