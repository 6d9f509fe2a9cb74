"""Models of how long customers keep a contract that comes up for renewal."""
