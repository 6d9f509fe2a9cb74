"""Common parts of all models: customer tables, fits, posteriors, forecasts and intervals."""
