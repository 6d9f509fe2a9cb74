"""Pages of customers: lists, links to them, what letters achieved."""
