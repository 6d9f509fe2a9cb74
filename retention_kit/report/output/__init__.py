"""The folder of the reports: what is written into it, what is reused, and how a month is published."""
