"""What every formula starts from: checked inputs, ratios, intervals."""
