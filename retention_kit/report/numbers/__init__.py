"""The numbers of a month: measures, targets, alerts and changes."""
