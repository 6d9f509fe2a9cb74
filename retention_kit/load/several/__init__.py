"""Several sources as one table, every payment once."""
