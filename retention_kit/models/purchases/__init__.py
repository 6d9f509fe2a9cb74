"""Models of who will buy again without a contract."""
