"""One row per customer, and how long customers take: gaps, survival, overdue customers."""
