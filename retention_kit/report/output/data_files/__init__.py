"""The data folder of a month: tables as CSV, Parquet and xlsx with a dictionary."""
