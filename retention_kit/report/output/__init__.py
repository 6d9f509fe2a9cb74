"""The output folder: its files, what is reused from earlier runs, and how a month is published."""
