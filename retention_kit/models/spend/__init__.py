"""What a purchase is worth, and what a customer is worth."""
