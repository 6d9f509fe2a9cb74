"""Common parts of summaries: the log up to a day, calendar periods, intervals, matching ids."""
