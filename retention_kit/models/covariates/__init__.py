"""Models of purchases whose rates depend on what is known of a customer from the start."""
