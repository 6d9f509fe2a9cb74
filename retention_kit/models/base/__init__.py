"""What every model has: a customer table, a fit, a posterior, forecasts and intervals."""
