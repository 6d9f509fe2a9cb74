"""The exercises, one module for each lesson, each with `EXERCISES`: name to `Exercise`."""
