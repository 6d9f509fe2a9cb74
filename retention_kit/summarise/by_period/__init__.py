"""One row per period, and what changed from one period to the next."""
