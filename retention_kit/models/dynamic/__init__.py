"""Pareto/NBD whose rates follow covariates that change with time: campaigns, prices, seasons."""
