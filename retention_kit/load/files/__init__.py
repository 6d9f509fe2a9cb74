"""Files of every kind, cut into cells."""
