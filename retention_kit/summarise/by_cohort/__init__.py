"""One row per cohort and age."""
