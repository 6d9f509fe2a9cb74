"""Models of the value of purchases, and lifetime values of customers."""
