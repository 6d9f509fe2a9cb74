"""What every summary starts from: the log up to a day, calendar periods, intervals, ids that meet."""
