"""Mathematics that the models share: ratios of gamma functions, means over a beta distribution, smoothed weights."""
