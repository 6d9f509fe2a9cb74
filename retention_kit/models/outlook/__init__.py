"""The outlook of a business: customers who will come beside those who are known, and recurring revenue."""
