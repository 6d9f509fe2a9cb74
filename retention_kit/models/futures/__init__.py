"""What customers will buy: what a process of purchases supplies, and forecasts of single customers and of sums."""
