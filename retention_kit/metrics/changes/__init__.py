"""Whether two figures differ by more than chance."""
