"""Common parts of all formulas: checked inputs, ratios, intervals."""
