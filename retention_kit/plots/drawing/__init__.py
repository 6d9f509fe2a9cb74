"""What every figure shares: style, fonts, labels, tiles, and how it is shown."""
