"""The meaning of single cells: ids, amounts, currencies."""
