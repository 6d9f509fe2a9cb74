"""Models of contracts with renewals: how long customers keep them."""
