"""One row per customer, and times between orders: gaps, survival, overdue customers."""
