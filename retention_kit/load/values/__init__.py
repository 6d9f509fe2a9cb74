"""What one cell means: ids, amounts, currencies."""
