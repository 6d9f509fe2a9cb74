"""A first report.toml, written after a look at the user's file."""
