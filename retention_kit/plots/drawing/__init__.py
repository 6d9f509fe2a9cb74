"""Common parts of all figures: style, fonts, labels, tiles, and display."""
